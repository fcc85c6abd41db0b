/// Why a session or a step cannot succeed, however often it is tried.
///
/// Any other error that an optimization throws means "not now": the request is delivered again.
package struct OptimizationError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// A parameter is malformed or out of range.
        case invalidParameter
        /// The host does not have or permit what it takes.
        case unavailable
        /// A system call failed.
        case systemCall
    }

    package let code: Code
    package let message: String
    /// `errno`, if a call failed.
    package let underlyingCode: Int32?
    package var isRetriable: Bool { false }
    package var isFatal: Bool { false }

    package init(_ code: Code, _ message: String, underlyingCode: Int32? = nil) {
        self.code = code
        self.message = message
        self.underlyingCode = underlyingCode
    }

    package var description: String { "\(code.rawValue): \(message)" }
}
