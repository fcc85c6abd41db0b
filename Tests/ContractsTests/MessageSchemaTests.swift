import Contracts
import DocumentTestKit
import Runtime
import Testing

/// What the AsyncAPI document says of the messages is what is written, and what is read.
@Suite struct MessageSchemaTests {
    private static let time = Timestamp(microseconds: 1_763_721_000_250_000)

    /// The payload schema of a message in the published document.
    private static func published(_ name: String) throws -> (check: SchemaCheck, schema: JSONValue) {
        let document = try JSONDocument(parsing: AsyncAPIDocument(version: "1").json).root
        let message = try #require(document["components"]?["messages"]?[name])
        return (SchemaCheck(document: document), try #require(message["payload"]))
    }

    private static func expectDescribed(_ name: String, _ body: [UInt8]) throws {
        let (check, schema) = try published(name)
        #expect(check.faults(try JSONDocument(parsing: body).root, schema) == [])
    }

    private static func command(_ members: String = "") throws -> CommandRequest {
        let text = #"{"device_id":"d","command_type":"reboot","payload":{"a":1},"protocol":"mqtt"\#(members)}"#
        return try CommandRequest.single(try JSONDocument(parsing: text).root, now: time)
    }

    private static func envelope(keyed: Bool) throws -> [UInt8] {
        var writer = JSONWriter()
        CommandEnvelope.write(
            try command(keyed ? #","qos":1,"metadata":{"x":1},"expires_at":"2126-01-01T00:00:00+02:00""# : ""), id: "r",
            acceptedAt: time, expiresAt: keyed ? time : nil, fingerprint: keyed ? "ab" : nil, to: &writer)
        return writer.bytes
    }

    @Test(arguments: [false, true]) func envelopesAreDescribed(isKeyed: Bool) throws {
        let line = try Self.envelope(keyed: isKeyed)
        try Self.expectDescribed("CommandEnvelope", line)
        try Self.expectDescribed("DeviceCommand", try CommandEnvelope(line: line[...]).record)
    }

    @Test func commandStatesAreDescribed() throws {
        let steps: [CommandTransition] = [
            .init(.accepted, at: Self.time, evidence: .job(queue: "q", messageID: "m")),
            .init(.published, at: Self.time, evidence: .record(topic: "t", partition: 1, offset: 2)),
            .init(.rejected, at: Self.time, evidence: .feedback(topic: "t", partition: 1, offset: 3, word: "no")),
            .init(.expired, at: Self.time, evidence: .reason("late")),
            .init(.timedOut, at: Self.time, evidence: .delivery(DeviceDelivery(transport: "mqtt"))),
        ]
        let status = CommandStatus(
            requestID: "r", deviceID: "d", commandType: "c", deviceProtocol: "coap", fingerprint: "ab",
            expiresAt: Self.time, history: steps)
        var writer = JSONWriter()
        status.write(to: &writer)
        try Self.expectDescribed("CommandStatus", writer.bytes)
        try Self.expectDescribed("AcceptedCommands", writer.bytes)
    }

    @Test func reportsOfConnectorsAreDescribed() throws {
        var full = DeviceDelivery(transport: "mqtt")
        full.broker = "b:1883"
        full.topic = "t"
        full.qos = 1
        full.mid = 7
        full.acknowledgedAt = Self.time
        full.answerBy = Self.time
        full.answer = "rejected"
        full.reason = "no"
        for (delivery, device) in [(DeviceDelivery(transport: "coap"), nil), (full, "d")] {
            for state in CommandState.allCases where state != .accepted && state != .cancelled {
                let step = CommandTransition(state, at: Self.time, evidence: .delivery(delivery))
                let report = DeviceReport(requestID: "r", deviceID: device, step: step)
                var writer = JSONWriter()
                report.write(to: &writer)
                try Self.expectDescribed("DeviceReport", writer.bytes)
                #expect(try DeviceReport(JSONDocument(parsing: writer.bytes).root) == report)
            }
        }
    }

    @Test func batchesAreDescribed() throws {
        let command = try Self.command()
        var writer = JSONWriter()
        AcceptedBatch(prefix: "p", first: 0, acceptedAt: Self.time, queue: "q", messageID: "m").write(to: &writer) {
            AcceptedBatch.writeCommand(command, expiresAt: Self.time, to: &$0)
            AcceptedBatch.writeCommand(command, expiresAt: nil, to: &$0)
            $0.null()
        }
        try Self.expectDescribed("AcceptedBatch", writer.bytes)

        writer.removeAll()
        PublishedCommands(publishedAt: Self.time, topic: "t", queue: "q", messageID: "m").begin(&writer)
        for isKeyed in [false, true] {
            let line = try Self.envelope(keyed: isKeyed)
            PublishedCommands.write(try CommandEnvelope(line: line[...]), partition: 0, offset: 1, to: &writer)
        }
        PublishedCommands.end(&writer)
        try Self.expectDescribed("PublishedCommands", writer.bytes)
    }

    @Test func samplesAreDescribed() throws {
        let empty = HostSample(host: "h", timestamp: Self.time, interval: 1)
        var full = HostSample(
            host: "h", timestamp: Self.time, interval: 1, uptime: 2,
            cpu: CPUSample(busyPercent: 1, coreBusyPercent: [1, nil], logicalCores: 2),
            memory: MemorySample(total: 4, usedPercent: 3),
            fileSystems: [FileSystemSample(mountPoint: "/", total: 1)], disks: [DiskSample(device: "d", readBytes: 1)],
            network: NetworkSample(receivedBytes: 1, interfaces: [NetworkInterfaceSample(name: "e")]),
            gpus: [GPUSample(index: 0, name: "g", busyPercent: 100)], processes: 7)
        full.cpu.userPercent = 1
        full.memory.oomKills = 2
        full.network.tcp = TCPSample()
        full.network.tcp?.established = 3
        full.pressure = PressureSample()
        full.pressure?.ioFull = 4
        full.controlGroup = ControlGroupSample()
        full.controlGroup?.version = "v2"
        full.controlGroup?.pressure = full.pressure
        full.temperatures = [TemperatureSample(sensor: "coretemp", celsius: 61)]
        full.openFiles = 5
        full.gpus[0].vendor = "amd"
        full.gpus[0].processes = [GPUProcessSample(pid: 1, memory: 2), GPUProcessSample(pid: 3)]
        full.gpus[0].problem = "GPU is lost"
        full.cpu.onlineCores = "0-1"
        full.cpu.coreTimes = CoreTimesSample { $0 == .idle ? [98.76, nil] : [0, nil] }
        full.controlGroup?.cpuset = "0,2"
        full.containers = [ContainerSample(id: "web")]
        full.containers?[0].runtime = "lxc"
        full.containers?[0].readBytesPerSecond = 1.5
        full.containerCount = 1
        full.sampler = SamplerSample(cpuMicroseconds: 1, durationMicroseconds: 2, residentBytes: 3, missed: 4)
        try Self.expectDescribed("HostSample", empty.json)
        try Self.expectDescribed("HostSample", full.json)
    }

    @Test func questionsAndAnswersAreDescribed() throws {
        let id = "01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07"
        let queries = [
            ProcessQuery(),
            ProcessQuery(order: .name, limit: 500, pattern: "^a", minimumCPUPercent: 0.5, minimumMemoryMiB: 10),
        ]
        for query in queries {
            let question = HostQuestion(
                id: id, ingress: "i", subject: HostQuestion.processes, parameters: query.json, askedAt: Self.time,
                expiresAt: Self.time)
            try Self.expectDescribed("HostQuestion", question.json)
            #expect(try HostQuestion(json: question.json) == question)
            #expect(try ProcessQuery(json: question.parameters) == query)
        }
        let sample = HostQuestion(
            id: id, ingress: "i", subject: HostQuestion.sample, parameters: Array("{}".utf8), askedAt: Self.time,
            expiresAt: Self.time)
        try Self.expectDescribed("HostQuestion", sample.json)
        #expect(try HostQuestion(json: sample.json) == sample)
        let full = ProcessInfo(
            pid: 7, name: "a\n)", status: "running", cpuPercent: 250, memoryMiB: 0.5, memoryPercent: 1, threads: 3,
            createdAt: Self.time, commandLine: "a b", parentPID: 0)
        let review = SecurityReview(checks: [
            .init("a", .unknown, "t", evidence: nil),
            .init("b", .finding, "t", evidence: "0", severity: .high, advice: "do"),
        ])
        let outcomes: [HostAnswer.Outcome] = [
            .security(review),
            .processes([]), .processes([ProcessInfo(pid: 1, name: ""), full]), .failed(.unsupported),
            .failed(.unreadable), .failed(.unsaved), .sampled(Self.time),
        ]
        for outcome in outcomes {
            let answer = HostAnswer(id: id, host: "h", answeredAt: Self.time, outcome: outcome)
            try Self.expectDescribed("HostAnswer", answer.json)
            #expect(try HostAnswer(json: answer.json) == answer)
        }
    }

    @Test func otherMessagesAreDescribed() throws {
        let request = OptimizationRequest(
            id: "01936b4e-7c1d-7b5a-9d3e-2f8a4c6e1b07", type: "memory", rollbackTimeout: .seconds(60),
            requestedBy: "1", requestedAt: Self.time)
        try Self.expectDescribed("OptimizationRequest", request.json)
        let event = OptimizationEvent(type: "t", agent: "a", data: request.json, timestamp: Self.time)
        try Self.expectDescribed("OptimizationEvent", event.json)
        let order = ControlMessage.cancel(
            .init(sessionID: request.id, requestedBy: "1", requestedAt: Self.time))
        try Self.expectDescribed("Cancellation", order.json)
        let record = AuditRecord(
            id: request.id, at: Self.time, event: "refused", who: "unknown", name: nil, target: "/", result: 401,
            requestID: "r", peer: "127.0.0.1")
        try Self.expectDescribed("AuditRecord", record.json)
        for value in [nil, Array(#"{"a":1}"#.utf8)] {
            let change = ConfigurationChange(
                id: request.id, setting: "user/a", basedOn: 0, value: value, changedAt: Self.time, changedBy: "1")
            try Self.expectDescribed("ConfigurationChange", change.json)
        }
    }

    @Test(arguments: [nil, 62.5]) func hostsAreDescribed(silence: Double?) throws {
        let change = HostChange(
            .down, host: "h", heardAt: Self.time, interval: 1, silentSeconds: silence, at: Self.time)
        try Self.expectDescribed("HostChange", change.json)
        #expect(try HostChange(json: change.json) == change)
    }

    @Test func cancellationsAreDescribed() throws {
        let wish = CommandCancellation(requestID: "r", requestedBy: "alice", requestedAt: Self.time)
        try Self.expectDescribed("CommandCancellation", wish.json)
        #expect(try CommandCancellation(json: wish.json) == wish)
        let step = CommandTransition(
            .cancelled, at: Self.time, evidence: .cancellation(by: "alice", at: Self.time))
        let status = CommandStatus(
            requestID: "r", deviceID: "d", commandType: "c", deviceProtocol: "mqtt", fingerprint: nil, expiresAt: nil,
            history: [step])
        var writer = JSONWriter()
        status.write(to: &writer)
        try Self.expectDescribed("CommandStatus", writer.bytes)
        #expect(try CommandStatus(line: writer.bytes[...]) == status)
    }

    @Test(arguments: CommandState.allCases.filter(\.isBad)) func failuresOfCommandsAreDescribed(
        state: CommandState
    ) throws {
        let notice = CommandFailureNotice(
            requestID: "r", deviceID: "d.1", commandType: "c", state: state, reason: "why", at: Self.time)
        try Self.expectDescribed("CommandFailureNotice", notice.json)
        #expect(try CommandFailureNotice(json: notice.json) == notice)
        #expect(notice.messageID == "command.\(state.rawValue).r")
        #expect(StreamNames.commandFailed(device: "d.1/ä#*") == "command.failed.d_1_____")
        let long = String(repeating: "é", count: 127)
        var other = notice
        (other.requestID, other.deviceID) = (long + "1", long)
        var another = other
        another.requestID = long + "2"
        #expect(other.messageID.utf8.count <= 255 && other.messageID != another.messageID)
        #expect(StreamNames.commandFailed(device: long).utf8.count <= 255)
    }

    @Test(arguments: [nil, "/var"], [nil, 96.5]) func alertsAreDescribed(subject: String?, value: Double?) throws {
        let change = AlertChange(
            change: .updated, alertID: "01936b4e-7c1d-4b5a-9d3e-2f8a4c6e1b07", revision: 2, host: "h",
            rule: "disk_full",
            metric: "disk_percent", subject: subject, severity: .critical, title: "t", message: "m", state: .noData,
            value: value, threshold: 95, raisedAt: Self.time, at: Self.time)
        try Self.expectDescribed("AlertChange", change.json)
        #expect(try AlertChange(json: change.json) == change)
        let delivery = WebhookDelivery(of: change, to: "https://hooks.example.com/flotilla")
        try Self.expectDescribed("WebhookDelivery", delivery.json)
        #expect(try WebhookDelivery(json: delivery.json) == delivery)
        let acknowledgement = AlertAcknowledgement(
            alertID: change.alertID, host: "h", by: "alice", note: subject, at: Self.time)
        try Self.expectDescribed("AlertAcknowledgement", acknowledgement.json)
        #expect(try AlertAcknowledgement(json: acknowledgement.json) == acknowledgement)
    }

    /// What the document shows is taken by whoever reads the message.
    @Test func examplesAreRead() throws {
        func example(_ name: String) throws -> [UInt8] {
            let message = try #require(FleetChannel.all.flatMap(\.messages).first { $0.name == name })
            return message.schema.example
        }
        #expect(try HostSample(json: example("HostSample")).gpus.count == 1)
        #expect(try CommandEnvelope(line: example("CommandEnvelope")[...]).deviceID == "sensor-17")
        #expect(try CommandStatus(line: example("CommandStatus")[...]).history.count == 1)
        let report = try #require(try DeviceReport(JSONDocument(parsing: example("DeviceReport")).root))
        #expect(report.step.state == .published)
        #expect(try AcceptedBatch.status(at: 0, requestID: "r", in: example("AcceptedBatch")) != nil)
        #expect(try OptimizationRequest(json: example("OptimizationRequest")).isDryRun)
        #expect(try OptimizationEvent(json: example("OptimizationEvent")).type == "memory_optimized")
        #expect(try AuditRecord(json: example("AuditRecord")).event == "signed_in")
        #expect(try ConfigurationChange(json: example("ConfigurationChange")).setting == "user/alice")
        #expect(CommandFeedback(record: try example("DeviceFeedback"))?.state == .acknowledged)
        #expect(try AlertChange(json: example("AlertChange")).subject == "/var")
        #expect(try AlertAcknowledgement(json: example("AlertAcknowledgement")).by == "alice")
        let question = try HostQuestion(json: example("HostQuestion"))
        #expect(
            try ProcessQuery(json: question.parameters)
                == ProcessQuery(pattern: "^python", minimumCPUPercent: 1, minimumMemoryMiB: 10))
        guard case .processes(let processes) = try HostAnswer(json: example("HostAnswer")).outcome else {
            Issue.record("not processes")
            return
        }
        #expect(processes.map(\.pid) == [4711])
        var commands = 0
        let root = try JSONDocument(parsing: try example("PublishedCommands")).root
        #expect(try PublishedCommands.read(root) { _, _ in commands += 1 })
        #expect(commands == 1)
        guard case .cancel = try ControlMessage(json: example("Cancellation")) else {
            Issue.record("not a cancellation")
            return
        }
    }

    @Test func everyMessageHasAnExampleThatFits() throws {
        for message in FleetChannel.all.flatMap(\.messages) {
            try Self.expectDescribed(message.name, message.schema.example)
        }
    }

    @Test func everyStreamIsDescribed() {
        let addresses = Set(FleetChannel.all.map(\.address))
        let used: Set = [
            StreamNames.commandRequests, StreamNames.alertWebhooks, StreamNames.optimizeHost("{host}"),
            StreamNames.commandEvents, StreamNames.commandCancellations,
            StreamNames.optimizationEvents, StreamNames.fleetEvents, StreamNames.fleetControl, StreamNames.fleetAudit,
            StreamNames.deviceCommands, StreamNames.deviceCommandStatus, StreamNames.hostMetrics,
            StreamNames.fleetConfiguration, StreamNames.inspect("{host}"), StreamNames.fleetAnswers,
        ]
        #expect(addresses == used)
    }
}
