import BusTestKit
import Glibc
import Testing

@testable import Runtime

@Suite struct EnvironmentFileTests {
    private func parse(_ text: String) throws(SettingsError) -> [String: String] {
        try EnvironmentFile.parse(Array(text.utf8), path: "test.env").mapValues(\.text)
    }

    @Test func readsEveryForm() throws {
        let values = try parse(
            """
            \u{FEFF}# a comment
            A=1
              export B = two words   # a comment
            C='single $ \\n # kept'  # a comment
            D="double \\"quoted\\" \\\\ \\$ \\t."
            E=
            F=a#b
            G="" # empty
            A=again
            exported=x\r

            """)
        #expect(
            values == [
                "A": "again", "B": "two words", "C": "single $ \\n # kept", "D": "double \"quoted\" \\ $ \t.", "E": "",
                "F": "a#b", "G": "", "exported": "x",
            ])
    }

    @Test func namesEveryBadLineWithoutShowingIt() {
        let text = "GOOD=1\nhunter2\n1A=hunter2\nB='hunter2\nC=\"hunter2\" x\nD=\"hunter2\\q\"\n=hunter2\nE=hunter2\0"
        #expect {
            _ = try parse(text)
        } throws: { error in
            guard let error = error as? SettingsError else { return false }
            #expect(!error.description.contains("hunter2"))
            let starts = error.problems.map { $0.description.prefix { $0 != ":" } }
            #expect(starts == [2, 3, 4, 5, 6, 7, 8].map { "test.env line \($0)" })
            return true
        }
    }

    @Test func refusesWhatIsNotText() {
        #expect(throws: SettingsError.self) { try EnvironmentFile.parse([0xFF, 0xFE], path: "x") }
    }

    @Test func toleratesOnlyAMissingFileThatNobodyNamed() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/none.env"
        #expect(try EnvironmentFile.read(path, mayBeMissing: true).isEmpty)
        #expect(throws: SettingsError.self) { try EnvironmentFile.read(path, mayBeMissing: false) }
        #expect(throws: SettingsError.self) { try EnvironmentFile.read(folder.path, mayBeMissing: true) }
    }

    @Test func refusesAnEndlessFile() {
        #expect(throws: SettingsError.self) { try EnvironmentFile.read("/dev/zero", mayBeMissing: true) }
    }
}
