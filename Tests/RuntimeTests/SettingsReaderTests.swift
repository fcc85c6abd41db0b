import Testing

@testable import Runtime

@Suite struct SettingsReaderTests {
    private func reader(_ environment: [String: String], flags: [String: String] = [:]) throws -> SettingsReader {
        try Settings(flags: flags, environment: environment, file: nil).reader()
    }

    @Test func readsEveryType() throws {
        var reader = try reader([
            "INT": " 42 ", "DOUBLE": "-1.5", "YES": "On", "NO": "0", "MS": "5000", "S": "1.5s", "H": "2h",
            "FORMAT": "JSON",
            "ENGINE": "fast", "LIST": " a, b ,,c", "JSON_LIST": #"["*", "http://a"]"#, "PATHS": "/a:/b",
            "HOME": "/home/f",
            "STATE": "~/state", "KEY": "hunter2hunter2",
        ])
        #expect(reader.int("INT", default: 1, in: 0...100) == 42)
        #expect(reader.double("DOUBLE", default: 0) == -1.5)
        #expect(reader.bool("YES", default: false) == true)
        #expect(reader.bool("NO", default: true) == false)
        #expect(reader.duration("MS", default: .zero, unit: .milliseconds) == .seconds(5))
        #expect(reader.duration("S", default: .zero, unit: .minutes) == .milliseconds(1500))
        #expect(reader.duration("H", default: .zero) == .seconds(7200))
        #expect(reader.oneOf("FORMAT", default: LogFormat.text) == .json)
        #expect(reader.oneOf("ENGINE", ["fast", "slow"], default: "slow") == "fast")
        #expect(reader.list("LIST") == ["a", "b", "c"])
        #expect(reader.list("JSON_LIST") == ["*", "http://a"])
        #expect(reader.list("PATHS", separator: ":") == ["/a", "/b"])
        #expect(reader.path("STATE") == "/home/f/state")
        #expect(reader.secret("KEY", minimumBytes: 8) == "hunter2hunter2")
        try reader.finish()
    }

    @Test func usesDefaultsForWhatIsUnsetOrEmpty() throws {
        var reader = try reader(["EMPTY": ""])
        #expect(reader.int("EMPTY", default: 8000) == 8000)
        #expect(reader.int("NONE") == nil)
        #expect(reader.duration("NONE", default: .seconds(1)) == .seconds(1))
        #expect(reader.path("NONE", default: "/x") == "/x")
        #expect(reader.secret("NONE") == nil)
        #expect(reader.list("NONE", default: ["a"]) == ["a"])
        #expect(!reader.isSet("EMPTY"))
        try reader.finish()
    }

    @Test func reportsEveryMistakeAtOnce() throws {
        var reader = try reader(
            [
                "RATIO": "nan", "FLAG": "maybe", "TTL": "soon", "FORMAT": "xml", "TEXT": "a\u{7}b", "STATE": "~/x",
                "LIST": "[a]", "WAIT": "-1",
            ], flags: ["--api-port": "70000"])
        #expect(reader.int("API_PORT", default: 8000, in: 1...65_535) == 8000)
        #expect(reader.double("RATIO", default: 0.5, in: 0...1) == 0.5)
        #expect(reader.bool("FLAG", default: true) == true)
        #expect(reader.duration("TTL", default: .seconds(9), in: .seconds(1) ... .seconds(60)) == .seconds(9))
        #expect(reader.duration("WAIT", default: .zero, unit: .milliseconds) == .zero)
        #expect(reader.oneOf("FORMAT", default: LogFormat.text) == .text)
        #expect(reader.string("TEXT", default: "t") == "t")
        #expect(reader.path("STATE", default: "/s") == "/s")
        #expect(reader.list("LIST") == [])
        reader.reject("OTHER", mustBe: "set when FLAG is")
        #expect {
            try reader.finish()
        } throws: { error in
            #expect(
                "\(error)" == #"""
                    API_PORT (--api-port) is "70000" in the command line; it must be a whole number from 1 to 65535
                    RATIO (--ratio) is "nan" in the environment; it must be a number from 0 to 1
                    FLAG (--flag) is "maybe" in the environment; it must be true or false
                    TTL (--ttl) is "soon" in the environment; it must be a duration from 1 to 60 in seconds, or with ms, s, m, h or d
                    WAIT (--wait) is "-1" in the environment; it must be a duration in milliseconds, or with ms, s, m, h or d
                    FORMAT (--format) is "xml" in the environment; it must be one of text, json
                    TEXT (--text) is "a\u0007b" in the environment; it must be text without control characters
                    STATE (--state) is "~/x" in the environment; it must be a path without control characters, and with HOME set if it begins with ~
                    LIST (--list) is "[a]" in the environment; it must be texts separated by ,
                    OTHER (--other) is not set; it must be set when FLAG is
                    """#)
            return true
        }
    }

    @Test func neverShowsASecret() throws {
        var reader = try reader(["KEY": "hunter2"])
        #expect(reader.secret("KEY", minimumBytes: 32) == nil)
        reader.reject("KEY", mustBe: "another one", isSecret: true)
        #expect {
            try reader.finish()
        } throws: { error in
            #expect(!"\(error)".contains("hunter2"))
            #expect((error as? SettingsError)?.problems.count == 2)
            #expect("\(error)".contains("KEY is set in the environment to a value that is not shown"))
            return true
        }
    }

    @Test func cutsLongValuesInErrors() throws {
        var reader = try reader(["N": String(repeating: "9", count: 5000)])
        _ = reader.int("N")
        #expect(reader.problems.first.map { $0.description.utf8.count < 250 } == true)
    }
}
