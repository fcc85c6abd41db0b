import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct AnalysisRoutesTests {
    private static let performance = "/api/v1/hardware/analyze/performance"
    private static let capacity = "/api/v1/hardware/analyze/capacity"

    private func report(_ bus: Bus, hours: Int) async throws {
        let now = SystemTime().now
        for hour in stride(from: hours, to: 0, by: -1) {
            try await bus.report(.example(at: now.advanced(by: .seconds(-3600 * hour)), cpu: 95))
        }
    }

    @Test func saysHowAHostPerformed() async throws {
        try await TestIngress.run(prepare: { try await report($0, hours: 12) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let answer = try await ingress.client.get(Self.performance, token: token)
            #expect(answer.status == 200)
            let root = try answer.json()
            #expect(root["metrics"]?["cpu_percent"]?["mean"]?.double == 95)
            #expect(root["metrics"]?["cpu_percent"]?["above_warning_percent"]?.double == 100)
            #expect(root["metrics"]?["gpu_percent"]?.isNull == true)
            #expect(root["bottlenecks"]?.elements.first { _ in true }?["metric"]?.string == "cpu_percent")
            #expect(root["predictions"]?["metrics"]?["cpu_percent"]?.isNull == true)
            let short = try await ingress.client.get(
                "\(Self.performance)?time_window_hours=2&include_predictions=no&host=alpha", token: token
            ).json()
            #expect(short["metrics"]?["cpu_percent"]?["samples"]?.int == 2)
            #expect(short["predictions"]?.isNull == true)
        }
    }

    @Test func saysWhenAHostRunsOutOfSomething() async throws {
        try await TestIngress.run(prepare: { try await report($0, hours: 40) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let answer = try await ingress.client.get(
                "\(Self.capacity)?forecast_days=7&growth_scenarios=moderate&growth_scenarios=aggressive", token: token)
            #expect(answer.status == 200)
            let root = try answer.json()
            #expect(root["growth_scenarios"]?.minified == Array(#"{"moderate":1.0,"aggressive":1.5}"#.utf8))
            let cpu = try #require(root["resources"]?["cpu"])
            #expect(cpu["status"]?.string == "forecast")
            #expect(cpu["confidence"]?.string == "low")
            #expect(cpu["scenarios"]?["conservative"] == nil)
            #expect(cpu["scenarios"]?["moderate"]?["forecast"]?.elements.first { _ in true }?["expected"]?.double == 95)
            let reaches = cpu["scenarios"]?["moderate"]?["reaches"]?.elements.map { $0["expected"]?.string != nil }
            #expect(reaches == [true, false])
            let vram = try #require(root["resources"]?["vram"])
            #expect(vram["status"]?.string == "not_measured")
            #expect(vram["scenarios"]?.isNull == true)
            #expect(root["resources"]?["disk_root"]?["basis"]?["hours_with_data"]?.int == 40)
        }
    }

    @Test func saysWhatIsMissing() async throws {
        try await TestIngress.run(prepare: { try await report($0, hours: 3) }) { ingress in
            let root = try await ingress.client.get(Self.capacity, token: try ingress.token()).json()
            let memory = try #require(root["resources"]?["memory"])
            #expect(memory["status"]?.string == "insufficient_data")
            #expect(memory["missing"]?.string == "24 hours with data are needed; there are 3.")
            #expect(memory["confidence"]?.isNull == true)
        }
    }

    @Test func refusesWhatMeansNothing() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            for query in ["time_window_hours=0", "time_window_hours=169", "include_predictions=x"] {
                #expect(try await ingress.client.get("\(Self.performance)?\(query)", token: token).status == 422)
            }
            for query in ["forecast_days=6", "forecast_days=366", "growth_scenarios=fast"] {
                #expect(try await ingress.client.get("\(Self.capacity)?\(query)", token: token).status == 422)
            }
            for path in [Self.performance, Self.capacity] {
                #expect(try await ingress.client.get("\(path)?host=x", token: token).status == 404)
                #expect(try await ingress.client.get(path).status == 401)
                #expect(try await ingress.client.get(path, token: ingress.token(["system:read"])).status == 403)
            }
        }
    }
}
