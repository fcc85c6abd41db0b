import Contracts
import Runtime
import Testing

@Suite struct MonitoringSettingsTests {
    private static func plan(_ settings: MonitoringSettings?, host: String? = "alpha") -> MonitoringPlan {
        MonitoringPlan(settings, interval: .seconds(2), host: host)
    }

    private static func rule(_ text: String) throws -> AlertRule {
        try AlertRule(try JSONDocument(parsing: text).root)
    }

    @Test func withoutASettingTheWorkersOwnHolds() {
        let plan = Self.plan(nil)
        #expect(plan.interval == .seconds(2))
        #expect(plan.intervals.count == MetricClass.allCases.count)
        #expect(plan.intervals.values.allSatisfy { $0 == .seconds(2) })
        #expect(plan.rules == AlertRule.standard)
        #expect(plan.webhooks == [])
    }

    @Test func partsHaveIntervalsAndCanBeLeftOut() {
        var settings = MonitoringSettings()
        settings.enabled = [.cpu, .disk, .gpu]
        settings.intervals = [.cpu: 1.5, .network: 1, .disk: 60]
        let plan = Self.plan(settings)
        #expect(plan.intervals == [.cpu: .seconds(1.5), .disk: .seconds(60), .gpu: .seconds(30)])
        #expect(plan.interval == .seconds(1.5), "the shortest of what is taken")
        #expect(plan.rules.map(\.name) == ["cpu_busy", "vram_full"], "no rule looks at what is not taken")
    }

    @Test func thresholdsMoveTheLowestLevel() {
        var settings = MonitoringSettings()
        settings.thresholds = [.cpu: 80, .disk: 96, .memory: 97, .vram: 94.9, .swap: 50]
        let rules = Self.plan(settings).rules
        func levels(_ name: String) -> [AlertRule.Level]? { rules.first { $0.name == name }?.levels }
        #expect(levels("cpu_busy") == [.init(.medium, enter: 80, leave: 75), .init(.high, enter: 98, leave: 95)])
        #expect(levels("disk_full") == [.init(.critical, enter: 96, leave: 91)], "96 % is as bad as it was")
        #expect(levels("memory_full") == [.init(.critical, enter: 97, leave: 92)])
        #expect(levels("vram_full")?.map(\.enter) == [94.9, 95])
        #expect(levels("vram_full")?.first?.leave == 94.9 - 5)
        #expect(levels("swap_percent") == [.init(.medium, enter: 50, leave: 45)], "no rule was about it")
        for rule in rules {
            #expect(rule.levels.allSatisfy { $0.leave < $0.enter })
            #expect(
                zip(rule.levels, rule.levels.dropFirst()).allSatisfy {
                    $0.enter < $1.enter && $0.leave <= $1.leave && $0.severity < $1.severity
                })
        }
    }

    /// A percentage is never below 0, so a level that was left there would never be left.
    @Test func lowThresholdsAreLeftToo() {
        #expect(AlertMetric.cpu.leave(below: 80) == 75)
        #expect(AlertMetric.cpu.leave(below: 4) == 2)
        #expect(AlertMetric.temperature.leave(below: 4) == -1)
        #expect(AlertRule.standard[0].raised(from: 3).levels[0] == .init(.medium, enter: 3, leave: 1.5))
        #expect(AlertRule.plain(.swap, threshold: 2).levels[0].leave == 1)
    }

    @Test func rulesReplaceTheStandardOnesOnTheirHosts() throws {
        var settings = MonitoringSettings()
        settings.rules = [
            try Self.rule(#"{"name":"a","metric":"cpu_percent","levels":[{"severity":"low","enter":50}]}"#),
            try Self.rule(
                #"{"name":"b","metric":"swap_percent","levels":[{"severity":"low","enter":50}],"hosts":["gpu-*"]}"#),
        ]
        #expect(Self.plan(settings).rules.map(\.name) == ["a"])
        #expect(Self.plan(settings, host: "gpu-7").rules.map(\.name) == ["a", "b"])
        #expect(Self.plan(settings, host: nil).rules.map(\.name) == ["a", "b"])
        settings.rules = []
        #expect(Self.plan(settings).rules == [])
    }

    @Test func isReadAsItIsWritten() throws {
        var settings = MonitoringSettings()
        #expect(try MonitoringSettings(json: settings.json) == settings)
        settings.interval = 5
        settings.thresholds = [.temperature: 85.5]
        settings.enabled = [.cpu, .controlGroup]
        settings.retentionHours = 168
        settings.webhooks = ["https://a.example/x?y"]
        settings.intervals = [.fileSystems: 600]
        settings.rules = AlertRule.standard
        settings.rules?[0].hosts = [HostPattern("a*")]
        #expect(try MonitoringSettings(json: settings.json) == settings)
    }

    @Test(arguments: [
        "{", "[]", "{}", #"{"interval_seconds":4}"#, #"{"interval_seconds":1e99}"#,
        #"{"interval_seconds":30,"retention_hours":24,"alert_thresholds":{"x":1},"enabled_metrics":[],"#
            + #""notification_webhooks":[],"intervals":{}}"#,
        #"{"interval_seconds":30,"retention_hours":24,"alert_thresholds":{},"enabled_metrics":["x"],"#
            + #""notification_webhooks":[],"intervals":{}}"#,
        #"{"interval_seconds":30,"retention_hours":24,"alert_thresholds":{},"enabled_metrics":[],"#
            + #""notification_webhooks":[],"intervals":{"cpu":0}}"#,
    ])
    func whatIsMalformedIsRefused(text: String) {
        #expect(throws: (any Error).self) { try MonitoringSettings(json: Array(text.utf8)) }
    }

    @Test func aRuleHasDefaults() throws {
        let rule = try Self.rule(
            #"{"name":"r","metric":"cpu_percent","levels":[{"severity":"low","enter":50},"#
                + #"{"severity":"critical","enter":90,"leave":60}]}"#)
        #expect(rule.title == "r")
        #expect(rule.hold == .seconds(30))
        #expect(rule.keepFiring == .seconds(60))
        #expect(rule.levels == [.init(.low, enter: 50, leave: 45), .init(.critical, enter: 90, leave: 60)])
        #expect(rule.isFor("anything"))
        #expect(rule.level(of: .high) == 0)
        #expect(rule.level(of: .critical) == 1)
    }

    @Test(arguments: [
        ("3", "a rule must be an object"),
        (#"{"name":"A","metric":"cpu_percent","levels":[]}"#, "name must be"),
        (#"{"name":"a","metric":"x","levels":[]}"#, "metric must be one of cpu_percent"),
        (#"{"name":"a","metric":"cpu_percent","levels":[]}"#, "at least one"),
        (#"{"name":"a","metric":"cpu_percent","levels":[{"severity":"low","enter":101}]}"#, "from 0 to 100"),
        (#"{"name":"a","metric":"cpu_percent","levels":[{"severity":"x","enter":1}]}"#, "severity must be one of"),
        (#"{"name":"a","metric":"cpu_percent","levels":[{"severity":"low","enter":50,"leave":50}]}"#, "below enter"),
        (
            #"{"name":"a","metric":"cpu_percent","levels":[{"severity":"low","enter":50},{"severity":"low","enter":60}]}"#,
            "levels must rise"
        ),
        (#"{"name":"a","metric":"cpu_percent","for_seconds":-1,"levels":[]}"#, "for_seconds must be"),
        (#"{"name":"a","metric":"cpu_percent","title":"","levels":[]}"#, "title must be"),
        (#"{"name":"a","metric":"cpu_percent","hosts":[],"levels":[]}"#, "hosts must be"),
        (#"{"name":"a","metric":"cpu_percent","hosts":[1],"levels":[]}"#, "hosts must be"),
    ])
    func aRuleThatIsWrongSaysWhy(text: String, reason: String) {
        let error = #expect(throws: MessageError.self) { try Self.rule(text) }
        #expect(error?.message.contains(reason) == true, "\(error?.message ?? "")")
    }

    @Test func patternsOfHosts() {
        for (pattern, name, matches) in [
            ("a", "a", true), ("a", "ab", false), ("a*", "a", true), ("a*", "abc", true), ("*c", "abc", true),
            ("a*c*e", "abcde", true), ("a*c*f", "abcde", false), ("*", "", true), ("", "", true), ("", "a", false),
            ("**", "x", true), ("a*a", "a", false), ("*ab", "aab", true),
        ] { #expect(HostPattern(pattern).matches(name) == matches, "\(pattern) \(name)") }
        // No pattern takes long: quadratic at the worst.
        let long = HostPattern(String(repeating: "a*", count: 120) + "b")
        #expect(!long.matches(String(repeating: "a", count: 255)))
    }

    @Test func readingsOfEveryMetric() {
        var sample = HostSample(
            host: "h", timestamp: .init(microseconds: 0), interval: 1,
            cpu: CPUSample(busyPercent: 1, ioWaitPercent: 2, stealPercent: 3),
            memory: MemorySample(usedPercent: 4, swapUsedPercent: 5),
            fileSystems: [FileSystemSample(mountPoint: "/", usedPercent: 6, inodesUsedPercent: 7)],
            gpus: [GPUSample(index: 0, busyPercent: 8, memoryUsedPercent: 9)])
        sample.pressure = PressureSample()
        sample.pressure?.cpuSome = 10
        sample.openFiles = 30
        sample.maximumOpenFiles = 120
        sample.temperatures = [
            TemperatureSample(sensor: "nvme", label: nil, celsius: 40),
            TemperatureSample(sensor: "nvme", label: nil, celsius: 50),
        ]
        func values(_ metric: AlertMetric) -> [Double?] { metric.readings(sample).map(\.value) }
        #expect(values(.cpu) == [1] && values(.ioWait) == [2] && values(.steal) == [3])
        #expect(values(.memory) == [4] && values(.swap) == [5])
        #expect(values(.disk) == [6] && values(.inodes) == [7] && values(.gpu) == [8] && values(.vram) == [9])
        #expect(values(.cpuPressure) == [10] && values(.ioPressure) == [nil] && values(.groupMemory) == [nil])
        #expect(values(.openFiles) == [25])
        #expect(AlertMetric.temperature.readings(sample).map(\.subject) == ["nvme", "nvme #2"])
    }
}
