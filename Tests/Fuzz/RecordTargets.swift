import Contracts
import Runtime

@testable import Ingress

/// Messages that are written as they are read.
extension MessageTargets {
    static var records: [FuzzTarget] {
        [
            stable(
                "audit_record",
                #"{"id":"i","at":"2026-11-21T03:00:00Z","event":"signed_in","who":"7","name":"alice","target":null,"#
                    + #""result":200,"request_id":"r","peer":"127.0.0.1"}"#,
                \.json, AuditRecord.init(json:)),
            stable(
                "configuration_change",
                #"{"id":"i","setting":"user/alice","based_on":3,"value":{"a":[1,2.5]},"#
                    + #""changed_at":"2026-11-21T03:00:00Z","changed_by":"7"}"#,
                \.json, ConfigurationChange.init(json:)),
            stable(
                "alert_change",
                #"{"change":"raised","alert_id":"a","revision":1,"host":"alpha","rule":"disk_full","#
                    + #""metric":"disk_percent","subject":"/var","severity":"high","title":"t","message":"m","#
                    + #""state":"no_data","value":96.5,"threshold":95.0,"raised_at":"2026-11-21T03:00:00Z","#
                    + #""at":"2026-11-21T03:00:01Z"}"#,
                \.json, AlertChange.init(json:)),
            stable(
                "host_change",
                #"{"state":"down","host":"alpha","heard_at":"2026-11-21T03:00:00Z","interval":1.0,"#
                    + #""silent_seconds":60.5,"at":"2026-11-21T03:01:00Z"}"#,
                \.json, HostChange.init(json:)),
            stable(
                "command_cancellation",
                #"{"request_id":"r","requested_by":"ada","requested_at":"2026-11-21T03:00:00Z"}"#,
                \.json, CommandCancellation.init(json:)),
            stable(
                "command_failure",
                #"{"request_id":"r","device_id":"d","command_type":"reboot","status":"expired","reason":"late","#
                    + #""at":"2026-11-21T03:00:00Z"}"#,
                \.json, CommandFailureNotice.init(json:)),
            stable(
                "alert_acknowledgement",
                #"{"alert_id":"a","host":"alpha","acknowledged_by":"ada","note":"n","at":"2026-11-21T03:00:00Z"}"#,
                \.json, AlertAcknowledgement.init(json:)),
            stable(
                "control",
                #"{"action":"cancel","session_id":"s","requested_by":"7","requested_at":"2026-11-21T03:00:00Z","#
                    + #""force":true}"#,
                \.json, ControlMessage.init(json:)),
            stable(
                "optimization_request",
                #"{"id":"s","optimization_type":"memory","host":"alpha","parameters":{"path":"/tmp","n":1.5},"#
                    + #""dry_run":true,"priority":"normal","auto_rollback":true,"rollback_timeout_seconds":3600.0,"#
                    + #""requested_by":"7","requested_at":"2026-11-21T03:00:00Z"}"#,
                \.json, OptimizationRequest.init(json:)),
            stable(
                "optimization_result", result, \.json, OptimizationResult.init(json:)),
            stable(
                "user",
                #"{"id":1,"username":"alice","email":"a@b.c","password_hash":"$argon2id$v=19$x","is_admin":false,"#
                    + #""permissions":["system:read"],"is_active":true,"created_at":"2026-11-21T03:00:00Z","#
                    + #""locked_until":null,"tokens_not_before":"2026-11-21T03:00:00Z"}"#,
                \.json, User.init(json:)),
            stable(
                "sign_in",
                #"{"id":"i","username":"alice","created_at":"2026-11-21T03:00:00Z","#
                    + #""expires_at":"2026-12-21T03:00:00Z","rotation":3,"is_revoked":false}"#,
                \.json, SignIn.init(json:)),
            stable(
                "stored_key",
                #"{"id":"01234567","name":"ci","sha256":""# + String(repeating: "0a", count: 32)
                    + #"","permissions":["commands:*"],"created_at":"2026-11-21T03:00:00Z","expires_at":null}"#,
                \.json, StoredKey.init(json:)),
            stable(
                "webhook_delivery",
                #"{"id":"a.1.0","url":"https://h.example/x?y","change":{"change":"raised","alert_id":"a","revision":1,"#
                    + #""host":"alpha","rule":"disk_full","metric":"disk_percent","subject":null,"severity":"high","#
                    + #""title":"t","message":"m","state":"firing","value":96.5,"threshold":95.0,"#
                    + #""raised_at":"2026-11-21T03:00:00Z","at":"2026-11-21T03:00:01Z"}}"#,
                \.json, WebhookDelivery.init(json:)),
            monitoring, event,
        ]
    }

    private static let result =
        #"{"task_id":"s","status":"completed","optimization_type":"memory","started_at":"2026-11-21T03:00:00Z","#
        + #""completed_at":"2026-11-21T03:00:01Z","duration_seconds":1.0,"changes_applied":["a line"],"#
        + #""performance_impact":{"x":1.5},"rollback_info":{"y":{}},"dry_run":false,"error_message":null}"#

    /// The fleet's setting, what comes of it, and what a client may send to change it.
    private static let monitoring = FuzzTarget(
        "monitoring_settings",
        texts: [
            #"{"interval_seconds":30,"alert_thresholds":{"cpu_percent":80},"enabled_metrics":["cpu","disk"],"#
                + #""retention_hours":24,"notification_webhooks":["https://u:p@[2001:db8::1]:8443/x?y"],"#
                + #""intervals":{"disk":60},"alert_rules":[{"name":"a","title":"t","metric":"cpu_percent","#
                + #""levels":[{"severity":"low","enter":50,"leave":40},{"severity":"high","enter":90}],"#
                + #""for_seconds":0,"keep_firing_seconds":60,"hosts":["gpu-*"]}]}"#
        ]
    ) { input in
        var settings = try MonitoringSettings(JSONDocument(parsing: input), allowsPrivate: true)
        for url in settings.webhooks { try Finding.unless(WebhookURL(url) != nil, "a webhook that is none was taken") }
        try Finding.unlessStable(settings, \.json, { try MonitoringSettings(json: $0) })
        settings = try MonitoringSettings(json: settings.json)
        let plan = MonitoringPlan(settings, interval: .seconds(1), host: "gpu-7")
        try Finding.unless(plan.interval >= .seconds(1), "the interval is too short")
        for rule in plan.rules {
            try Finding.unless(
                rule.levels.allSatisfy { $0.leave < $0.enter }, "a rule is left above where it is entered")
        }
        let answer = MonitoringAnswer(
            settings: settings, plan: plan, history: .standard, updatedAt: now, showsSecrets: false, secret: nil)
        var writer = JSONWriter()
        writer.object { answer.writeMembers(to: &$0) }
        try Finding.unlessJSON(writer.bytes)
    }

    private static let event = FuzzTarget(
        "optimization_event",
        texts: [
            #"{"event_type":"session.requested","agent":"a@b","data":{"session_id":"s","requested_by":"7"},"#
                + #""timestamp":"2026-11-21T03:00:00Z"}"#,
            #"{"event_type":"session.completed","agent":"a@b","data":{"id":"s","result":"# + result
                + #"},"timestamp":"2026-11-21T03:00:00Z"}"#,
        ]
    ) { input in
        let event = try OptimizationEvent(json: input)
        try Finding.unlessStable(event, \.json, { try OptimizationEvent(json: $0) })
        if let result = try OptimizationChange(body: input)?.result { try Finding.unlessJSON(result.json) }
    }

    private static func stable<Value>(
        _ name: String, _ seed: String, _ write: @escaping @Sendable (Value) -> [UInt8],
        _ read: @escaping @Sendable ([UInt8]) throws -> Value
    ) -> FuzzTarget {
        FuzzTarget(name, texts: [seed]) { input in try Finding.unlessStable(try read(input), write, read) }
    }
}
