package import BusClients
package import Contracts

extension BusHealth {
    /// `{ready, problems, ports: [{port, transport, state, reason, since, consumers, producers}]}`; durations in
    /// seconds, null for what is not known.
    package func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("ready", isReady)
            writer.member("problems", problems)
            writer.member("ports", array: { writer in for port in ports { port.write(to: &writer) } })
        }
    }
}

extension PortHealth {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("port", port.rawValue)
            writer.member("transport", connection.transport.rawValue)
            writer.member("state", connection.state.rawValue)
            writer.member("reason", connection.reason)
            writer.member("since", connection.since)
            writer.member("consumers", array: { writer in for consumer in consumers { consumer.write(to: &writer) } })
            writer.member("producers", array: { writer in for producer in producers { producer.write(to: &writer) } })
        }
    }
}

extension ConsumerHealth {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("source", source)
            writer.member("group", group)
            writer.member("unsettled", unsettled)
            writer.member("oldest_unsettled_seconds", oldestUnsettled.map { $0 / .seconds(1) })
            writer.member("lag", lag)
            writer.member("since_progress_seconds", sinceProgress / .seconds(1))
            writer.member("stuck", isStuck)
        }
    }
}

extension ProducerHealth {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("target", target)
            writer.member("waiting", waiting)
            writer.member("oldest_waiting_seconds", oldestWaiting.map { $0 / .seconds(1) })
            writer.member("since_success_seconds", sinceSuccess.map { $0 / .seconds(1) })
            writer.member("stuck", isStuck)
        }
    }
}
