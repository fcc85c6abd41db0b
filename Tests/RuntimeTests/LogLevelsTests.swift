import Testing

@testable import Runtime

@Suite struct LogLevelsTests {
    @Test func readsLevelsByComponent() {
        #expect(LogLevels("info,bus=debug") == LogLevels(.info, components: ["bus": .debug]))
        #expect(LogLevels(" bus = DEBUG , WARN ") == LogLevels(.warning, components: ["bus": .debug]))
        #expect(LogLevels("CRITICAL") == LogLevels(.error))
        #expect(LogLevels("http=error") == LogLevels(.info, components: ["http": .error]))
    }

    @Test(arguments: ["", "loud", "info,", "=debug", "bus=", "bus=debug=info", "info;bus=debug"])
    func refusesEverythingElse(_ text: String) {
        #expect(LogLevels(text) == nil)
    }

    @Test func findsTheClosestName() {
        let levels = LogLevels(.error, components: ["bus": .info, "bus.kafka": .debug])
        #expect(levels.level(of: "bus.kafka.poll") == .debug)
        #expect(levels.level(of: "bus.embedded") == .info)
        #expect(levels.level(of: "business") == .error)
    }

    @Test func ordersLevels() {
        #expect(LogLevel.allCases.sorted() == [.debug, .info, .notice, .warning, .error])
    }
}
