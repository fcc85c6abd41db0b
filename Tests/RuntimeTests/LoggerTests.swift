import BusTestKit
import Synchronization
import Testing

@testable import Runtime

@Suite struct LoggerTests {
    private let memory = LogMemory()
    /// 2026-11-21T03:00:00.123Z
    private let time = ManualTime(now: Timestamp(microseconds: 1_795_230_000_123_456))

    private func logger(_ format: LogFormat, levels: LogLevels = LogLevels(.debug)) -> Logger {
        Logger(component: "ingress", sink: LogSink(format: format, levels: levels, memory: memory, time: time))
    }

    @Test func writesTextLines() {
        let logger = logger(.text)
        logger.info("listening", ["url": "http://127.0.0.1:8000"])
        logger.warning("slow")
        #expect(
            memory.lines == [
                "2026-11-21T03:00:00.123Z info  ingress listening url=http://127.0.0.1:8000",
                "2026-11-21T03:00:00.123Z warning ingress slow",
            ])
    }

    @Test func writesJSONLines() {
        logger(.json).error("failed", ["code": 7, "share": 0.5, "again": true, "why": "no", "bad": .double(.nan)])
        #expect(
            memory.lines == [
                """
                {"time":"2026-11-21T03:00:00.123Z","level":"error","component":"ingress","event":"failed",\
                "code":7,"share":0.5,"again":true,"why":"no","bad":null}
                """
            ])
    }

    @Test func keepsOneLineWhateverIsLogged() {
        let nasty: LogFields = [
            "text": "a\nb\r\t\"\\\u{1B}[31m\u{7F}\u{9B}\u{2028}\u{202E}é", "e=v il": "", "plain": "x=y",
        ]
        logger(.text).info("one\ntwo", nasty)
        logger(.json).info("one\ntwo", nasty)
        #expect(
            memory.lines == [
                #"2026-11-21T03:00:00.123Z info  ingress one\ntwo "#
                    + #"text="a\nb\r\t\"\\\u001b[31m\u007f\u009b\u2028\u202eé" e_v_il="" plain="x=y""#,
                #"{"time":"2026-11-21T03:00:00.123Z","level":"info","component":"ingress","event":"one\ntwo","#
                    + #""text":"a\nb\r\t\"\\\u001b[31m\u007f\u009b\u2028\u202eé","e=v il":"","plain":"x=y"}"#,
            ])
    }

    @Test func cutsLongValues() throws {
        logger(.text).info("long", ["text": .string(String(repeating: "x", count: 100_000))])
        let line = try #require(memory.lines.first)
        #expect(line.utf8.count < 4300)
        #expect(line.hasSuffix("x…") || line.hasSuffix("x…\""))
    }

    @Test func renamesFieldsThatTheLineHasItself() {
        logger(.json).info("x", ["level": "high"])
        #expect(memory.lines.first?.hasSuffix(#""event":"x","level_":"high"}"#) == true)
    }

    @Test func obeysLevelsByComponent() {
        let levels = LogLevels(.warning, components: ["bus": .debug])
        let logger = logger(.text, levels: levels)
        logger.info(
            "hidden",
            { () -> LogFields in
                Issue.record("fields of a hidden line were made"); return [:]
            }())
        logger.error("shown")
        logger.component("bus.embedded").debug("shown too")
        logger.component("busy").info("hidden")
        #expect(memory.lines.count == 2)
        #expect(!logger.isEnabled(.notice))
        #expect(logger.component("bus").isEnabled(.debug))
    }

    @Test func carriesFieldsAlong() {
        let logger = logger(.text).with(["host": "h1", "try": 1])
        logger.with(["try": 2]).component("pusher").notice("sent", ["host": "h2", "count": LogValue(3 as UInt8)])
        #expect(memory.lines == ["2026-11-21T03:00:00.123Z notice pusher sent host=h2 try=2 count=3"])
    }

    @Test func staysSilentWhenToldTo() {
        let logger = Logger.silent.component("x").with(["a": 1])
        logger.error("nothing")
        #expect(!logger.isEnabled(.error))
    }

    @Test func boundsTheMemory() {
        let memory = LogMemory(limit: 2)
        let logger = Logger(component: "x", sink: LogSink(memory: memory, time: time))
        for event in ["one", "two", "three"] { logger.info(event) }
        #expect(memory.lines.map { $0.split(separator: " ").last } == ["two", "three"])
    }
}
