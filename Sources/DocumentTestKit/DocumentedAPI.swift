package import Contracts

/// An OpenAPI document as it was published, for holding answers against it.
package struct DocumentedAPI: Sendable {
    /// The document.
    package let root: JSONValue
    package let check: SchemaCheck

    private static let methods = ["get", "post", "put", "patch", "delete"]

    package init(json: [UInt8]) throws {
        root = try JSONDocument(parsing: json).root
        check = SchemaCheck(document: root)
    }

    /// One answer of a server.
    package struct Answer: Sendable {
        package var status: Int
        package var contentType: String?
        package var body: [UInt8]

        package init(status: Int, contentType: String?, body: [UInt8]) {
            self.status = status
            self.contentType = contentType
            self.body = body
        }
    }

    /// What an answer says that the document does not allow; empty when it is as described.
    /// - Parameter target: the path and query as they were sent.
    package func faults(of answer: Answer, to method: String, _ target: String) -> [String] {
        let path = target.split(separator: "?", maxSplits: 1, omittingEmptySubsequences: false).first ?? ""
        let faults: [String]
        if method == "OPTIONS", [200, 204].contains(answer.status) {
            faults = []  // A browser's question, answered before the routes.
        } else if let operation = operation(method == "HEAD" ? "GET" : method, String(path)) {
            faults = self.faults(of: answer, operation, hasBody: method != "HEAD")
        } else if [400, 404, 405, 408, 413, 414, 429, 431, 500, 501, 503, 505].contains(answer.status) {
            faults = method == "HEAD" ? [] : self.faults(ofError: answer)
        } else {
            faults = ["no operation is described"]
        }
        return faults.map { "\(method) \(path) → \(answer.status): \($0)" }
    }

    /// The operation of a method and a path as it was sent.
    package func operation(_ method: String, _ path: String) -> JSONValue? {
        // The server knows no empty segments.
        guard !path.contains("//") else { return nil }
        let segments = path.split(separator: "/")
        var best: (literals: Int, operation: JSONValue)?
        for (pattern, item) in root["paths"]?.members.map({ ($0.name.string, $0.value) }) ?? [] {
            let parts = pattern.split(separator: "/")
            guard parts.count == segments.count,
                zip(parts, segments).allSatisfy({ $0.hasPrefix("{") || $0 == $1 }),
                let operation = item[method.lowercased()]
            else { continue }
            let literals = parts.count { !$0.hasPrefix("{") }
            if best.map({ $0.literals < literals }) ?? true { best = (literals, operation) }
        }
        return best?.operation
    }

    /// Every operation with its method and path.
    package var operations: [(method: String, path: String, operation: JSONValue)] {
        root["paths"]?.members.flatMap { path, item in
            item.members.filter { Self.methods.contains($0.name.string) }.map {
                ($0.name.string, path.string, $0.value)
            }
        } ?? []
    }

    private func faults(of answer: Answer, _ operation: JSONValue, hasBody: Bool) -> [String] {
        // HTTP/1.1's own refusals, which no operation can know of.
        if [501, 505].contains(answer.status) { return faults(ofError: answer) }
        guard var described = operation["responses"]?[String(answer.status)] else {
            return ["the status is not described"]
        }
        if let reference = described["$ref"]?.string {
            guard let target = check.resolve(reference) else { return ["unknown reference \(reference)"] }
            described = target
        }
        guard hasBody else { return [] }
        guard let contents = described["content"] else {
            return answer.body.isEmpty ? [] : ["a body, where none is described"]
        }
        let type = answer.contentType?.split(separator: ";").first.map(String.init) ?? "none"
        guard let content = contents[type] else { return ["the content type \(type) is not described"] }
        guard type == "application/json", let schema = content["schema"] else { return [] }
        return faults(answer.body, schema)
    }

    private func faults(ofError answer: Answer) -> [String] {
        guard let schema = check.resolve("#/components/schemas/Error") else { return ["no Error is described"] }
        return faults(answer.body, schema)
    }

    private func faults(_ body: [UInt8], _ schema: JSONValue) -> [String] {
        do {
            return check.faults(try JSONDocument(parsing: body).root, schema)
        } catch {
            return ["the body is not JSON: \(error)"]
        }
    }
}
