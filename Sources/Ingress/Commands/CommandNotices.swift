internal import BusClients
internal import Contracts
internal import Runtime
internal import SQLiteKit

/// Tells the fleet of commands that a device refused on the command topic: nobody else reads that topic for it.
///
/// Of several ingresses two may tell at the same moment, with the same message id. After its view was built anew an ingress
/// knows from `fleet_events` what was told.
struct CommandNotices: Sendable {
    /// How long refusals are gathered, and another ingress may be faster.
    private static let gathering: Duration = .milliseconds(250)
    /// How soon a command that is not known yet, or a bus that is away, is looked at again.
    private static let pause: Duration = .seconds(1)
    private static let batch = 500

    let bus: Bus
    let views: Database
    let commands: CommandProjection
    let time: any TimeSource
    /// Whether the views hold what the logs held at the start; before, an old refusal may look new.
    let isCaughtUp: @Sendable () -> Bool
    let logger: Logger

    /// Publishes until it is cancelled.
    func run() async {
        for await _ in commands.refusals.news {
            var told: Set<String> = []
            do {
                try await time.sleep(for: Self.gathering)
                while try await tell(&told) { try await time.sleep(for: Self.pause) }
            } catch is CancellationError {
                return
            } catch {
                logger.warning("command_notices_unread", ["error": "\(error)"])
            }
        }
    }

    /// Publishes what is due; answers whether something is left to be looked at again.
    func tell(_ told: inout Set<String>) async throws -> Bool {
        guard isCaughtUp() else { return true }
        let due = try await views.read { [now = time.now] in try $0.dueNotices(now: now, limit: Self.batch) }
        let notices = due.notices.filter { !told.contains($0.messageID) }
        told.formIntersection(due.notices.map(\.messageID))
        guard !notices.isEmpty else { return due.hasUnknown || !due.notices.isEmpty }
        do throws(BusError) {
            try await bus.events.publish(
                notices.map(Event.init), to: ExchangeName(StreamNames.fleetEvents),
                declaring: EventExchangeOptions(maximumAge: AlertStream.age, maximumBytes: AlertStream.bytes))
            told.formUnion(notices.map(\.messageID))
        } catch {
            logger.warning("command_notices_not_published", ["count": .init(notices.count), "error": "\(error)"])
        }
        return true
    }
}

extension Event {
    fileprivate init(_ notice: CommandFailureNotice) {
        self.init(
            routingKey: RoutingKey(StreamNames.commandFailed(device: notice.deviceID)),
            message: Message(id: MessageID(notice.messageID), body: notice.json))
    }
}

/// Says that a device has refused a command, to one listener.
final class RefusalSignal: Sendable {
    let news: AsyncStream<Void>
    private let wake: AsyncStream<Void>.Continuation

    init() {
        (news, wake) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        // What an earlier run has left.
        wake.yield()
    }

    func signal() { wake.yield() }
}
