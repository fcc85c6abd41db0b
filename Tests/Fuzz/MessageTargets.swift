import Contracts
import Runtime

@testable import Ingress

/// Everything that comes over the bus.
enum MessageTargets {
    static let now = Timestamp(microseconds: 1_795_000_000_000_000)

    static var all: [FuzzTarget] {
        [json, envelope, status, published, acceptedBatch, feedback, report, command, answer, sample] + records
    }

    /// Any JSON: its values, and the same text without white space.
    private static let json = FuzzTarget(
        "json",
        texts: [
            #"{"a":[1,-2,3.5e10,true,false,null,"x\u00e9\ud83d\ude00\n"],"b":{"c":{}}}"#, "[]", "\"text\"", "0",
            "{\"a\":1}\n{\"b\":[2]}\n", "18446744073709551615", " [ 1 , 2 ] ",
        ]
    ) { input in
        var lines = 0
        for line in JSONLines(input) {
            lines += 1
            try walk(JSONDocument(parsing: line).root)
        }
        guard lines == 1 else { return }
        let document = try JSONDocument(parsing: input)
        try Finding.unlessStable(document.root.minified, { $0 }, { try JSONDocument(parsing: $0).root.minified })
    }

    /// Reads every value as everything.
    private static func walk(_ value: JSONValue) throws {
        _ = (value.bool, value.int, value.uint64, value.double, value.timestamp, value.isString("x"), value["a"]?.kind)
        let members = Array(value.members)
        try Finding.unless(members.isEmpty || value.count == members.count, "members are counted wrong")
        for member in members {
            try Finding.unless(value[member.name.string] != nil, "a member is not found by its name")
            try walk(member.value)
        }
        for element in value.elements { try walk(element) }
    }

    private static let envelope = FuzzTarget(
        "envelope",
        texts: [
            #"{"accepted_at":1795000000000000,"expires_at":1795000100000000,"fingerprint":"00ff","record":"#
                + #"{"request_id":"r","timestamp":"2026-11-21T03:00:00","device_id":"d","command_type":"reboot","#
                + #""payload":{"a":1},"protocol":"mqtt","metadata":null,"qos":1}}"#
        ]
    ) { input in
        let envelope = try CommandEnvelope(line: input[...])
        try Finding.unlessJSON(envelope.record)
        _ = CommandRecord.headers(of: envelope, trace: TraceContext(trace: (1, 2), span: 3))
        var writer = JSONWriter()
        let job = PublishedCommands(publishedAt: now, topic: "t", queue: "q", messageID: "m")
        job.begin(&writer)
        PublishedCommands.write(envelope, partition: 3, offset: .max, to: &writer)
        PublishedCommands.end(&writer)
        var found: [String] = []
        let isPublished = try PublishedCommands.read(JSONDocument(parsing: writer.bytes).root) { job, command in
            found.append(job.status(of: command).requestID)
        }
        try Finding.unless(isPublished && found == [envelope.requestID], "a published command is not read again")
    }

    private static let status = FuzzTarget(
        "status",
        texts: [
            #"{"request_id":"r","device_id":"d","command_type":"c","protocol":"coap","fingerprint":"ab","#
                + #""expires_at":"2026-11-22T03:00:00Z","history":[{"status":"accepted","#
                + #""at":"2026-11-21T03:00:00.1Z","evidence":{"queue":"q","message_id":"m"}},{"status":"published","#
                + #""at":"2026-11-21T03:00:01Z","evidence":{"topic":"t","partition":1,"offset":7}},"#
                + #"{"status":"rejected","at":"2026-11-21T03:00:02Z","evidence":{"topic":"t","partition":1,"#
                + #""offset":8,"feedback":"error"}}]}"#,
            #"{"request_id":"r","device_id":"d","command_type":"c","protocol":"mqtt","expires_at":null,"history":"#
                + #"[{"status":"failed","at":"2026-11-21T03:00:00Z","evidence":{"reason":"x"}}]}"#,
        ]
    ) { input in
        let status = try CommandStatus(line: input[...])
        try Finding.unlessStable(
            status,
            { status in
                var writer = JSONWriter()
                status.write(to: &writer)
                return writer.bytes
            }, { try CommandStatus(line: $0[...]) })
        try Finding.unlessJSON(status.at(now, grace: .seconds(6)).json)
    }

    private static let published = FuzzTarget(
        "published",
        texts: [
            #"{"published_at":"2026-11-21T03:00:00Z","topic":"t","queue":"q","message_id":"m","commands":"#
                + #"[["r","d","c","mqtt",null,1795000000000000,null,0,1],["s","d","c","coap","ab",1,2,3,4]]}"#
        ]
    ) { input in
        _ = try PublishedCommands.read(JSONDocument(parsing: input).root) { job, command in
            let status = job.status(of: command)
            try Finding.unlessJSON(status.at(now, grace: .seconds(6)).json)
        }
    }

    private static let acceptedBatch = FuzzTarget(
        "accepted_batch",
        texts: [
            #"{"batch":"0123456789abcdef0123456789abcdef","first":2,"accepted_at":"2026-11-21T03:00:00Z","#
                + #""queue":"q","message_id":"m","commands":[["d","c","mqtt",1795000000000000],null,"#
                + #"["d","c","coap",null]]}"#
        ]
    ) { input in
        for index in [0, 2, 3, 4, 9999, 65_535] {
            guard let status = try AcceptedBatch.status(at: index, requestID: "r", in: input) else { continue }
            try Finding.unlessJSON(status.at(now, grace: .seconds(6)).json)
        }
    }

    private static let feedback = FuzzTarget(
        "feedback",
        texts: [
            #"{"command_type":"feedback","request_id":"r","payload":{"status":"success"}}"#,
            #"{"command_type":"feedback","payload":{"request_id":"r","status":1}}"#,
        ]
    ) { input in
        guard let feedback = CommandFeedback(record: input) else { throw Refused() }
        _ = feedback.state
    }

    private static let report = FuzzTarget(
        "device_report",
        texts: [
            #"{"request_id":"r","device_id":"d","report":{"status":"published","at":"2026-11-21T03:00:00Z","#
                + #""evidence":{"transport":"mqtt","broker":"b:1883","topic":"t","qos":1,"mid":7,"#
                + #""acknowledged_at":"2026-11-21T03:00:00Z","answer_by":"2026-11-21T03:01:00Z"}}}"#,
            #"{"request_id":"r","device_id":null,"report":{"status":"rejected","at":"2026-11-21T03:00:01Z","#
                + #""evidence":{"transport":"mqtt","answer":"rejected","reason":"no"}}}"#,
        ]
    ) { input in
        guard let report = try DeviceReport(JSONDocument(parsing: input).root) else { throw Refused() }
        try Finding.unlessStable(
            report,
            { report in
                var writer = JSONWriter()
                report.write(to: &writer)
                return writer.bytes
            },
            { bytes in
                guard let report = try DeviceReport(JSONDocument(parsing: bytes).root) else { throw Refused() }
                return report
            })
        var history = DeviceHistory()
        for state in CommandState.allCases {
            history.add(CommandTransition(state, at: report.step.at, evidence: report.step.evidence))
        }
        history.add(report.step)
        try Finding.unless(
            try DeviceHistory(json: String(decoding: history.json, as: UTF8.self)) == history,
            "a history is not read again")
    }

    private static let command = FuzzTarget(
        "device_command",
        texts: [
            #"{"request_id":"r","timestamp":"2026-11-21T03:00:00","device_id":"d","command_type":"reboot","#
                + #""payload":{"a":1},"protocol":"mqtt","metadata":{"topic":"a/b","mqtt_topic":"broker_data/b/x","#
                + #""qos":2,"retain":false,"response_timeout_seconds":1.5},"qos":1,"retain":true,"priority":-3,"#
                + #""expires_at":"2026-11-22T03:00:00+02:00"}"#
        ]
    ) { input in
        let command = try DeviceCommand(value: input, expiresAt: nil)
        try Finding.unlessJSON(command.payload)
        try Finding.unless((0...2).contains(command.qos ?? 0), "a quality that MQTT does not have")
    }

    private static let answer = FuzzTarget(
        "device_answer",
        texts: [
            #"{"status":"acknowledged"}"#, #"{"status":"rejected","request_id":"r","reason":"the valve is stuck"}"#,
        ]
    ) { input in
        let answer = try DeviceAnswer(message: input)
        try Finding.unless(answer.state == .acknowledged || answer.state == .rejected, "no answer")
    }

    private static let sample = FuzzTarget(
        "host_sample",
        texts: [
            #"{"host":"alpha","timestamp":"2026-11-21T03:00:00Z","interval":1.0,"uptime":5.5,"cpu":{"#
                + #""busy_percent":12.5,"logical_cores":2,"online_cores":"0,2","core_times":{"user":[12.5,null],"idle":[0,"#
                + #"100]},"load1":0.5},"memory":{"total":4294967296,"#
                + #""available":1,"used":3221225472,"used_percent":75.0},"file_systems":[{"mount_point":"/","#
                + #""total":5,"used":2,"available":3,"used_percent":40.0}],"disks":[{"device":"vda","#
                + #""read_bytes_per_second":1.0,"written_bytes_per_second":2.0}],"network":{"received_bytes":1,"#
                + #""sent_bytes":2,"interfaces":[{"name":"eth0","received_bytes":1}]},"gpus":[{"index":0,"#
                + #""name":"g","memory_total":9,"memory_used":3}],"gpu_reason":null,"processes":9,"#
                + #""pressure":{"cpu_some_percent":1.5},"cgroup":{"version":"v2","path":"/a","pressure":{}},"#
                + #""temperatures":[{"sensor":"coretemp","celsius":61.5}],"open_files":9,"#
                + #""containers":[{"id":"web","name":"web","runtime":"lxc","cpu_percent":150.5,"pids":4}],"#
                + #""container_count":1,"sampler":{"cpu_us":140.0,"duration_us":1,"resident_bytes":1,"missed":0}}"#
        ]
    ) { input in
        let sample = try HostSample(json: input)
        try Finding.unlessStable(sample, \.json, { try HostSample(json: $0) })
        var host = HostState(sample: sample, heardAt: now)
        host.update(sample, heardAt: now, now: now)
        let isStale = host.isStale(now: now, interval: .seconds(1))
        var options = SystemMetricsBody.Options()
        options.includesGPU = true
        options.sampleDuration = 60
        try Finding.unlessJSON(SystemMetricsBody(host: host, isStale: isStale, options: options).json)
        _ = SystemMetricsCSV.line(host, isStale: isStale, sampleDuration: 1)
        guard let stats = host.stats else { return }
        var writer = JSONWriter()
        stats.write(to: &writer, isStale: isStale)
        try Finding.unlessJSON(writer.bytes)
    }
}

/// An input was not taken, by something that does not throw.
struct Refused: Error {}
