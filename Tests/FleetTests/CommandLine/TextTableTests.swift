import Testing

@testable import flotilla

@Suite struct TextTableTests {
    private var table: TextTable {
        var table = TextTable(columns: [
            .init(title: "NAME"), .init(title: "N", isRightAligned: true), .init(title: "NOTE"),
        ])
        table.rows = [["a", "1", ""], ["longer", TextTable.Cell("100", .bad), "x"]]
        return table
    }

    @Test func alignsColumnsWithoutATerminal() {
        #expect(
            table.lines(TextStyle(isEnabled: false)) == [
                "NAME      N  NOTE",
                "a         1",
                "longer  100  x",
            ])
    }

    @Test func coloursDoNotMoveColumns() {
        let lines = table.lines(TextStyle(isEnabled: true))
        #expect(lines[2] == "longer  \u{1B}[31m100\u{1B}[0m  x")
    }

    @Test func controlCharactersNeverReachTheTerminal() {
        #expect("a\u{1B}[2Jb\nc".shown(atMost: 20) == "a·[2Jb·c")
        #expect("abcdef".shown(atMost: 4) == "abc…")
        #expect("abcd".shown(atMost: 4) == "abcd")
    }
}
