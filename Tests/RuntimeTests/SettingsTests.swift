import BusTestKit
import Glibc
import Testing

@testable import Runtime

@Suite struct SettingsTests {
    private func file(_ text: String, in folder: TemporaryFolder, name: String = "flotilla.env") throws -> String {
        let path = folder.path + "/" + name
        let descriptor = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        try #require(write(descriptor, text, text.utf8.count) == text.utf8.count)
        return path
    }

    @Test func putsFlagsBeforeTheEnvironmentBeforeTheFile() throws {
        let folder = try TemporaryFolder()
        let path = try file("A=file\nB=file\nC=file\nD=file\n", in: folder)
        let settings = try Settings(
            flags: ["--a": "flag", "API_KEY": "flag"], environment: ["A": "environment", "B": "environment", "C": ""],
            file: path)
        var reader = settings.reader()
        #expect(reader.string("A") == "flag")
        #expect(reader.string("B") == "environment")
        #expect(reader.string("C") == nil)
        #expect(reader.string("D") == "file")
        #expect(reader.string("API_KEY") == "flag")
        #expect(reader.string("E") == nil)
    }

    @Test func readsTheFileThatTheEnvironmentNames() throws {
        let folder = try TemporaryFolder()
        let ordinary = try file("A=ordinary\n", in: folder)
        let named = try file("A=named\n", in: folder, name: "other.env")
        var reader = try Settings(
            flags: [:], environment: ["FLOTILLA_ENV_FILE": named], file: ordinary
        ).reader()
        #expect(reader.string("A") == "named")
        #expect(throws: SettingsError.self) {
            try Settings(flags: ["flotilla-env-file": folder.path + "/none"], environment: [:], file: ordinary)
        }
    }

    @Test func listsNamesByTheirBeginning() throws {
        let settings = try Settings(
            flags: [:], environment: ["KAFKA_CONFIG_B": "1", "KAFKA_CONFIG_A": "2", "KAFKA_CONFIG_C": "", "X": "3"],
            file: nil)
        #expect(settings.names(prefix: "KAFKA_CONFIG_") == ["KAFKA_CONFIG_A", "KAFKA_CONFIG_B"])
    }

    @Test func knowsTheFlagOfAVariable() {
        #expect(SettingName.flag("API_PORT") == "--api-port")
        #expect(SettingName.variable("--api-port") == "API_PORT")
        #expect(SettingName.variable("api-port") == "API_PORT")
    }
}
