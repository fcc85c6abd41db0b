internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime
internal import Synchronization

/// How the commands service stands: `/api/v1/status`, `/api/v1/metrics`, `/api/v1/health`.
final class CommandServiceStatus: Sendable {
    /// A log that does not answer within this time counts as away.
    private static let probeLimit: Duration = .seconds(2)
    /// How long an answer of the log is good for.
    private static let probeLifetime: Duration = .seconds(1)

    private let context: IngressContext
    private let counters: CommandCounters
    private let startedAt: Duration
    private let lastProbe = Mutex<(isConnected: Bool, at: Duration)?>(nil)

    init(context: IngressContext, counters: CommandCounters) {
        self.context = context
        self.counters = counters
        startedAt = context.time.uptime
    }

    func status() async -> HTTPResponse {
        let isConnected = await isConnected()
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("service", "flotilla")
            writer.member("version", context.configuration.version)
            writer.member("environment", "production")
            writer.member("kafka_connected", isConnected)
            writer.member("uptime", Self.words(for: uptime))
            writer.member("metrics", object: { writer in writeMetrics(isConnected, to: &writer) })
        }
        return .json(writer.bytes)
    }

    func metrics() async -> HTTPResponse {
        let isConnected = await isConnected()
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in writeMetrics(isConnected, to: &writer) }
        return .json(writer.bytes)
    }

    /// - Parameter showsDetails: whether the client said who it is.
    func health(showsDetails: Bool) async -> HTTPResponse {
        let isConnected = showsDetails ? await isConnected() : nil
        var writer = JSONWriter(capacity: 192)
        writer.object { writer in
            writer.member("status", "healthy")
            writer.member("timestamp", context.time.now)
            guard showsDetails else { return }
            writer.member("service", "flotilla")
            writer.member("version", context.configuration.version)
            writer.member("kafka_connected", isConnected)
            writer.member("uptime_seconds", uptime)
        }
        return .json(writer.bytes)
    }

    private var uptime: Double { (context.time.uptime - startedAt) / .seconds(1) }

    private func writeMetrics(_ isConnected: Bool, to writer: inout JSONWriter) {
        let counts = counters.snapshot
        writer.member("commands_sent_total", counts.accepted)
        writer.member("commands_failed_total", counts.failed)
        writer.member("uptime_seconds", uptime)
        writer.member("kafka_connected", isConnected)
        writer.member("last_error", counts.lastError?.reason)
        writer.member("last_error_time", counts.lastError?.at)
    }

    private func isConnected() async -> Bool {
        let now = context.time.uptime
        if let last = lastProbe.withLock({ $0 }), now - last.at < Self.probeLifetime { return last.isConnected }
        let isConnected = await withTaskGroup(of: Bool.self) { [context] group in
            group.addTask {
                do throws(BusError) {
                    _ = try await context.bus.log.offsets(of: Topic(context.configuration.commandTopic))
                    return true
                } catch {
                    return error.code == .unknownTopic
                }
            }
            group.addTask {
                // Cancelled: the log answered first.
                do { try await context.time.sleep(for: Self.probeLimit) } catch {}
                return false
            }
            let first = await group.next() ?? false
            group.cancelAll()
            return first
        }
        lastProbe.withLock { $0 = (isConnected, now) }
        return isConnected
    }

    /// Such as `2 hours, 30 minutes`.
    static func words(for seconds: Double) -> String {
        let total = Int(seconds)
        let parts = [(total / 86_400, "day"), (total / 3600 % 24, "hour"), (total / 60 % 60, "minute")]
            .filter { $0.0 > 0 }
        guard !parts.isEmpty else { return "\(total) second\(total == 1 ? "" : "s")" }
        return parts.map { "\($0.0) \($0.1)\($0.0 == 1 ? "" : "s")" }.joined(separator: ", ")
    }
}
