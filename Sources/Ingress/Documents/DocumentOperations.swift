internal import Contracts
internal import HTTPKit

/// The operations that say what the service offers.
enum DocumentOperations {
    static let index = Operation(
        .GET, "/", .service, "What this service is and answers", access: .open,
        answers: [
            .json(
                "Its name, and every method and path.",
                .object([
                    .init("service", .words(["flotilla"])), .init("agent", .words(["hardware-resource-optimizer"])),
                    .init("status", .words(["running"])), .init("version", .text("1.0.0")),
                    .init("endpoints", .array(.text("GET /health"))),
                ]))
        ])

    static let openAPI = Operation(
        .GET, "/openapi.json", .service, "This API as an OpenAPI 3.1 document", access: .open,
        answers: [.json("The document.", .map())])

    static let asyncAPI = Operation(
        .GET, "/asyncapi.json", .service, "The messages on the bus as an AsyncAPI 3.0 document", access: .open,
        answers: [.json("The document.", .map())])

    static let pages = ["/docs", "/redoc"].map { path in
        Operation(
            .GET, path, .service, "This API as a page", access: .open,
            answers: [AnswerDescription("The page.", contents: [("text/html", .text("<!doctype html>"))])])
    }

    static let style = Operation(
        .GET, DocumentationPage.stylePath, .service, "The style of the page", access: .open,
        answers: [AnswerDescription("The style.", contents: [("text/css", .text("body { margin: 0 }"))])])
}
