import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct MetricsHistoryRoutesTests {
    private static let path = "/api/v1/hardware/metrics/history"

    private static func buckets(_ answer: JSONValue) -> Int {
        answer["timestamps"]?.elements.reduce(0) { count, _ in count + 1 } ?? 0
    }

    @Test func answersColumnsInBuckets() async throws {
        // Three samples in the first of three buckets of 20 s, none in the second, one in the third.
        let begin = SystemTime().now.microseconds / 1_000_000 / 60 * 60 - 600
        let samples = [(1, 10), (5, 40), (19, 25), (41, 30)].map { second, cpu in
            HostSample.example(at: Timestamp(microseconds: (begin + Int64(second)) * 1_000_000), cpu: Double(cpu))
        }
        try await TestIngress.run(prepare: { bus in
            for sample in samples { try await bus.report(sample) }
        }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let start = Timestamp(microseconds: begin * 1_000_000)
            let path = "\(Self.path)?start=\(begin)&end=\(start.advanced(by: .seconds(60)).rfc3339)&step=20"
            let answer = try await ingress.client.get(path + "&metrics=cpu_percent,gpu_percent", token: token)
            #expect(answer.status == 200)
            #expect(
                answer.text == """
                    {"host":"alpha","start":"\(start.rfc3339)","end":"\(start.advanced(by: .seconds(60)).rfc3339)",\
                    "step_seconds":20,"resolution_seconds":1,"timestamps":[\(begin),\(begin + 20),\(begin + 40)],\
                    "metrics":{"cpu_percent":{"unit":"percent","mean":[25.0,null,30.0],"min":[10.0,null,30.0],\
                    "max":[40.0,null,30.0],"last":[25.0,null,30.0]},"gpu_percent":{"unit":"percent",\
                    "mean":[null,null,null],"min":[null,null,null],"max":[null,null,null],"last":[null,null,null]}}}
                    """)
            let one = try await ingress.client.get(
                path + "&metrics=load1&statistics=max,mean&metrics=cpu_percent", token: token
            ).json()
            #expect(one["metrics"]?.members.map(\.name.string) == ["load1", "cpu_percent"])
            #expect(one["metrics"]?["load1"]?.members.map(\.name.string) == ["unit", "max", "mean"])

            let all = try await ingress.client.get("\(Self.path)?hours=0.5", token: token).json()
            #expect(all["metrics"]?.members.map(\.name.string) == HostMetric.names)
            #expect(all["step_seconds"]?.int == 6)
            #expect((300...302).contains(Self.buckets(all)))
            let day = try await ingress.client.get(Self.path, token: token).json()
            #expect((280...310).contains(Self.buckets(day)))
        }
    }

    @Test func mostBucketsAreElevenThousand() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let path = "\(Self.path)?metrics=cpu_percent&start=1800000000&step=1&end="
            let most = try await ingress.client.get(path + "1800011000", token: token)
            #expect(most.status == 200)
            #expect(try Self.buckets(most.json()) == 11_000)
            #expect(try await ingress.client.get(path + "1800011001", token: token).status == 422)
            #expect(try await ingress.client.get("\(Self.path)?hours=8760&step=60", token: token).status == 422)
        }
    }

    @Test(arguments: [
        ("metrics=x", "metrics"), ("metrics=cpu_percent,", "metrics"), ("metrics=", "metrics"),
        ("statistics=median", "statistics"), ("step=0", "step"), ("step=x", "step"), ("start=x", "start"),
        ("start=-1", "start"), ("end=1e300", "end"), ("start=1800000000&end=1800000000", "start"), ("hours=0", "hours"),
        ("start=1800000000&end=1800000060&hours=1", "hours"),
    ]) func refusesWhatMeansNothing(query: String, name: String) async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let answer = try await ingress.client.get("\(Self.path)?\(query)", token: token)
            #expect(answer.status == 422)
            let places = try answer.json()["detail"]?.elements.map { $0["loc"]?.elements.compactMap(\.string) ?? [] }
            #expect(places == [["query", name]])
        }
    }

    @Test func anUnknownMetricIsToldTheKnownOnes() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            let answer = try await ingress.client.get("\(Self.path)?metrics=cpu", token: token)
            for name in HostMetric.names { #expect(answer.text.contains(name)) }
            #expect(try await ingress.client.get("\(Self.path)?host=x", token: token).status == 404)
            #expect(try await ingress.client.get(Self.path).status == 401)
            let other = try ingress.token(["system:read"])
            #expect(try await ingress.client.get(Self.path, token: other).status == 403)
        }
    }
}
