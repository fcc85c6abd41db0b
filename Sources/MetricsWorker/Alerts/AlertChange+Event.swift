import BusClients
import Contracts

extension AlertChange {
    /// What is published on `fleet_events`; the id is the change's own, so that one that is sent twice is one.
    var event: Event {
        Event(
            routingKey: RoutingKey(StreamNames.alert(change.rawValue, host: host)),
            message: Message(id: MessageID("\(alertID).\(revision)"), body: json))
    }
}
