import Contracts
import Ingress
import Runtime

/// Commands of batches that were published, as the pusher's status records tell of them: a thousand in a record, and one
/// record in a transaction.
struct CommandFill {
    private static let devices = 10_000
    private static let perJob = 1000
    /// Less than the week for which commands are kept.
    private static let span: Int64 = 6 * 86_400_000_000

    let path: String
    let commands: Int

    func run() async throws -> FillResult {
        let time = SystemTime()
        let projection = CommandProjection(time: time, metrics: MetricsRegistry(), logger: .silent)
        var fill = try await Fill(path: path, projection: projection)
        let jobs = max(1, commands / Self.perJob)
        let begin = time.now.microseconds - Self.span
        for job in 0..<jobs {
            let at = Timestamp(microseconds: begin + Int64(job) * (Self.span / Int64(jobs)))
            try await fill.add(key: "", body: record(job, at), at: at)
            try await fill.flush()
        }
        return try await fill.finish(tables: ["commands", "command_blocks"])
    }

    private func record(_ job: Int, _ at: Timestamp) -> [UInt8] {
        let digits = String(job, radix: 16)
        let prefix = "01936b4e-7c1d-7b5a-9d3e-" + String(repeating: "0", count: 8 - digits.count) + digits
        let published = PublishedCommands(
            publishedAt: at, topic: StreamNames.deviceCommands, queue: StreamNames.commandRequests, messageID: prefix)
        var writer = JSONWriter(capacity: Self.perJob * 160)
        published.begin(&writer)
        for place in 0..<Self.perJob {
            let digits = String(place, radix: 16)
            writer.beginArray()
            writer.string(prefix + String(repeating: "0", count: 4 - digits.count) + digits)
            // Devices in no order, as they are in a fleet.
            writer.string("device-\((job &* Self.perJob &+ place) &* 7919 % Self.devices)")
            writer.string("reboot")
            writer.string("mqtt")
            writer.null()
            writer.int(at.microseconds)
            writer.int(at.microseconds + 86_400_000_000)
            writer.int(place % 6)
            writer.int(job * Self.perJob + place)
            writer.endArray()
        }
        PublishedCommands.end(&writer)
        return writer.bytes
    }
}
