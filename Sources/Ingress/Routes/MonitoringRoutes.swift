internal import Contracts
internal import HTTPKit
internal import Runtime

/// `/api/v1/hardware/monitoring/config`.
struct MonitoringRoutes: RouteGroup {
    private typealias Operations = MonitoringOperations

    let context: IngressContext
    let monitoring: FleetMonitoring

    func register(in api: inout API) {
        api.on(
            Operations.config,
            context.access.requireImmediate(Operations.config.permission) { [self] _, _, principal in
                let current = monitoring.current
                return answer(current.value, current.setting, principal) { writer in
                    writer.member("accessed_by", principal.username)
                    writer.member("accessed_at", context.time.now)
                }
            })
        api.on(
            Operations.change,
            context.access.require(Operations.change.permission, preparing: { try BodyReader.parse($1) }) { [self] in
                try await change($0, $1, $2)
            })
    }

    private func change(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        let settings = try MonitoringSettings(body, allowsPrivate: context.configuration.webhooks.allowsPrivate)
        if !settings.webhooks.isEmpty { _ = try await monitoring.ensureSecret() }
        let setting = try await monitoring.replace(with: settings, by: principal, if: VersionPrecondition(request))
        context.audit.record("setting_changed", request, principal, on: MonitoringSettings.setting)
        return answer(settings, setting, principal) { writer in
            writer.member("cache_cleared", true)
            writer.member("updated_by", principal.username)
        }
    }

    private func answer(
        _ settings: MonitoringSettings?, _ setting: FleetSetting?, _ principal: Principal,
        _ writeRest: (inout JSONWriter) -> Void
    ) -> HTTPResponse {
        let answer = MonitoringAnswer(
            settings: settings,
            plan: MonitoringPlan(settings, interval: context.configuration.metricsInterval, host: nil),
            history: context.configuration.history,
            updatedAt: setting?.changedAt, showsSecrets: principal.has(Operations.configure), secret: monitoring.secret)
        var writer = JSONWriter(capacity: 2048)
        writer.object { writer in
            answer.writeMembers(to: &writer)
            writeRest(&writer)
        }
        var response = HTTPResponse.json(writer.bytes)
        if let tag = setting?.entityTag { response.headers.set("ETag", tag) }
        return response
    }
}
