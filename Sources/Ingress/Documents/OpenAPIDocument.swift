internal import Contracts
internal import HTTPKit

/// The operations as an OpenAPI 3.1 document.
struct OpenAPIDocument {
    let operations: [Operation]
    let version: String

    private static let pathTexts = [
        "request_id": Schema.text("01936b4e7c1d7b5a9d3e2f8a4c6e1b07", "The command's id.", length: 1...255),
        "task_id": Schema.uuid("The optimization's id."),
        "alert_id": Schema.text("01936b4e-7c1d-4b5a-9d3e-2f8a4c6e1b07", "The alert's id."),
        "user_id": Schema.integer(1, "The user's number."),
        "dead_letter_id": Schema.integer(17, "The dead letter's number."),
    ]

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 96 << 10)
        writer.object { writer in
            writer.member("openapi", "3.1.0")
            writer.member(
                "info",
                object: { writer in
                    writer.member("title", "Flotilla")
                    writer.member("version", version)
                    writer.member("description", Self.introduction)
                })
            writer.member(
                "tags",
                array: { writer in
                    for subject in Operation.Subject.allCases {
                        writer.object { writer in
                            writer.member("name", subject.rawValue)
                            writer.member("description", subject.text)
                        }
                    }
                })
            writer.member("paths", object: writePaths)
            writer.member("components", object: writeComponents)
        }
        return writer.bytes
    }

    static let introduction = """
        Watches hosts, optimizes them, and sends commands to devices. Sign in at `/api/v1/auth/login`, or send an API key \
        in `X-API-Key`. Every answer has an `X-Request-ID`; every answer that is not 2xx has the same body. The messages \
        on the bus are in `/asyncapi.json`.
        """

    // MARK: Paths

    private func writePaths(_ writer: inout JSONWriter) {
        var paths: [String] = []
        for operation in operations where !paths.contains(operation.path) { paths.append(operation.path) }
        for path in paths {
            writer.member(
                path,
                object: { writer in
                    for operation in operations where operation.path == path {
                        writer.member(operation.method.rawValue.lowercased(), object: { write(operation, to: &$0) })
                    }
                })
        }
    }

    private func write(_ operation: Operation, to writer: inout JSONWriter) {
        writer.member("operationId", operation.id)
        writer.member("tags", [operation.subject.rawValue])
        writer.member("summary", operation.summary)
        writer.member(
            "description", [operation.explanation, operation.access.text].compactMap(\.self).joined(separator: " "))
        write(operation.access, to: &writer)
        let parameters = Self.pathParameters(of: operation) + operation.parameters
        if !parameters.isEmpty {
            writer.member(
                "parameters", array: { writer in for parameter in parameters { Self.write(parameter, to: &writer) } })
        }
        if let body = operation.body {
            writer.member(
                "requestBody",
                object: { writer in
                    writer.member("required", true)
                    Self.write([("application/json", body.schema)], to: &writer)
                })
        }
        writer.member(
            "responses",
            object: { writer in
                for answer in operation.answers { Self.write(answer, named: String(answer.status), to: &writer) }
                for (status, text) in operation.allErrors.sorted(by: { $0.key < $1.key }) {
                    writer.member(
                        String(status),
                        object: { writer in
                            writer.member("$ref", "#/components/responses/\(ErrorAnswers.component(of: status))")
                            writer.member("description", text)
                        })
                }
            })
    }

    private func write(_ access: AccessRule, to writer: inout JSONWriter) {
        let credentials = access.credentials
        writer.member(
            "security",
            array: { writer in
                guard credentials.areRead else { return }
                if !credentials.areRequired { writer.object { _ in } }
                for scheme in ["token", "api_key"] { writer.object { $0.member(scheme, array: { _ in }) } }
            })
    }

    /// The parameters that the pattern names.
    static func pathParameters(of operation: Operation) -> [ParameterDescription] {
        operation.path.split(separator: "/").compactMap { segment in
            guard segment.hasPrefix("{"), segment.hasSuffix("}") else { return nil }
            let name = String(segment.dropFirst().dropLast())
            return ParameterDescription(name, in: .path, pathTexts[name] ?? .text("x"))
        }
    }

    private static func write(_ parameter: ParameterDescription, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("name", parameter.name)
            writer.member("in", parameter.place.rawValue)
            writer.member("required", parameter.isRequired)
            if let text = parameter.schema.text { writer.member("description", text) }
            writer.name("schema")
            parameter.schema.write(to: &writer)
            writer.member("example", raw: parameter.schema.example)
        }
    }

    private static func write(_ answer: AnswerDescription, named name: String, to writer: inout JSONWriter) {
        writer.member(
            name,
            object: { writer in
                writer.member("description", answer.text)
                if !answer.headers.isEmpty {
                    writer.member(
                        "headers",
                        object: { writer in
                            for header in answer.headers {
                                writer.member(
                                    header.name,
                                    object: { writer in
                                        writer.name("schema")
                                        header.schema.write(to: &writer)
                                    })
                            }
                        })
                }
                write(answer.contents, to: &writer)
            })
    }

    private static func write(_ contents: [(type: String, schema: Schema)], to writer: inout JSONWriter) {
        guard !contents.isEmpty else { return }
        writer.member(
            "content",
            object: { writer in
                for content in contents {
                    writer.member(
                        content.type,
                        object: { writer in
                            writer.name("schema")
                            content.schema.write(to: &writer)
                            writer.member("example", raw: content.schema.example)
                        })
                }
            })
    }

    // MARK: Components

    private func writeComponents(_ writer: inout JSONWriter) {
        let bodies = operations.compactMap(\.body?.schema)
        let answers = operations.flatMap(\.answers).flatMap(\.contents).map(\.schema)
        Schema.writeNamed(in: [ErrorAnswers.schema] + bodies + answers, to: &writer)
        writer.member(
            "responses",
            object: { writer in
                for status in Set(operations.flatMap(\.allErrors.keys)).sorted() {
                    Self.write(
                        AnswerDescription(
                            status: status, "A request that was not answered with success.",
                            contents: [("application/json", ErrorAnswers.schema)],
                            headers: ErrorAnswers.headers(of: status)),
                        named: ErrorAnswers.component(of: status), to: &writer)
                }
            })
        writer.member(
            "securitySchemes",
            object: { writer in
                writer.member(
                    "token",
                    object: { writer in
                        writer.member("type", "http")
                        writer.member("scheme", "bearer")
                        writer.member("bearerFormat", "JWT")
                    })
                writer.member(
                    "api_key",
                    object: { writer in
                        writer.member("type", "apiKey")
                        writer.member("in", "header")
                        writer.member("name", "X-API-Key")
                    })
            })
    }
}

extension Operation {
    /// Such as `get_api_v1_commands_request_id_status`: unique, because method and path are.
    var id: String {
        let words = path.split { !$0.isLetter && !$0.isNumber }
        return ([method.rawValue.lowercased()] + words.map(String.init)).joined(separator: "_")
    }
}
