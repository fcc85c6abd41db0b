/// A table of text for people: columns padded with spaces, a head in bold.
struct TextTable: Sendable {
    /// One column.
    struct Column: Sendable {
        var title: String
        var isRightAligned = false
    }

    /// One cell; the tone colours it without counting as width.
    struct Cell: Sendable, ExpressibleByStringLiteral, ExpressibleByStringInterpolation {
        /// What the cell wants to say with its colour.
        enum Tone: Sendable { case plain, good, warning, bad, faint }

        var text: String
        var tone = Tone.plain

        init(_ text: String, _ tone: Tone = .plain) {
            self.text = text
            self.tone = tone
        }

        init(stringLiteral value: String) { text = value }
    }

    var columns: [Column]
    var rows: [[Cell]] = []

    /// The lines without newlines; the last column is not padded.
    func lines(_ style: TextStyle) -> [String] {
        let widths = columns.indices.map { column in
            max(columns[column].title.count, rows.map { $0.count > column ? $0[column].text.count : 0 }.max() ?? 0)
        }
        let head = columns.indices.map { pad(columns[$0].title, $0, widths) }.joined(separator: "  ")
        return [style.bold(head.trimmedEnd)]
            + rows.map { row in
                row.indices.map { paint(pad(row[$0].text, $0, widths), row[$0].tone, style) }
                    .joined(separator: "  ").trimmedEnd
            }
    }

    private func pad(_ text: String, _ column: Int, _ widths: [Int]) -> String {
        columns[column].isRightAligned ? text.paddedStart(to: widths[column]) : text.padded(to: widths[column])
    }

    private func paint(_ text: String, _ tone: Cell.Tone, _ style: TextStyle) -> String {
        switch tone {
        case .plain: text
        case .good: style.green(text)
        case .warning: style.yellow(text)
        case .bad: style.red(text)
        case .faint: style.dim(text)
        }
    }
}

extension String {
    /// The text with spaces after it up to a width.
    func padded(to width: Int) -> String { self + String(repeating: " ", count: max(0, width - count)) }

    /// The text with spaces before it up to a width.
    func paddedStart(to width: Int) -> String { String(repeating: " ", count: max(0, width - count)) + self }

    /// The text without spaces at its end.
    var trimmedEnd: String { String(self[..<(lastIndex { $0 != " " }.map(index(after:)) ?? startIndex)]) }

    /// The text in at most so many characters, the last one `…` if some were left out; control characters, which
    /// could move a terminal's cursor, are shown as `·`.
    func shown(atMost width: Int) -> String {
        let safe = String(unicodeScalars.prefix(width + 1).map { $0.properties.isControl ? "·" : Character($0) })
        return unicodeScalars.count > width ? String(safe.prefix(max(0, width - 1))) + "…" : safe
    }
}

extension Unicode.Scalar.Properties {
    /// Whether the scalar acts on a terminal instead of showing something.
    fileprivate var isControl: Bool { generalCategory == .control || generalCategory == .format }
}
