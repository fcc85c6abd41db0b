import BusClients
import Runtime
import Testing

@testable import flotilla

@Suite struct EventReaderTests {
    private func event(_ body: String, key: RoutingKey = "optimization.progress") -> RecordedEvent {
        RecordedEvent(
            offset: 7, routingKey: key,
            message: Message(id: "m1", headers: ["ce-type": "progress"], body: Array(body.utf8)),
            publishedAt: Timestamp(microseconds: 1_000_000))
    }

    private func json(_ body: String) -> String {
        String(decoding: EventReader.json(event(body), of: "optimization_events"), as: UTF8.self)
    }

    @Test func writesOneJSONObjectALine() {
        #expect(
            json("{\"a\": 1}")
                == "{\"exchange\":\"optimization_events\",\"offset\":7,\"routing_key\":\"optimization.progress\","
                + "\"published_at\":\"\(Timestamp(microseconds: 1_000_000).rfc3339)\",\"id\":\"m1\","
                + "\"headers\":{\"ce-type\":\"progress\"},\"body\":{\"a\":1}}")
    }

    @Test func severalLinesBecomeAnArrayAndTheRestAText() {
        #expect(json("{\"a\":1}\n{\"a\":2}\n").hasSuffix("\"body\":[{\"a\":1},{\"a\":2}]}"))
        #expect(json("not json").hasSuffix("\"body\":\"not json\"}"))
        #expect(json("").hasSuffix("\"body\":\"\"}"))
    }

    @Test func showsPeopleWhoAndWhat() {
        let lines = EventReader.lines(
            event("{\"event_type\":\"progress\",\"agent\":\"opt@h\",\"data\":{\"percent\":5},\"timestamp\":\"x\"}"),
            TextStyle(isEnabled: false))
        #expect(lines.count == 1)
        #expect(lines[0].hasSuffix("optimization.progress  opt@h  {\"percent\":5}"))
    }
}
