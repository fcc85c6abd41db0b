import BusTestKit
import Contracts
import Testing

@testable import Ingress

@Suite struct SystemSettingsRoutesTests {
    private static let optimization = "/api/v1/system/optimization"
    private static let constraints = "/api/v1/system/constraints"

    private static func run(in folder: TemporaryFolder? = nil, _ body: (TestIngress) async throws -> Void) async throws
    {
        try await TestIngress.run(in: folder, prepare: { try await $0.report(.example()) }, body)
    }

    @Test func settingsHaveTheirDefaultsUntilTheyAreSet() async throws {
        try await Self.run { ingress in
            let token = try ingress.token(["system:read"])
            let settings = try await ingress.client.get(Self.optimization, token: token).json()
            #expect(settings["quantization"]?.string == "bf16")
            #expect(settings["enable_offload"]?.bool == true)
            #expect(settings["vae_tile_size"]?.int == 256)
            #expect(settings["max_vram_usage_gb"]?.double == 12)
            let constraints = try await ingress.client.get(Self.constraints, token: token).json()
            #expect(constraints["constraints"]?["max_concurrent_generations"]?.int == 2)
            #expect(constraints["constraints"]?["vram_critical_threshold"]?.double == 0.95)
            #expect(constraints["description"]?.members.map(\.name.string).count == 5)
        }
    }

    @Test func settingsAreReplacedWhole() async throws {
        try await Self.run { ingress in
            let token = try ingress.token()
            func change(_ body: String) async throws -> TestClient.Answer {
                try await ingress.client.send("POST", Self.optimization, token: token, body: body)
            }
            let changed = try await change(
                #"{"quantization":"int8","vae_tile_size":"512","enable_offload":"no","x":1}"#)
            #expect(changed.status == 200)
            #expect(try changed.json()["estimated_vram_savings_gb"]?.double == 4)
            // The example has no GPU: 0 MB of it are too few for anything but offloading.
            #expect(try changed.json()["recommendations"]?.count == 1)
            var settings = try await ingress.client.get(Self.optimization, token: token).json()
            #expect(settings["quantization"]?.string == "int8")
            #expect(settings["vae_tile_size"]?.int == 512)
            #expect(settings["enable_offload"]?.bool == false)

            #expect(try await change(#"{"max_vram_usage_gb":4}"#).json()["estimated_vram_savings_gb"]?.double == 6)
            settings = try await ingress.client.get(Self.optimization, token: token).json()
            #expect(settings["quantization"]?.string == "bf16", "what is left out is reset")
            #expect(settings["max_vram_usage_gb"]?.double == 4)

            for body in [
                #"{"quantization":"fp8"}"#, #"{"vae_tile_size":127}"#, #"{"vae_tile_size":513}"#,
                #"{"vae_tile_size":200.5}"#, #"{"max_vram_usage_gb":3.9}"#, #"{"max_vram_usage_gb":24.1}"#,
                #"{"enable_offload":2}"#, "[]", "", #"{"max_vram_usage_gb":"nan"}"#,
            ] {
                #expect(try await change(body).status == 422, "\(body)")
            }
            let isUnchanged = try await ingress.client.get(Self.optimization, token: token).json()
            #expect(isUnchanged["max_vram_usage_gb"]?.double == 4)
        }
    }

    @Test func constraintsAreMergedAllOrNothing() async throws {
        try await Self.run { ingress in
            let token = try ingress.token()
            func change(_ body: String) async throws -> TestClient.Answer {
                try await ingress.client.send("POST", Self.constraints, token: token, body: body)
            }
            let changed = try await change(#"{"cpu_warning_threshold":"0.5","max_concurrent_generations":3.0}"#)
            #expect(changed.status == 200)
            let updated = try changed.json()["updated_constraints"]
            #expect(updated?["cpu_warning_threshold"]?.double == 0.5)
            #expect(updated?["max_concurrent_generations"]?.int == 3)
            #expect(updated?["ram_warning_threshold"]?.double == 0.9)
            #expect(try await change("{}").status == 200)
            for body in [#"{"ram_warning_threshold":"x"}"#, #"{"cpu_warning_threshold":null}"#, "[]", "", "{"] {
                #expect(try await change(body).status == 422, "\(body)")
            }
            for body in [
                #"{"cpu_warning_threshold":0.3,"unknown":1}"#, #"{"cpu_warning_threshold":0.09}"#,
                #"{"cpu_warning_threshold":1.01}"#, #"{"max_concurrent_generations":0}"#,
                #"{"max_concurrent_generations":11}"#, #"{"max_concurrent_generations":2.5}"#,
            ] {
                #expect(try await change(body).status == 400, "\(body)")
            }
            let current = try await ingress.client.get(Self.constraints, token: token).json()["constraints"]
            #expect(current?["cpu_warning_threshold"]?.double == 0.5)
        }
    }

    @Test func aChangeHoldsOnlyForTheVersionThatItIsBasedOn() async throws {
        try await Self.run { ingress in
            let token = try ingress.token()
            for path in [Self.constraints, Self.optimization] {
                func change(_ tag: String) async throws -> TestClient.Answer {
                    try await ingress.client.send("POST", path, token: token, headers: ["If-Match": tag], body: "{}")
                }
                #expect(try await change("*").status == 409, "never set")
                let first = try #require(
                    try await ingress.client.send("POST", path, token: token, body: "{}").headers["etag"])
                #expect(try await ingress.client.get(path, token: token).headers["etag"] == first)
                #expect(try await change(first).status == 200)
                let late = try await change(first)
                #expect(late.status == 409)
                #expect(try late.json()["details"]?["current_version"]?.int == 2)
            }
        }
    }

    @Test func settingsSurviveARestart() async throws {
        let folder = try TemporaryFolder()
        try await Self.run(in: folder) { ingress in
            let changed = try await ingress.client.send(
                "POST", Self.constraints, token: ingress.token(), body: #"{"max_concurrent_generations":7}"#)
            #expect(changed.status == 200)
        }
        try await Self.run(in: folder) { ingress in
            let current = try await ingress.client.get(Self.constraints, token: ingress.token()).json()["constraints"]
            #expect(current?["max_concurrent_generations"]?.int == 7)
        }
    }

    @Test func onlyThoseWhoMayChangeThem() async throws {
        try await Self.run { ingress in
            let reader = try ingress.token(["system:read"])
            for path in [Self.constraints, Self.optimization] {
                #expect(try await ingress.client.send("POST", path, token: reader, body: "{}").status == 403)
            }
            let writer = try ingress.token(["system:configure"])
            #expect(try await ingress.client.send("POST", Self.constraints, token: writer, body: "{}").status == 200)
            try await ingress.eventually("the change is in the audit") {
                let records = try await ingress.client.get(
                    "/api/v1/audit?event=setting_changed", token: ingress.token())
                return try records.json()["records"]?.elements.first { _ in true }?["target"]?.string
                    == "system/constraints"
            }
        }
    }

    @Test func healthAndResourceCheckGoByTheConstraints() async throws {
        try await Self.run { ingress in
            let token = try ingress.token()
            let healthy = try await ingress.client.get("/api/v1/system/health", token: token).json()
            #expect(healthy["status"]?.string == "healthy")
            #expect(healthy["system_info"]?["ram_percent"]?.double == 75)
            var check = try await ingress.client.get("/api/v1/system/resource-check", token: token).json()
            #expect(check["can_start_generation"]?.bool == true)
            #expect(check["resource_status"]?["sessions_available"]?.bool == true)

            _ = try await ingress.client.send(
                "POST", Self.constraints, token: token, body: #"{"ram_warning_threshold":0.75}"#)
            // At exactly the threshold nothing new starts, and nobody is warned.
            let still = try await ingress.client.get("/api/v1/system/health", token: token).json()
            #expect(still["status"]?.string == "healthy")
            check = try await ingress.client.get("/api/v1/system/resource-check", token: token).json()
            #expect(check["can_start_generation"]?.bool == false)
            #expect(check["resource_status"]?["ram_available"]?.bool == false)
            #expect(check["blocking_issues"]?.elements.compactMap(\.string) == ["RAM usage too high: 75.0 %"])
            #expect(try await ingress.client.get("/api/v1/system/health?host=nobody", token: token).status == 404)
        }
    }

    /// Model sessions are those without a host.
    @Test func asManyModelSessionsAsMayRun() async throws {
        try await TestIngress.run(prepare: { bus in
            try await bus.report(.example())
            for id in ["m1", "m2"] {
                let request = #"{"session_id":"\#(id)","optimization_type":"quantization"}"#
                try await bus.tell("session.started", request, id: "\(id).started")
            }
        }) { ingress in
            let token = try ingress.token()
            let check = try await ingress.client.get("/api/v1/system/resource-check", token: token).json()
            #expect(check["resource_status"]?["sessions_available"]?.bool == false, "\(check.indented)")
            #expect(check["can_start_generation"]?.bool == false)
        }
    }
}
