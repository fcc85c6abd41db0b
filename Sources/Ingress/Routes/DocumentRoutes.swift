internal import Contracts
internal import HTTPKit

/// What the service offers: `GET /`, the documents and the page of them. Registered last, so that they hold every route.
struct DocumentRoutes: RouteGroup {
    let version: String

    func register(in api: inout API) {
        let operations =
            api.operations + [DocumentOperations.index, DocumentOperations.openAPI, DocumentOperations.asyncAPI]
            + DocumentOperations.pages + [DocumentOperations.style]
        let page = DocumentationPage(operations: operations, channels: FleetChannel.all, version: version)
        add(DocumentOperations.index, .json(index(operations)), to: &api)
        add(DocumentOperations.openAPI, .json(OpenAPIDocument(operations: operations, version: version).json), to: &api)
        add(DocumentOperations.asyncAPI, .json(AsyncAPIDocument(version: version).json), to: &api)
        for operation in DocumentOperations.pages { add(operation, Self.answer(page), to: &api) }
        let style = HTTPResponse.bytes(Array(DocumentationPage.style.utf8), contentType: "text/css; charset=utf-8")
        add(DocumentOperations.style, style, to: &api)
    }

    private func add(_ operation: Operation, _ response: HTTPResponse, to api: inout API) {
        api.on(operation, .immediate { _, _ in response })
    }

    private func index(_ operations: [Operation]) -> [UInt8] {
        var writer = JSONWriter(capacity: 2048)
        writer.object { writer in
            writer.member("service", "flotilla")
            // The name that the optimizer service's clients know.
            writer.member("agent", "hardware-resource-optimizer")
            writer.member("status", "running")
            writer.member("version", version)
            writer.member("endpoints", operations.map { "\($0.method.rawValue) \($0.path)" })
        }
        return writer.bytes
    }

    private static func answer(_ page: DocumentationPage) -> HTTPResponse {
        var response = HTTPResponse.bytes(Array(page.html.utf8), contentType: "text/html; charset=utf-8")
        response.headers.set("Content-Security-Policy", "default-src 'none'; style-src 'self'; frame-ancestors 'none'")
        return response
    }
}
