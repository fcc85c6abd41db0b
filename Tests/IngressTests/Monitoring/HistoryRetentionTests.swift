import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct HistoryRetentionTests {
    private func setting(_ name: String, _ value: [UInt8]?) -> FleetSetting {
        FleetSetting(
            name: name, version: 1, value: value, changedAt: Timestamp(microseconds: 1_790_000_000_000_000),
            changedBy: "1")
    }

    @Test func samplesAreKeptForAsLongAsTheFleetSays() {
        let hosts = HostProjection(interval: .seconds(1), time: ManualTime())
        let retention = HistoryRetention(hosts: hosts, standard: .standard)
        #expect(hosts.limits.seconds == 3600)
        var settings = MonitoringSettings()
        settings.retentionHours = 48
        retention.changed(setting("system/constraints", settings.json))
        #expect(hosts.limits.seconds == 3600)
        retention.changed(setting(MonitoringSettings.setting, settings.json))
        #expect(hosts.limits.seconds == 48 * 3600)
        retention.changed(setting(MonitoringSettings.setting, Array("{}".utf8)))
        #expect(hosts.limits.seconds == 48 * 3600)
        retention.changed(setting(MonitoringSettings.setting, nil))
        #expect(hosts.limits.seconds == 3600)
    }
}
