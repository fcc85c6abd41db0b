/// Why a server could not start.
package struct HTTPServerError: Error, Sendable, CustomStringConvertible {
    /// The kinds of failure.
    package enum Code: String, Sendable, Hashable {
        /// The host isn't an address.
        case badAddress
        /// Something else listens there.
        case addressInUse
        /// The address isn't of this host, or the port needs privileges.
        case bindFailed
        /// The library refused to start; with TLS, mostly a bad certificate or key.
        case startFailed
    }

    /// The kind of failure.
    package let code: Code
    /// A sentence that names the address.
    package let message: String
    /// The value of errno, or 0.
    package let errno: Int32

    package var description: String { message }
}
