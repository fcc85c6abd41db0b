import Contracts
import Runtime
import Testing

@Suite struct CommandMessageTests {
    private let time = Timestamp(microseconds: 1_767_225_600_000_001)

    private func request(_ text: String) throws -> CommandRequest {
        try CommandRequest.single(try JSONDocument(parsing: text).root, now: time)
    }

    private func envelope(_ text: String, id: String = "r-1", expiresAt: Timestamp? = nil) throws -> CommandEnvelope {
        var writer = JSONWriter()
        CommandEnvelope.write(
            try request(text), id: id, acceptedAt: time, expiresAt: expiresAt, fingerprint: "ab12",
            to: &writer)
        return try CommandEnvelope(line: writer.bytes[...])
    }

    @Test func recordsHaveTheOriginalsKeysInOrder() throws {
        let record = try envelope(
            #"{"device_id":"d","command_type":"c","payload":{"x": [1, 2.50, "é"]},"protocol":"COAP","expires_at":"2030-01-01T00:00:00Z"}"#
        ).record
        let root = try JSONDocument(parsing: record).root
        #expect(
            root.members.map(\.name.string) == [
                "request_id", "timestamp", "device_id", "command_type", "payload", "protocol", "parser_script_ref",
                "metadata", "qos", "retain", "confirmable", "priority", "expires_at",
            ])
        #expect(root["timestamp"]?.string == "2026-01-01T00:00:00.000001")
        #expect(root["payload"]?.minified == Array(#"{"x":[1,2.5,"é"]}"#.utf8))
        #expect(root["protocol"]?.string == "coap")
        #expect(root["metadata"]?.isNull == true && root["qos"]?.isNull == true)
        #expect(root["expires_at"]?.string == "2030-01-01T00:00:00+00:00")
    }

    /// The record's bytes are cut out of the line: a line with two places that look like it is refused.
    @Test(arguments: [
        #""expires_at":{"a":1,"record":{}},"#, #""fingerprint":[{"a":1,"record":{}}],"#, #""more":1,"#,
    ])
    func anEnvelopeHasNothingElse(_ member: String) throws {
        let record = #"{"request_id":"r","device_id":"d","command_type":"c","protocol":"mqtt"}"#
        let good = #"{"accepted_at":1,"record":\#(record)}"#
        #expect(try CommandEnvelope(line: Array(good.utf8)[...]).record == Array(record.utf8))
        let bad = #"{"accepted_at":1,\#(member)"record":\#(record)}"#
        #expect(throws: MessageError.self) { try CommandEnvelope(line: Array(bad.utf8)[...]) }
    }

    @Test func aBatchBeginsAtAPlace() throws {
        let batch =
            #"{"batch":"p","first":-9223372036854775808,"accepted_at":"2026-01-01T00:00:00Z","queue":"q","#
            + #""message_id":"m","commands":[["d","c","mqtt",null]]}"#
        #expect(throws: MessageError.self) {
            try AcceptedBatch.status(at: 0, requestID: "r", in: Array(batch.utf8))
        }
    }

    @Test func envelopesRoundTrip() throws {
        let expiry = time.advanced(by: .seconds(5))
        let envelope = try envelope(
            #"{"device_id":"d,\"record\":{","command_type":"c","payload":{"record":1},"protocol":"mqtt"}"#,
            id: #"a,"record":b"#, expiresAt: expiry)
        #expect(envelope.requestID == #"a,"record":b"#)
        #expect(envelope.deviceID == #"d,"record":{"#)
        #expect(envelope.acceptedAt == time && envelope.expiresAt == expiry)
        #expect(envelope.isKeyed && envelope.fingerprint == "ab12")
        #expect(try JSONDocument(parsing: envelope.record).root["payload"]?["record"]?.int == 1)
    }

    @Test(arguments: ["", "{}", "[1]", #"{"record":{},"accepted_at":1}"#])
    func refusesOtherEnvelopes(_ line: String) {
        #expect(throws: (any Error).self) { try CommandEnvelope(line: Array(line.utf8)[...]) }
    }

    @Test func headersCarryCloudEventsAndExpiry() throws {
        let envelope = try envelope(
            #"{"device_id":"d","command_type":"c","payload":{},"protocol":"mqtt"}"#, expiresAt: time)
        let parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
        let trace = try #require(TraceContext(parent, state: "k=v"))
        let headers = CommandRecord.headers(of: envelope, trace: trace)
        let names = headers.map(\.name)
        #expect(names.count == Set(names).count)
        #expect(Set(names).isSuperset(of: ["request_id", "expires_at", "ce_id", "ce_source", "ce_type", "ce_time"]))
        #expect(headers.first { $0.name == "ce_specversion" }?.value == "1.0")
        #expect(headers.first { $0.name == "traceparent" }?.value == parent)
        #expect(headers.first { $0.name == "tracestate" }?.value == "k=v")
    }

    @Test func statusesRoundTrip() throws {
        let status = CommandStatus(
            requestID: "r", deviceID: "d", commandType: "c", deviceProtocol: "mqtt", fingerprint: nil,
            expiresAt: time.advanced(by: .seconds(1)),
            history: [
                CommandTransition(.accepted, at: time, evidence: .job(queue: "q", messageID: "m")),
                CommandTransition(.published, at: time, evidence: .record(topic: "t", partition: 1, offset: 2)),
                CommandTransition(
                    .rejected, at: time, evidence: .feedback(topic: "t", partition: 1, offset: 3, word: "error")),
                CommandTransition(.expired, at: time, evidence: .reason("late")),
            ])
        var writer = JSONWriter()
        status.write(to: &writer)
        #expect(try CommandStatus(line: writer.bytes[...]) == status)
    }

    @Test func publishedCommandsRoundTrip() throws {
        let envelopes = try [
            envelope(#"{"device_id":"d","command_type":"c","payload":{},"protocol":"mqtt"}"#, id: "a", expiresAt: time),
            envelope(#"{"device_id":"e","command_type":"c","payload":{},"protocol":"coap"}"#, id: "b"),
        ]
        let job = PublishedCommands(publishedAt: time, topic: "t", queue: "q", messageID: "m")
        var writer = JSONWriter()
        job.begin(&writer)
        for (offset, envelope) in envelopes.enumerated() {
            PublishedCommands.write(envelope, partition: 2, offset: Int64(offset), to: &writer)
        }
        PublishedCommands.end(&writer)
        var statuses: [CommandStatus] = []
        let root = try JSONDocument(parsing: writer.bytes).root
        #expect(try PublishedCommands.read(root) { statuses.append($0.status(of: $1)) })
        let expected = envelopes.enumerated().map { offset, envelope in
            CommandStatus(
                envelope,
                history: [
                    CommandTransition(.accepted, at: time, evidence: .job(queue: "q", messageID: "m")),
                    CommandTransition(
                        .published, at: time, evidence: .record(topic: "t", partition: 2, offset: Int64(offset))),
                ])
        }
        #expect(statuses == expected)
        #expect(try !PublishedCommands.read(JSONDocument(parsing: "{}").root) { _, _ in })
    }

    @Test func batchesTellTheStatusOfEachCommand() throws {
        let request = try request(#"{"device_id":"d","command_type":"c","payload":{},"protocol":"mqtt"}"#)
        let batch = AcceptedBatch(prefix: "p", first: 1000, acceptedAt: time, queue: "q", messageID: "m")
        var writer = JSONWriter()
        batch.write(to: &writer) { writer in
            writer.null()
            AcceptedBatch.writeCommand(request, expiresAt: time, to: &writer)
        }
        let status = try AcceptedBatch.status(at: 1001, requestID: "r", in: writer.bytes)
        #expect(status?.deviceID == "d")
        #expect(status?.history.map(\.state) == [.accepted])
        #expect(status?.expiresAt == time)
        for index in [0, 999, 1000, 1002] {
            #expect(try AcceptedBatch.status(at: index, requestID: "r", in: writer.bytes) == nil)
        }
    }

    @Test func feedbackIsCorrelatedByRequestIDOnly() {
        let text = #"{"command_type":"feedback","device_id":"x","request_id":"r","payload":{"status":"success"}}"#
        #expect(CommandFeedback(record: Array(text.utf8))?.state == .acknowledged)
        let error = #"{"command_type":"feedback","request_id":"r","payload":{"status":"error","request_id":"r"}}"#
        #expect(CommandFeedback(record: Array(error.utf8))?.state == .rejected)
        for other in ["", "[]", #"{"command_type":"config","request_id":"r"}"#, #"{"command_type":"feedback"}"#] {
            #expect(CommandFeedback(record: Array(other.utf8)) == nil)
        }
    }

    @Test func linesLeaveOutEmptyOnes() {
        let lines = JSONLines(Array("{}\n\n[1]\n2".utf8)).map { String(decoding: $0, as: UTF8.self) }
        #expect(lines == ["{}", "[1]", "2"])
    }
}
