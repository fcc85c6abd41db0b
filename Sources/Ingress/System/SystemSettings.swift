internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime

/// The settings of the system family, which are the fleet's: every ingress has the same.
struct SystemSettings: Sendable {
    let configuration: FleetConfiguration
    let logger: Logger

    /// A value, and its version as an entity tag; nil for one that was never set.
    struct Versioned<Value: Sendable>: Sendable {
        let value: Value
        let entityTag: String?
    }

    /// As this ingress has read the log so far.
    var constraints: Versioned<SystemConstraints> {
        read(SystemConstraints.setting, SystemConstraints()) { try SystemConstraints(json: $0) }
    }

    /// As this ingress has read the log so far.
    var generation: Versioned<GenerationSettings> {
        read(GenerationSettings.setting, GenerationSettings()) { try GenerationSettings(json: $0) }
    }

    /// Changes the constraints, again when somebody else was first.
    /// - Throws: 409 when the client's change is based on another version, what `edit` throws, 503.
    func changeConstraints(
        by principal: Principal, if precondition: VersionPrecondition?, _ edit: (inout SystemConstraints) throws -> Void
    ) async throws -> Versioned<SystemConstraints> {
        var changed = SystemConstraints()
        let setting = try await configuration.edit(SystemConstraints.setting, by: principal, if: precondition) {
            value in
            changed = try value.map { try SystemConstraints(json: $0) } ?? SystemConstraints()
            try edit(&changed)
            return changed.json
        }
        return Versioned(value: changed, entityTag: setting.entityTag)
    }

    /// Replaces the settings.
    /// - Throws: 409 when the client's change is based on another version; 503.
    func replaceGeneration(
        with settings: GenerationSettings, by principal: Principal, if precondition: VersionPrecondition?
    ) async throws -> Versioned<GenerationSettings> {
        let setting = try await configuration.edit(GenerationSettings.setting, by: principal, if: precondition) { _ in
            settings.json
        }
        return Versioned(value: settings, entityTag: setting.entityTag)
    }

    private func read<Value>(
        _ name: String, _ standard: Value, _ decode: ([UInt8]) throws -> Value
    ) -> Versioned<Value> {
        guard let setting = configuration.setting(name), let value = setting.value else {
            return Versioned(value: standard, entityTag: nil)
        }
        do {
            return Versioned(value: try decode(value), entityTag: setting.entityTag)
        } catch {
            // Of a later version, perhaps: what is known is better than no answer.
            logger.warning("setting_not_readable", ["setting": .string(name), "error": "\(error)"])
            return Versioned(value: standard, entityTag: setting.entityTag)
        }
    }
}
