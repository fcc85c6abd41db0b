extension HTTPServer {
    /// The renderer of a server that is given none: `{"error", "message", "request_id"}`.
    package static let plainErrors: ErrorRenderer = { error, requestID in
        let json =
            "{\"error\":\"\(error.code)\",\"message\":\"\(error.message)\",\"request_id\":\"\(escaped(requestID))\"}"
        var response = HTTPResponse.json(Array(json.utf8), status: error.status)
        for field in error.headers { response.headers.append(field.name, field.value) }
        return response
    }

    /// Request ids are printable ASCII: only two characters need an escape in JSON.
    private static func escaped(_ text: String) -> String {
        text.reduce(into: "") { result, character in
            if character == "\"" || character == "\\" { result.append("\\") }
            result.append(character)
        }
    }
}
