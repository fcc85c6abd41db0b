/// A flag that a command takes, with or without a value.
struct Option: Sendable, Hashable {
    /// The long name without its dashes.
    var name: String
    /// Other long names that mean the same.
    var aliases: [String] = []
    var short: Character?
    /// What the value is called in the help; nil for a flag without one.
    var valueName: String?
    /// Whether it may be given several times; otherwise the last one counts.
    var isRepeatable = false
    var summary: String
    /// What holds when it is not given, as the help shows it.
    var defaultText: String?
    /// The environment variable that it overrides.
    var variable: String?

    /// Whether a value follows.
    var takesValue: Bool { valueName != nil }

    /// `--name VALUE`, as the help shows it.
    var label: String {
        let names = (short.map { "-\($0), " } ?? "") + "--\(name)"
        return valueName.map { "\(names) \($0)" } ?? names
    }
}

/// A word that a command takes by its place.
struct Positional: Sendable, Hashable {
    /// How often the word stands there.
    enum Count: Sendable {
        case one, optional, any
    }

    var name: String
    var summary: String
    var count = Count.one

    /// As the usage line shows it.
    var label: String {
        switch count {
        case .one: name
        case .optional: "[\(name)]"
        case .any: "[\(name)…]"
        }
    }
}
