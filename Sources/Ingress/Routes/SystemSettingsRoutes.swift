internal import Contracts
internal import HTTPKit
internal import Runtime
internal import SQLiteKit

/// `/api/v1/system/optimization`, `constraints`, `health` and `resource-check`.
struct SystemSettingsRoutes: RouteGroup {
    private typealias Operations = SystemSettingsOperations

    let context: IngressContext
    let settings: SystemSettings
    let selection: HostSelection

    func register(in api: inout API) {
        let access = context.access
        api.on(
            Operations.settings,
            access.requireImmediate(Operations.settings.permission) { [self] _, _, _ in
                Self.answer(settings.generation.entityTag) { settings.generation.value.write(to: &$0) }
            })
        api.on(
            Operations.changeSettings,
            access.require(Operations.changeSettings.permission, preparing: { try BodyReader.parse($1) }) { [self] in
                try await changeSettings($0, $1, $2)
            })
        api.on(
            Operations.constraints,
            access.requireImmediate(Operations.constraints.permission) { [self] _, _, _ in constraints() })
        api.on(
            Operations.changeConstraints,
            access.require(Operations.changeConstraints.permission, preparing: { try BodyReader.parse($1) }) {
                [self] in try await changeConstraints($0, $1, $2)
            })
        api.on(
            Operations.health,
            access.requireImmediate(Operations.health.permission) { [self] request, _, _ in try health(request) })
        api.on(
            Operations.resourceCheck,
            access.require(Operations.resourceCheck.permission) { [self] request, _, _ in
                try await resourceCheck(request)
            })
    }

    private func changeSettings(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        let wanted = try GenerationSettings(body)
        let stats = try stats(of: request)
        let changed = try await settings.replaceGeneration(
            with: wanted, by: principal, if: VersionPrecondition(request))
        context.audit.record("setting_changed", request, principal, on: GenerationSettings.setting)
        return Self.answer(changed.entityTag) { writer in
            writer.object { writer in
                writer.member("message", "Optimization settings updated")
                writer.member("current_vram_usage_gb", (stats.vramUsed / 1024 * 100).rounded() / 100)
                writer.member("estimated_vram_savings_gb", wanted.estimatedSavings)
                // No model is selected anywhere yet, whose size would say more.
                writer.member("basis", "constants")
                writer.member("recommendations", wanted.recommendations(for: stats))
            }
        }
    }

    private func constraints() -> HTTPResponse {
        let current = settings.constraints
        return Self.answer(current.entityTag) { writer in
            writer.object { writer in
                writer.name("constraints")
                current.value.write(to: &writer)
                writer.member(
                    "description",
                    object: { writer in
                        for (name, text) in SystemConstraints.descriptions { writer.member(name, text) }
                    })
            }
        }
    }

    private func changeConstraints(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        let changed = try await settings.changeConstraints(by: principal, if: VersionPrecondition(request)) {
            try $0.change(body)
        }
        context.audit.record("setting_changed", request, principal, on: SystemConstraints.setting)
        return Self.answer(changed.entityTag) { writer in
            writer.object { writer in
                writer.member("message", "Resource constraints updated")
                writer.name("updated_constraints")
                changed.value.write(to: &writer)
            }
        }
    }

    private func health(_ request: HTTPRequest) throws -> HTTPResponse {
        let stats = try stats(of: request)
        let constraints = settings.constraints.value
        let health = SystemHealth(stats, constraints)
        return Self.answer(nil) { writer in
            writer.object { writer in
                writer.member("status", health.status.rawValue)
                writer.member("message", health.message)
                writer.member("timestamp", stats.timestamp.naive)
                writer.member(
                    "system_info",
                    object: { writer in
                        writer.member("cpu_percent", stats.cpuPercent)
                        writer.member("ram_percent", stats.ramPercent)
                        writer.member("vram_percent", stats.vramPercent)
                        writer.member("issues", health.issues)
                        writer.member("warnings", health.warnings)
                        writer.member("recommendations", health.recommendations)
                        writer.name("resource_constraints")
                        constraints.write(to: &writer)
                    })
            }
        }
    }

    private func resourceCheck(_ request: HTTPRequest) async throws -> HTTPResponse {
        let stats = try stats(of: request)
        let running = try await context.views.read { try $0.runningModelSessions() }
        let check = ResourceCheck(stats, settings.constraints.value, runningSessions: running)
        return Self.answer(nil) { writer in
            writer.object { writer in
                writer.member("can_start_generation", check.canStart)
                writer.member(
                    "resource_status",
                    object: { writer in
                        writer.member("vram_available", check.hasVRAM)
                        writer.member("cpu_available", check.hasCPU)
                        writer.member("ram_available", check.hasRAM)
                        writer.member("sessions_available", check.hasSession)
                    })
                writer.member(
                    "current_usage",
                    object: { writer in
                        writer.member("vram_percent", stats.vramPercent)
                        writer.member("cpu_percent", stats.cpuPercent)
                        writer.member("ram_percent", stats.ramPercent)
                    })
                writer.member("blocking_issues", check.issues)
                writer.member(
                    "message",
                    check.canStart ? "Another generation can start" : check.issues.joined(separator: "; "))
            }
        }
    }

    private func stats(of request: HTTPRequest) throws(HTTPError) -> HostStats {
        guard let stats = try selection.host(of: request).stats else { throw .unavailable(HostStats.notMeasured) }
        return stats
    }

    private static func answer(_ tag: String?, _ write: (inout JSONWriter) -> Void) -> HTTPResponse {
        var writer = JSONWriter(capacity: 512)
        write(&writer)
        var response = HTTPResponse.json(writer.bytes)
        if let tag { response.headers.set("ETag", tag) }
        return response
    }
}
