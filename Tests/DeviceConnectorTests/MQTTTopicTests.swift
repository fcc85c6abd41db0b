import Contracts
import Testing

@testable import DeviceConnector

@Suite struct MQTTTopicTests {
    private static func choice(_ metadata: String, device: String = "d") throws -> MQTTTopic.Choice {
        let value =
            #"{"request_id":"r","device_id":"\#(device)","command_type":"c","payload":{},"protocol":"mqtt","#
            + #""metadata":\#(metadata)}"#
        return MQTTTopic.choose(
            for: try DeviceCommand(value: Array(value.utf8), expiresAt: nil), default: .commands)
    }

    @Test func theCommandsOwnTopicComesFirst() throws {
        #expect(try Self.choice("null") == .topic("devices/d/commands"))
        #expect(try Self.choice(#"{"topic":"a/b","mqtt_topic":"c"}"#) == .topic("a/b"))
        #expect(try Self.choice(#"{"mqtt_topic":"broker_data/b7/sensor/data"}"#) == .topic("broker_data/b7/command"))
        #expect(try Self.choice(#"{"mqtt_topic":"other/topic"}"#) == .topic("other/topic"))
    }

    @Test(arguments: ["", "a/+", "#", "a\u{0}b", "$SYS/broker", String(repeating: "x", count: 65_536)])
    func noSuchTopicIsPublishedTo(topic: String) { #expect(MQTTTopic.problem(with: topic) != nil) }

    @Test func aTemplateNamesAndFindsIds() throws {
        let template = try #require(MQTTTopicTemplate("a/{device_id}/b/{request_id}"))
        #expect(template.filter == "a/+/b/+")
        #expect(template.topic(device: "d", request: "r") == "a/d/b/r")
        for id in ["d/e", "+", "a#b", "", "a\u{7}b"] {
            #expect(template.topic(device: id, request: "r") == nil && template.topic(device: "d", request: id) == nil)
        }
        let ids = try #require(template.ids(in: "a/d/b/r"))
        #expect(ids.device == "d" && ids.request == "r")
        #expect(template.ids(in: "a/d/c/r") == nil && template.ids(in: "a/d/b") == nil)
        for text in ["", "a/+", "x{device_id}", "{host}", "#"] { #expect(MQTTTopicTemplate(text) == nil) }
    }
}
