internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime

/// How the fleet is watched, and the secret that its webhooks are signed with: settings of the fleet, which every ingress
/// has alike.
struct FleetMonitoring: Sendable {
    let configuration: FleetConfiguration
    let logger: Logger

    private static let secretSetting = "webhooks/secret"
    private static let secretMember = "secret"

    /// The setting as this ingress has read the log so far; the value is nil while it was never set.
    var current: (value: MonitoringSettings?, setting: FleetSetting?) {
        let setting = configuration.setting(MonitoringSettings.setting)
        guard let value = setting?.value else { return (nil, nil) }
        do {
            return (try MonitoringSettings(json: value), setting)
        } catch {
            // Of a later version, perhaps: what is known is better than no answer.
            logger.warning("setting_not_readable", ["setting": "monitoring", "error": "\(error)"])
            return (nil, setting)
        }
    }

    /// Replaces the setting.
    /// - Throws: 409 when the client's change is based on another version; 503.
    func replace(
        with settings: MonitoringSettings, by principal: Principal, if precondition: VersionPrecondition?
    ) async throws -> FleetSetting {
        try await configuration.edit(MonitoringSettings.setting, by: principal, if: precondition) { _ in settings.json }
    }

    /// As this ingress has read the log so far; nil while it was not made.
    var secret: WebhookSecret? {
        guard let value = configuration.setting(Self.secretSetting)?.value,
            let text = (try? JSONDocument(parsing: value).root)?[Self.secretMember]?.string
        else { return nil }
        return WebhookSecret(text)
    }

    /// The secret; makes it where there is none.
    /// - Throws: 503, `BusError`.
    func ensureSecret() async throws -> WebhookSecret {
        if let secret { return secret }
        try await configuration.catchUp()
        if let secret { return secret }
        var writer = JSONWriter(capacity: 96)
        writer.object { $0.member(Self.secretMember, WebhookSecret.random().text) }
        do {
            let version = configuration.setting(Self.secretSetting)?.version ?? 0
            try await configuration.change(Self.secretSetting, from: version, to: writer.bytes, by: "flotilla")
        } catch is ConfigurationConflict {
            // Another ingress was faster: its secret has come meanwhile.
        }
        guard let secret else { throw HTTPError.unavailable("The secret of the webhooks is not readable.") }
        return secret
    }
}
