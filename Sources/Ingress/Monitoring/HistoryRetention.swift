internal import Contracts
internal import Runtime

/// Keeps the samples of hosts for as long as the setting `monitoring` says.
struct HistoryRetention: ConfigurationReader {
    let hosts: HostProjection
    /// While it was never set.
    let standard: HostHistoryLimits

    func changed(_ setting: FleetSetting) {
        guard setting.name == MonitoringSettings.setting else { return }
        // One that this version cannot read changes nothing; who answers for the setting says so.
        guard let value = setting.value else { return hosts.keepSeconds(for: .seconds(standard.seconds)) }
        guard let settings = try? MonitoringSettings(json: value) else { return }
        hosts.keepSeconds(for: .seconds(settings.retentionHours * 3600))
    }
}
