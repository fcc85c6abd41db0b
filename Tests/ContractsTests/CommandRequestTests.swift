import Contracts
import Runtime
import Testing

@Suite struct CommandRequestTests {
    /// 2026-01-01T00:00:00Z.
    private let now = Timestamp(microseconds: 1_767_225_600_000_000)

    private func decode(_ extra: String = "", replacing: (String, String)? = nil) throws -> CommandRequest {
        var text =
            #"{"device_id":"d-1","command_type":"config","payload":{"a":1},"protocol":"MQTT"\#(extra.isEmpty ? "" : "," + extra)}"#
        if let replacing, let range = text.firstRange(of: replacing.0) {
            text.replaceSubrange(range, with: replacing.1)
        }
        return try CommandRequest.single(try JSONDocument(parsing: text).root, now: now)
    }

    private func faults(_ text: String) throws -> [String] {
        let root = try JSONDocument(parsing: text).root
        do {
            _ = try CommandRequest.single(root, now: now)
            return []
        } catch {
            return error.errors.map { error in
                let path = error.location.map { element in
                    switch element {
                    case .name(let name): name
                    case .index(let index): "\(index)"
                    }
                }
                return "\(path.joined(separator: ".")) \(error.type)"
            }
        }
    }

    @Test func takesTheSmallestCommand() throws {
        let request = try decode()
        #expect(request.deviceID == "d-1")
        #expect(request.deviceProtocol == .mqtt)
        #expect(request.requestID == nil && request.metadata == nil && request.expiresAt == nil)
    }

    @Test func takesEveryField() throws {
        let request = try decode(
            #"""
            "request_id":"r","timestamp":"2026-01-01T10:00:00+02:00","metadata":{"mqtt_topic":"a/b"},"priority":"3",
            "expires_at":"2026-06-01","parser_script_ref":"x.py","qos":2.0,"retain":"yes","confirmable":0
            """#)
        #expect(request.requestID == "r")
        #expect(request.timestamp?.naive == "2026-01-01T08:00:00")
        #expect(request.priority == 3 && request.qos == 2)
        #expect(request.retain == true && request.confirmable == false)
        #expect(request.expiresAt?.isoFormat == "2026-06-01T00:00:00")
        #expect(request.parserScript == "x.py")
    }

    @Test func takesNullForWhatIsOptional() throws {
        let request = try decode(
            #""request_id":null,"metadata":null,"priority":null,"expires_at":null,"qos":null,"retain":null,"confirmable":null,"parser_script_ref":null"#
        )
        #expect(request.requestID == nil)
    }

    @Test func listsEverythingThatIsWrong() throws {
        #expect(
            try faults("{}") == [
                "body.device_id missing", "body.command_type missing", "body.payload missing", "body.protocol missing",
            ])
        #expect(
            try faults(
                #"{"device_id":5,"command_type":"feedback","payload":[],"protocol":"http","x":1,"qos":3,"timestamp":null}"#
            )
                == [
                    "body.device_id string_type", "body.command_type value_error", "body.payload dict_type",
                    "body.protocol value_error", "body.x extra_forbidden", "body.qos less_than_equal",
                    "body.timestamp datetime_type",
                ])
        #expect(try faults("[]") == ["body model_attributes_type"])
    }

    @Test(arguments: [
        (#""device_id":"""#, "body.device_id string_too_short"), (#""priority":1.5"#, "body.priority int_from_float"),
        (#""priority":"1.5""#, "body.priority int_parsing"), (#""priority":[]"#, "body.priority int_type"),
        (#""retain":2"#, "body.retain bool_parsing"), (#""retain":{}"#, "body.retain bool_type"),
        (#""qos":-1"#, "body.qos greater_than_equal"), (#""metadata":"x""#, "body.metadata dict_type"),
        (#""metadata":{"mqtt_topic":5}"#, "body.metadata.mqtt_topic string_type"),
        (#""metadata":{"topic":null}"#, "body.metadata.topic string_type"),
        (#""metadata":{"topic":"a/#"}"#, "body.metadata.topic value_error"),
        (#""metadata":{"mqtt_topic":"a/+/b"}"#, "body.metadata.mqtt_topic value_error"),
        (#""expires_at":"2020-01-01T00:00:00Z""#, "body.expires_at value_error"),
        (#""expires_at":1577836800"#, "body.expires_at value_error"),
        (#""expires_at":"soon""#, "body.expires_at datetime_from_date_parsing"),
        (#""parser_script_ref":"a/b.py""#, "body.parser_script_ref value_error"),
        (#""parser_script_ref":"b.txt""#, "body.parser_script_ref value_error"),
        (#""request_id":"""#, "body.request_id string_too_short"),
        (#""request_id":"a\u0000b""#, "body.request_id value_error"),
    ])
    func refuses(_ field: String, _ fault: String) throws {
        var text = #"{"device_id":"d","command_type":"c","payload":{},"protocol":"coap"}"#
        if field.hasPrefix(#""device_id""#) {
            text = text.replacing(#""device_id":"d""#, with: field)
        } else {
            text = text.dropLast() + ",\(field)}"
        }
        #expect(try faults(text) == [fault])
    }

    @Test func boundsTheDeviceIDInBytes() throws {
        _ = try decode(replacing: ("d-1", String(repeating: "a", count: 255)))
        #expect(throws: ValidationErrors.self) { try decode(replacing: ("d-1", String(repeating: "é", count: 128))) }
    }

    @Test func refusesAWholeBatchForOneCommand() throws {
        let good = #"{"device_id":"d","command_type":"c","payload":{},"protocol":"coap"}"#
        func batch(_ text: String) throws -> [CommandRequest] {
            try CommandRequest.batch(try JSONDocument(parsing: text).root, now: now)
        }
        #expect(try batch(#"{"commands":[\#(good),\#(good)]}"#).count == 2)
        for text in [
            "[]", "{}", #"{"commands":{}}"#, #"{"commands":[]}"#, #"{"commands":[\#(good),{}]}"#,
            #"{"commands":[\#(good)],"x":1}"#,
        ] {
            #expect(throws: ValidationErrors.self) { try batch(text) }
        }
        let many = Array(repeating: good, count: 10_001).joined(separator: ",")
        #expect(throws: ValidationErrors.self) { try batch(#"{"commands":[\#(many)]}"#) }
    }

    @Test func boundsTheListOfFaults() throws {
        let bad = Array(repeating: "{}", count: 10_000).joined(separator: ",")
        let root = try JSONDocument(parsing: #"{"commands":[\#(bad)]}"#).root
        #expect(throws: ValidationErrors.self) { try CommandRequest.batch(root, now: now) }
        do {
            _ = try CommandRequest.batch(root, now: now)
        } catch {
            #expect(error.errors.count == CommandRequest.maximumErrors)
        }
    }
}
