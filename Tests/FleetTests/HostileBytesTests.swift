import BusTestKit
import Glibc
import Testing

/// Bytes that are no text at all, in every place of a request: refused or taken as they are, and the process goes on.
@Suite(.serialized) struct HostileBytesTests {
    /// Overlong forms of `/` and `.`, a surrogate, beyond Unicode, an unfinished sequence, NUL.
    private static let sequences: [[UInt8]] = [
        [0xff], [0xc0, 0xaf], [0xe0, 0x80, 0xaf], [0xc0, 0xae, 0xc0, 0xae], [0xed, 0xa0, 0x80],
        [0xf4, 0x90, 0x80, 0x80], [0xe2, 0x82], [0],
    ]

    @Test func whatIsNoUTF8IsNeverTaken() async throws {
        let state = try TemporaryFolder()
        let fleet = try await Fleet.up(state.path)
        try await onThread {
            for bytes in Self.sequences {
                let inBody = Array(#"{"device_id":"x"#.utf8) + bytes + Array(#"","command_type":"c"}"#.utf8)
                let json = try Self.answer(fleet, Array("POST /api/v1/commands HTTP/1.1\r\n".utf8), inBody)
                #expect(json == 422, "\(bytes) in a body: \(json)")
                let inPath = Array("GET /api/v1/commands/".utf8) + bytes + Array("/status HTTP/1.1\r\n".utf8)
                let path = try Self.answer(fleet, inPath, [])
                #expect((400..<500).contains(path), "\(bytes) in a path: \(path)")
                let inQuery = Array("GET /api/v1/commands/x/status?wait=".utf8) + bytes + Array(" HTTP/1.1\r\n".utf8)
                let query = try Self.answer(fleet, inQuery, [])
                #expect((400..<500).contains(query), "\(bytes) in a query: \(query)")
                let inKey = Array("POST /api/v1/commands HTTP/1.1\r\nIdempotency-Key: ".utf8) + bytes + [13, 10]
                let key = try Self.answer(fleet, inKey, Array(LifecycleTests.command.utf8))
                #expect((200..<500).contains(key), "\(bytes) in a header: \(key)")
            }
            #expect(try fleet.client().send("GET", "/health").status == 200)
        }
        #expect(try await fleet.stop() == 0)
    }

    /// The status of the answer to a request whose first lines are these bytes.
    private static func answer(_ fleet: Fleet, _ lines: [UInt8], _ body: [UInt8]) throws -> Int {
        let client = try fleet.client()
        let rest =
            "Host: t\r\nAuthorization: Bearer \(fleet.token)\r\nPrefer: respond-async\r\n"
            + "Content-Length: \(body.count)\r\n\r\n"
        try client.write(lines + Array(rest.utf8) + body)
        return try client.readAnswer().status
    }
}
