import Contracts
import Runtime
import Testing

@Suite struct ErrorBodyTests {
    @Test func validationErrorsAreAList() throws {
        let body = ErrorBody(
            error: "validation_error", message: "The body is not valid",
            detail: .validation([
                ValidationError("missing", at: ["body", "commands", 3, "device_id"], "Field required")
            ]),
            timestamp: Timestamp(microseconds: 0), requestID: "r")
        let root = try JSONDocument(parsing: body.json).root
        #expect(
            root.members.map(\.name.string) == ["error", "message", "detail", "details", "timestamp", "request_id"])
        let first = try #require(root["detail"]?.elements.first { _ in true })
        #expect(first["loc"]?.minified == Array(#"["body","commands",3,"device_id"]"#.utf8))
        #expect(first["input"]?.isNull == true)
    }

    @Test func aSentenceIsRepeatedAsDetail() throws {
        let body = ErrorBody(
            error: "not_found", message: "No such command", timestamp: Timestamp(microseconds: 0), requestID: "r")
        #expect(try JSONDocument(parsing: body.json).root["detail"]?.string == "No such command")
    }
}
