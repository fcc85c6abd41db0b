/// Stage two of configuration: typed reads that note every mistake; `finish` throws them all at once.
///
/// After a mistake a read returns its default, so reading can go on. A value that is empty counts as not set.
package struct SettingsReader {
    private let settings: Settings
    package private(set) var problems: [SettingsError.Problem] = []

    /// The names of the values that were read, each once, in the order of the reads.
    package private(set) var namesRead: [String] = []

    package init(_ settings: Settings) { self.settings = settings }

    /// - Throws: Everything that is wrong, in the order of the reads.
    package func finish() throws(SettingsError) {
        if !problems.isEmpty { throw SettingsError(problems) }
    }

    /// How a setting was given; nil when it is not set.
    package subscript(name: String) -> SettingValue? { settings[name] }

    /// Whether a setting has a value.
    package func isSet(_ name: String) -> Bool { settings[name] != nil }

    /// The names of all that are set and begin so.
    package func names(prefix: String) -> [String] { settings.names(prefix: prefix) }

    /// Notes a mistake that another rule found, such as two settings that exclude each other.
    /// - Parameter requirement: What is allowed, as the end of the sentence "it must be …".
    /// - Parameter isSecret: Whether the value may not be shown.
    package mutating func reject(_ name: String, mustBe requirement: String, isSecret: Bool = false) {
        // What other users could read on a command line has no flag.
        let subject = isSecret ? name : "\(name) (\(SettingName.flag(name)))"
        let state =
            if let value = settings[name] {
                isSecret
                    ? "is set in \(value.source) to a value that is not shown"
                    : "is \(Self.shown(value.text)) in \(value.source)"
            } else {
                "is not set"
            }
        problems.append(.init(name: name, description: "\(subject) \(state); it must be \(requirement)"))
    }

    /// Reads a value; nil when it is not set, or when `parse` refuses it, which is noted.
    package mutating func read<T>(
        _ name: String, mustBe requirement: @autoclosure () -> String, isSecret: Bool = false,
        parse: (String) -> T?
    ) -> T? {
        if !namesRead.contains(name) { namesRead.append(name) }
        guard let value = settings[name] else { return nil }
        if let parsed = parse(value.text) { return parsed }
        reject(name, mustBe: requirement(), isSecret: isSecret)
        return nil
    }

    /// A value in quotes: control characters escaped, and cut after 80 characters.
    private static func shown(_ text: String) -> String {
        var line = LogLine()
        line.quoted(text.count > 80 ? text.prefix(80) + "…" : text)
        return String(decoding: line.bytes, as: UTF8.self)
    }
}
