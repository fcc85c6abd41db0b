import Contracts
import Runtime
import Testing

@Suite struct SettingVersionTests {
    private static func change(_ id: String, basedOn version: Int64, _ value: String? = "{}") -> ConfigurationChange {
        ConfigurationChange(
            id: id, setting: "s", basedOn: version, value: value.map { Array($0.utf8) },
            changedAt: Timestamp(microseconds: 1), changedBy: "7")
    }

    @Test func onlyAChangeOfTheCurrentVersionHolds() {
        let first = SettingVersion(number: 1, record: "s#a")
        #expect(SettingVersion.verdict(on: Self.change("a", basedOn: 0), after: nil) == .holds(first))
        #expect(
            SettingVersion.verdict(on: Self.change("b", basedOn: 1), after: first)
                == .holds(SettingVersion(number: 2, record: "s#b")))
        #expect(SettingVersion.verdict(on: Self.change("b", basedOn: 0), after: first) == .isLate(current: 1))
        #expect(SettingVersion.verdict(on: Self.change("b", basedOn: 2), after: first) == .isLate(current: 1))
        #expect(SettingVersion.verdict(on: Self.change("a", basedOn: 0), after: first) == .isKnown(current: 1))
        #expect(
            SettingVersion.verdict(on: Self.change("z", basedOn: 41), after: nil)
                == .holds(SettingVersion(number: 42, record: "s#z")), "what was before is not in the log any more")
    }

    @Test func aFollowerDecidesAlike() throws {
        var setting = FollowedSetting(name: "s")
        func take(_ change: ConfigurationChange) throws -> Bool {
            try setting.take(key: change.key, body: change.json)
        }
        #expect(try take(Self.change("a", basedOn: 0, #"{"x":1}"#)))
        #expect(try !take(Self.change("b", basedOn: 0, #"{"x":2}"#)), "too late")
        #expect(setting.value.map { String(decoding: $0, as: UTF8.self) } == #"{"x":1}"#)
        #expect(try !take(Self.change("c", basedOn: 1, #"{"x":1}"#)), "the same value is no news")
        #expect(try !setting.take(key: "s#a", body: []), "another one holds")
        #expect(try take(Self.change("d", basedOn: 2, nil)))
        #expect(setting.value == nil)
        #expect(try take(Self.change("e", basedOn: 3)))
        #expect(try setting.take(key: "s#e", body: []))
        #expect(try !setting.take(key: "other#e", body: Array("x".utf8)))
        #expect(throws: (any Error).self) { try setting.take(key: "s#e", body: Array("x".utf8)) }
    }
}
