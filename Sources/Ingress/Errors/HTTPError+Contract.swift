package import BusClients
package import Contracts
package import HTTPKit

/// The contract's answers that are not 2xx (`docs/` and `shared/contracts/README.md`).
extension HTTPError {
    /// 422 with FastAPI's list.
    package static func validation(_ errors: [ValidationError]) -> HTTPError {
        var writer = JSONWriter(capacity: 256)
        writer.array { writer in for error in errors { error.write(to: &writer) } }
        return HTTPError(
            422, "validation_error",
            errors.count == 1 ? "The request is not valid." : "The request has \(errors.count) faults.",
            detail: writer.bytes)
    }

    /// 404 of a thing that the path names.
    package static func unknown(_ what: String) -> HTTPError {
        HTTPError(404, "not_found", "There is no such \(what).")
    }

    /// 409.
    package static func conflict(_ message: String) -> HTTPError { HTTPError(409, "conflict", message) }

    /// 503 with Retry-After.
    package static func unavailable(_ message: String, retryAfter seconds: Int = 1) -> HTTPError {
        HTTPError(503, "unavailable", message, headers: ["Retry-After": String(seconds)])
    }

    /// 503: the views do not hold yet what the answer depends on.
    static let rebuilding = unavailable("The views are being rebuilt.")

    /// What a failure of the bus is to a client whose write could not be made durable.
    package init(_ error: BusError) {
        switch error.code {
        case .messageTooLarge: self = .payloadTooLarge
        case .invalidName:
            self = HTTPError(422, "validation_error", "A name in the request cannot be used.")
        case .unconfirmed:
            self = .unavailable(
                "The broker has not confirmed the request; it may or may not have been stored. Sent again with the same "
                    + "key, it takes effect once.", retryAfter: 2)
        default:
            self = .unavailable("The request could not be stored; nothing was done.", retryAfter: 2)
        }
    }
}
