import Contracts
import HTTPKit
import Runtime

/// Speaks with the ingress over HTTP, in the name of whoever runs the command.
struct ServiceClient: Sendable {
    /// A 2xx answer.
    struct Answer: Sendable {
        var status: Int
        var body: [UInt8]
        var document: JSONDocument

        var root: JSONValue { document.root }
    }

    private let base: String
    private let token: String?
    private let http: HTTPClient

    /// Finds the service and makes a token where none is given.
    /// - Throws: `CommandFailure`.
    init(_ settings: ClientSettings, time: any TimeSource) throws {
        http = HTTPClient(authorities: settings.authorities)
        base = try settings.baseURL()
        token = try settings.token ?? settings.mintedToken(for: base, time: time)
    }

    /// Reads one resource.
    func get(_ path: String, timeout: Duration = .seconds(10)) async throws -> Answer {
        try await send(HTTPClient.Request(url: base + path, timeout: timeout))
    }

    /// Posts a JSON body.
    func post(
        _ path: String, _ body: [UInt8], headers: [(name: String, value: String)] = []
    ) async throws -> Answer {
        let type = [(name: "Content-Type", value: "application/json")]
        return try await send(
            HTTPClient.Request(
                method: "POST", url: base + path, headers: type + headers, body: body, timeout: .seconds(30)))
    }

    private func send(_ request: HTTPClient.Request) async throws -> Answer {
        var request = request
        request.headers.append(("Accept", "application/json"))
        if let token { request.headers.append(("Authorization", "Bearer \(token)")) }
        let response: HTTPClient.Response
        do {
            response = try await http.send(request)
        } catch let error as HTTPClientError {
            throw CommandFailure(error, url: request.url)
        }
        guard (200..<300).contains(response.status) else { throw Self.refusal(response) }
        do {
            return Answer(
                status: response.status, body: response.body, document: try JSONDocument(parsing: response.body))
        } catch {
            throw CommandFailure(
                .failed, "unreadable_answer", "\(request.url) answered something that is not JSON: \(error.message)",
                hint: "Is it a Flotilla ingress?")
        }
    }

    /// Words for a refusal, from the contracts' error body where it is one.
    static func refusal(_ response: HTTPClient.Response) -> CommandFailure {
        let root = (try? JSONDocument(parsing: response.body))?.root
        let code = root?["error"]?.string ?? "http_\(response.status)"
        var message = root?["message"]?.string ?? "the service answered \(response.status)"
        if let detail = root?["detail"] { message += explain(detail, beyond: message) }
        switch response.status {
        case 401:
            return CommandFailure(
                .accessDenied, code, message, hint: "A token is given with FLOTILLA_TOKEN or --token.")
        case 403: return CommandFailure(.accessDenied, code, message)
        case 404: return CommandFailure(.notFound, code, message)
        case 429, 502, 503, 504: return CommandFailure(.unreachable, code, message, hint: "Try again in a moment.")
        default: return CommandFailure(.failed, code, message)
        }
    }

    private static func explain(_ detail: JSONValue, beyond message: String) -> String {
        if let sentence = detail.string { return sentence == message ? "" : ": \(sentence)" }
        return detail.elements.map { fault in
            let place = fault["loc"]?.elements.compactMap { $0.string ?? $0.int.map(String.init) } ?? []
            return "\n  \(place.joined(separator: ".")): \(fault["msg"]?.string ?? "not valid")"
        }.joined()
    }
}
