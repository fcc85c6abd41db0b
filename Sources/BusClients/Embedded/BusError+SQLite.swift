internal import SQLiteKit

extension BusError {
    /// What a failure of the store means on the bus.
    init(_ error: any Error) {
        switch error {
        case let error as BusError: self = error
        case let error as SQLiteError:
            let code: Code =
                switch error.code {
                case .diskFull: .diskFull
                case .busy, .inputOutput, .cannotOpen, .constraint, .misuse: .unavailable
                case .corrupt: .corrupt
                case .newerVersion: .unsupported
                case .closed: .closed
                }
            self.init(code, error.message, underlyingCode: Int(error.sqliteCode))
        default: self.init(.unavailable, "the store failed")
        }
    }

    /// Runs a call into the store and gives its failure as the bus's.
    static func mapping<T>(_ body: () async throws -> T) async throws(BusError) -> T {
        do { return try await body() } catch { throw BusError(error) }
    }
}
