internal import Contracts
internal import HTTPKit
internal import Runtime

/// Writes the one error body of every family.
struct ErrorBodies: Sendable {
    let time: any TimeSource

    func render(_ error: HTTPError, requestID: String) -> HTTPResponse {
        var writer = JSONWriter(capacity: 256 + (error.detail?.count ?? 0))
        writer.object { writer in
            writer.member("error", error.code)
            writer.member("message", error.message)
            if let detail = error.detail {
                writer.member("detail", raw: detail)
            } else {
                writer.member("detail", error.message)
            }
            writer.member("details", raw: error.details)
            writer.member("timestamp", time.now)
            writer.member("request_id", requestID)
        }
        var response = HTTPResponse.json(writer.bytes, status: error.status)
        for field in error.headers { response.headers.set(field.name, field.value) }
        return response
    }
}
