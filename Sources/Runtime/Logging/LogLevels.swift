/// The lowest level that is written, for all components and for some by name.
package struct LogLevels: Sendable, Hashable {
    /// For components that are not named.
    package var standard: LogLevel
    /// By component; a name stands for its parts as well: `bus` for `bus.embedded`.
    package var components: [String: LogLevel]

    package init(_ standard: LogLevel = .info, components: [String: LogLevel] = [:]) {
        self.standard = standard
        self.components = components
    }

    /// Reads `info,bus=debug`: a level for all and levels by component, in any order; nil for anything else.
    package init?(_ text: String) {
        self.init()
        for part in text.split(separator: ",", omittingEmptySubsequences: false) {
            let sides = part.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard let name = sides.last, let level = LogLevel(name: name.trimmingBlanks) else { return nil }
            if sides.count == 1 {
                standard = level
            } else {
                let component = sides[0].trimmingBlanks
                guard !component.isEmpty, component.allSatisfy(Self.isNamePart) else { return nil }
                components[String(component)] = level
            }
        }
    }

    private static func isNamePart(_ character: Character) -> Bool {
        character.isLetter || character.isNumber || character == "." || character == "-" || character == "_"
    }

    /// The level of the component, or of the closest part before a dot, or the standard one.
    package func level(of component: String) -> LogLevel {
        var name = Substring(component)
        while true {
            if let level = components[String(name)] { return level }
            guard let dot = name.lastIndex(of: ".") else { return standard }
            name = name[..<dot]
        }
    }
}

extension StringProtocol {
    /// Without the spaces and tabs at both ends.
    var trimmingBlanks: SubSequence {
        guard let first = firstIndex(where: { !$0.isBlank }), let last = lastIndex(where: { !$0.isBlank }) else {
            return self[endIndex...]
        }
        return self[first...last]
    }
}

extension Character {
    /// Whether it is a space or a tab.
    var isBlank: Bool { self == " " || self == "\t" }
}
