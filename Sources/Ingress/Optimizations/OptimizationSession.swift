internal import Contracts
internal import Runtime

/// One optimization as the view knows it.
struct OptimizationSession: Sendable {
    let id: String
    /// The principal that asked.
    let owner: String
    let host: String?
    let requestedAt: Timestamp
    let result: OptimizationResult
}
