import BusClients
import BusTestKit
import Contracts
import Runtime
import SQLiteKit
import Testing

@testable import Ingress

@Suite struct RecommendationTests {
    private static let path = "/api/v1/hardware/recommendations"

    private static func means(_ cpu: Double, _ ram: Double, hours: Int) -> HostEvidence.Means {
        HostEvidence.Means(samples: hours * 3600, covered: .seconds(hours * 3600), cpuPercent: cpu, ramPercent: ram)
    }

    private static func ids(_ evidence: HostEvidence) -> [String] {
        RecommendationRules.recommendations(for: evidence).map(\.id)
    }

    @Test func saysNothingWhereThereIsNothingToSay() {
        var evidence = HostEvidence(sample: .example())
        #expect(Self.ids(evidence) == [], "nothing is known but the last reading")
        evidence.lastHour = Self.means(50, 50, hours: 1)
        evidence.lastDay = Self.means(50, 50, hours: 24)
        evidence.lastWeek = Self.means(50, 50, hours: 168)
        #expect(Self.ids(evidence) == [])
    }

    @Test func eachRuleSaysWhichNumbers() throws {
        var evidence = HostEvidence(sample: .example())
        evidence.sample.fileSystems = [
            FileSystemSample(mountPoint: "/", available: 5, usedPercent: 84.9),
            FileSystemSample(mountPoint: "/var", available: 5, usedPercent: 85),
            FileSystemSample(mountPoint: "/srv", usedPercent: 95), FileSystemSample(mountPoint: "/x"),
        ]
        evidence.sample.memory.usedPercent = 80
        evidence.sample.memory.swapUsedPercent = 25
        evidence.lastHour = Self.means(85, 50, hours: 1)
        evidence.lastDay = Self.means(50, 85, hours: 24)
        evidence.lastWeek = Self.means(4.9, 24.9, hours: 168)
        let found = RecommendationRules.recommendations(for: evidence)
        #expect(
            found.map(\.id) == [
                "disk_nearly_full:/srv", "disk_nearly_full:/var", "memory_short", "processors_short", "swapping",
                "idle_host",
            ])
        #expect(found.allSatisfy { !$0.evidence.isEmpty })
        let memory = try #require(found.first { $0.id == "memory_short" })
        #expect(memory.evidence.map(\.name) == ["mean_ram_percent", "samples"])
        #expect(memory.evidence.map(\.value) == [85, 86_400])
    }

    /// A host that was started an hour ago was not idle for a week.
    @Test func meansOfAPartOfTheTimeSayNothing() {
        var evidence = HostEvidence(sample: .example())
        evidence.lastWeek = Self.means(0, 0, hours: 100)
        evidence.lastDay = Self.means(99, 99, hours: 20)
        #expect(Self.ids(evidence) == [])
    }

    @Test func answersWhatMatches() async throws {
        var sample = HostSample.example()
        sample.fileSystems = [
            FileSystemSample(mountPoint: "/", usedPercent: 96), FileSystemSample(mountPoint: "/var", usedPercent: 86),
        ]
        try await TestIngress.run(prepare: { [sample] in try await $0.report(sample) }) { ingress in
            let token = try ingress.token(["hardware:monitor"])
            func ids(_ query: String) async throws -> [String] {
                let answer = try await ingress.client.get(Self.path + query, token: token)
                #expect(answer.status == 200)
                return try answer.json().elements.compactMap { $0["id"]?.string }
            }
            #expect(try await ids("") == ["disk_nearly_full:/", "disk_nearly_full:/var"])
            #expect(try await ids("?priority=critical") == ["disk_nearly_full:/"])
            #expect(try await ids("?category=cpu") == [])
            #expect(try await ids("?implementation_complexity=low&limit=1") == ["disk_nearly_full:/"])
            for query in ["?category=x", "?priority=x", "?limit=0", "?limit=101"] {
                #expect(try await ingress.client.get(Self.path + query, token: token).status == 422)
            }
            #expect(try await ingress.client.get(Self.path + "?host=x", token: token).status == 404)
        }
    }

    @Test func meansAreThoseOfTheSamples() async throws {
        let folder = try TemporaryFolder()
        let time = ManualTime()
        let projection = HostProjection(interval: .seconds(1), time: time)
        let database = try await ViewsStore.open(
            path: "\(folder.path)/views.db", projections: [projection], metrics: MetricsRegistry(), logger: .silent)
        let start = time.now.advanced(by: .seconds(-7200))
        let records = (0..<120).map { minute in
            let sample = HostSample.example(at: start.advanced(by: .seconds(60 * minute)), cpu: minute < 60 ? 10 : 30)
            return ProjectionRecord(
                position: LogPosition(partition: 0, offset: Int64(minute)), key: sample.host, headers: [:],
                body: sample.json, timestamp: sample.timestamp.microseconds)
        }
        try await database.write {
            try projection.apply(ProjectionBatch(source: projection.sources[0], records: records), $0)
        }
        let now = time.now
        let evidence = try await database.read { try $0.hostEvidence(.example(), now: now) }
        #expect(evidence.lastHour == .init(samples: 60, covered: .seconds(59 * 60), cpuPercent: 30, ramPercent: 75))
        #expect(evidence.lastDay == .init(samples: 120, covered: .seconds(119 * 60), cpuPercent: 20, ramPercent: 75))
        let other = try await database.read { try $0.hostEvidence(.example(host: "beta"), now: now) }
        #expect(other.lastWeek == nil)
        try await database.close()
    }
}
