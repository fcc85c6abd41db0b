import BusClients
import BusTestKit
import Contracts
import Runtime
import Testing

@testable import Ingress

/// The processes and containers of `/api/v1/hardware/metrics`.
@Suite struct HostDetailRoutesTests {
    private static let path = "/api/v1/hardware/metrics"

    private func alpha() throws -> TestHost {
        let host = try TestHost("alpha")
        try host.addProcess(10, "beta", pages: 10_240, commandLine: "/usr/bin/beta\0--serve\0")
        return host
    }

    private var withContainers: HostSample {
        var sample = HostSample.example()
        var web = ContainerSample(id: String(repeating: "4f0c2a1b", count: 8))
        web.runtime = "docker"
        web.cpuPercent = 150
        sample.cpu.onlineCores = "0,2"
        sample.cpu.coreBusyPercent = [50, nil]
        sample.cpu.coreTimes = CoreTimesSample { $0 == .user ? [50, nil] : [0, nil] }
        var box = ContainerSample(id: "build-box")
        box.name = "build-box"
        sample.containers = [web, box]
        sample.containerCount = 70
        sample.sampler = SamplerSample(cpuMicroseconds: 140, durationMicroseconds: 150, residentBytes: 4096, missed: 2)
        return sample
    }

    @Test func containersAreOfTheLatestSample() async throws {
        let sample = withContainers
        try await TestIngress.run(prepare: { try await $0.report(sample) }) { ingress in
            let token = try ingress.token()
            let body = try await ingress.client.get("\(Self.path)?include_processes=false", token: token).json()
            #expect(body["containers"]?.elements.map { $0["short_id"]?.string } == ["4f0c2a1b4f0c", "build-box"])
            #expect(body["containers"]?.elements.map { $0["cpu_percent"]?.double } == [150, nil])
            #expect(body["container_count"]?.int == 70)
            #expect(body["cpu"]?["online_cores"]?.string == "0,2")
            #expect(body["cpu"]?["core_usage_percent"]?.elements.map(\.double) == [50, nil])
            #expect(body["cpu"]?["core_times"]?["user"]?.elements.map(\.double) == [50, nil])
            #expect(body["sampler"]?["cpu_us"]?.double == 140)
            #expect(body["sampler"]?["missed"]?.int == 2)
            #expect(body["processes_reason"]?.string == "not asked for")
            let less = try await ingress.client.get(
                "\(Self.path)?include_containers=no&include_processes=no", token: token
            ).json()
            #expect(less["containers"]?.isNull == true)
            let stream = try await ingress.client.stream(
                "\(Self.path)/stream?interval=1", token: token, until: "\n\n", count: 1)
            #expect(stream.text.contains(#""short_id":"build-box""#))
            #expect(stream.text.contains(#""processes_reason":"not asked for""#))
        }
    }

    @Test func processesAreAskedOfTheHost() async throws {
        let host = try alpha()
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            try await host.working(on: ingress.bus) {
                let token = try ingress.token(["hardware:monitor"])
                // The host reports once and is stale after three seconds, in which it is asked.
                try await ingress.bus.report(.example())
                let body = try await ingress.client.get(Self.path, token: token).json()
                #expect(body["processes"]?.elements.map { $0["pid"]?.int } == [10])
                #expect(body["processes"]?.elements.map { $0["command_line"]?.string } == ["/usr/bin/beta --serve"])
                #expect(body["processes_reason"] == nil)
                let stream = try await ingress.client.stream(
                    "\(Self.path)/stream?interval=1&include_processes=true", token: token, until: "\n\n", count: 1)
                #expect(stream.text.contains(#""command_line":"/usr/bin/beta --serve""#))
            }
        }
    }

    @Test func aWorkerThatDoesNotAnswerInTimeIsNoError() async throws {
        try await TestIngress.run(
            answerPatience: .milliseconds(200), prepare: { try await $0.report(.example()) }
        ) { ingress in
            try await ingress.bus.queues.declare(
                QueueName(StreamNames.inspect("alpha")), WorkQueueOptions(maximumAttempts: 2, maximumLength: 64))
            let answer = try await ingress.client.get(Self.path, token: try ingress.token())
            #expect(answer.status == 200)
            let body = try answer.json()
            #expect(body["cpu"]?["usage_percent"]?.double == 12.5)
            #expect(body["processes"]?.isNull == true)
            #expect(body["processes_reason"]?.string == "The host's worker did not answer in time.")
        }
    }

    @Test func aSilentHostIsNotAsked() async throws {
        try await TestIngress.run(prepare: { try await $0.report(.example()) }) { ingress in
            let token = try ingress.token()
            try await ingress.eventually("alpha is stale") {
                let body = try await ingress.client.get(Self.path, token: token).json()
                return body["processes_reason"]?.string == "the host is silent" && body["stale"]?.bool == true
            }
        }
    }
}
