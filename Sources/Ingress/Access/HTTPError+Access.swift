internal import HTTPKit

extension HTTPError {
    /// 401: there are no valid credentials; says why in words that give nothing away.
    static func unauthenticated(_ message: String = "Not authenticated") -> HTTPError {
        HTTPError(401, "unauthorized", message, headers: ["WWW-Authenticate": "Bearer"])
    }

    /// 403: the principal may not do this.
    static func forbidden(_ message: String) -> HTTPError { HTTPError(403, "forbidden", message) }

    static func missingPermission(_ permission: String) -> HTTPError {
        forbidden("Missing required permissions: \(permission)")
    }
}
