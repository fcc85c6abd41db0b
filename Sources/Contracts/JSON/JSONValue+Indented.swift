extension JSONValue {
    /// The value over several lines, as people read it: two blanks a level.
    package var indented: String {
        var text = ""
        writeIndented(to: &text, level: 0)
        return text
    }

    private func writeIndented(to text: inout String, level: Int) {
        let indent = String(repeating: "  ", count: level + 1)
        let close = "\n" + indent.dropLast(2)
        switch kind {
        case .object where count ?? 0 > 0:
            text += "{"
            var separator = "\n"
            for (name, value) in members {
                var writer = JSONWriter()
                writer.string(name.string)
                text += separator + indent + String(decoding: writer.bytes, as: UTF8.self) + ": "
                value.writeIndented(to: &text, level: level + 1)
                separator = ",\n"
            }
            text += close + "}"
        case .array where count ?? 0 > 0:
            text += "["
            var separator = "\n"
            for value in elements {
                text += separator + indent
                value.writeIndented(to: &text, level: level + 1)
                separator = ",\n"
            }
            text += close + "]"
        default: text += String(decoding: minified, as: UTF8.self)
        }
    }
}
