internal import BusClients
internal import Contracts
internal import HTTPKit
internal import Runtime

/// Changes the fleet's configuration: each change is an append that says which version it is based on, and holds or not
/// by the order of the log.
struct FleetConfiguration: Sendable {
    private let projection: ConfigurationProjection
    private let bus: Bus
    private let time: any TimeSource

    /// How long a change may take to come back from the log.
    private static let patience: Duration = .seconds(5)
    /// How often an edit looks again.
    private static let attempts = 32
    private static let topic = Topic(StreamNames.fleetConfiguration)

    init(projection: ConfigurationProjection, bus: Bus, time: any TimeSource) {
        self.projection = projection
        self.bus = bus
        self.time = time
    }

    /// As this ingress has read the log so far.
    func setting(_ name: String) -> FleetSetting? { projection.setting(name) }

    /// Waits until this ingress has read everything that is in the log now, at most a second.
    func catchUp() async throws(BusError) {
        for (partition, range) in try await bus.log.offsets(of: Self.topic).enumerated() {
            await projection.progress.wait(for: range.upperBound, of: partition, atMost: .seconds(1))
        }
    }

    /// Sets a value, or deletes it (nil).
    /// - Parameter version: What the change is based on; 0 for a setting that must not have been set before.
    /// - Returns: The setting as the change left it.
    /// - Throws: `ConfigurationConflict` when somebody else was first; 503 when the change could not be made durable, or
    ///   did not come back in time (then it may still hold).
    @discardableResult
    func change(
        _ name: String, from version: Int64, to value: [UInt8]?, by principal: String
    ) async throws -> FleetSetting {
        let known = setting(name)?.version ?? 0
        guard known <= version else { throw ConfigurationConflict(name: name, current: known) }
        let change = ConfigurationChange(
            id: SecureRandom.uuid(), setting: name, basedOn: version, value: value, changedAt: time.now,
            changedBy: principal)
        let outcome = try await projection.outcome(of: change.id, atMost: Self.patience) {
            do throws(BusError) {
                _ = try await bus.log.append([LogRecord(key: change.key, value: change.json)], to: Self.topic)
            } catch {
                throw HTTPError(error)
            }
        }
        switch outcome {
        case .applied(let setting): return setting
        case .conflict(let current): throw ConfigurationConflict(name: name, current: current)
        case nil: throw HTTPError.unavailable("The change is stored, but the views are behind.", retryAfter: 2)
        }
    }

    /// Changes a value by looking at it, again when somebody else was first.
    /// - Parameter edit: Returns the new value; it may throw to leave the setting as it is.
    @discardableResult
    func edit(
        _ name: String, by principal: String, _ edit: (FleetSetting?) throws -> [UInt8]?
    ) async throws -> FleetSetting {
        for attempt in 1...Self.attempts {
            let current = setting(name)
            do {
                return try await change(name, from: current?.version ?? 0, to: try edit(current), by: principal)
            } catch is ConfigurationConflict {
                // Those who met do not meet again.
                try await time.sleep(for: .microseconds(Int.random(in: 0...2000 * attempt)))
            }
        }
        throw HTTPError.conflict("Others change the same thing all the time; try again.")
    }
}

extension FleetConfiguration {
    /// Changes a setting for a client, who may have said which version the change is based on.
    /// - Throws: 409 when it is another one, what `edit` throws, 503.
    func edit(
        _ name: String, by principal: Principal, if precondition: VersionPrecondition?,
        _ edit: ([UInt8]?) throws -> [UInt8]
    ) async throws -> FleetSetting {
        do {
            try await catchUp()
        } catch {
            throw HTTPError(error)
        }
        return try await self.edit(name, by: principal.id) { setting in
            try precondition?.check(setting)
            return try edit(setting?.value)
        }
    }
}

/// The setting had another version than the change was based on.
struct ConfigurationConflict: Error, Sendable, Hashable {
    let name: String
    /// The version that it has; 0 when there is none.
    let current: Int64
}
