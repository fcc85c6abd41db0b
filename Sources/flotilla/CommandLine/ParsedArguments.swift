/// The words of one command line, sorted into flags and positionals.
struct ParsedArguments: Sendable {
    /// By the option's primary name; a flag without a value has an empty one.
    var values: [String: [String]] = [:]
    var positionals: [String] = []

    /// Whether the flag was given.
    func has(_ option: Option) -> Bool { values[option.name] != nil }

    /// The last value given.
    func value(of option: Option) -> String? { values[option.name]?.last }

    /// Every value given, in order.
    func values(of option: Option) -> [String] { values[option.name] ?? [] }

    /// A whole number within a range.
    func integer(of option: Option, in range: ClosedRange<Int>) throws(CommandFailure) -> Int? {
        guard let text = value(of: option) else { return nil }
        guard let number = Int(text), range.contains(number) else {
            throw .usage("invalid_value", "--\(option.name) must be \(Self.describe(range)), not '\(text)'")
        }
        return number
    }

    /// A number of seconds within a range, fractions allowed.
    func seconds(of option: Option, in range: ClosedRange<Double>) throws(CommandFailure) -> Double? {
        guard let text = value(of: option) else { return nil }
        guard let number = Double(text), range.contains(number) else {
            throw .usage(
                "invalid_value",
                "--\(option.name) must be a number of seconds from \(HumanUnits.plain(range.lowerBound)) to "
                    + "\(HumanUnits.plain(range.upperBound)), not '\(text)'")
        }
        return number
    }

    /// One of a few words.
    func choice(of option: Option, from words: [String]) throws(CommandFailure) -> String? {
        guard let text = value(of: option) else { return nil }
        guard words.contains(text) else {
            throw .usage(
                "invalid_value",
                "--\(option.name) must be one of \(words.joined(separator: ", ")), not '\(text)'",
                hint: Suggestion.nearest(to: text, among: words).map { "Did you mean '\($0)'?" })
        }
        return text
    }

    /// The values of the options that stand for environment variables, by the variable's name.
    func settings(of options: [Option]) -> [String: String] {
        var settings: [String: String] = [:]
        for option in options {
            if let variable = option.variable, let value = value(of: option) { settings[variable] = value }
        }
        return settings
    }

    private static func describe(_ range: ClosedRange<Int>) -> String {
        switch (range.lowerBound, range.upperBound) {
        case (.min, .max): "a whole number"
        case (let low, .max): "a whole number of at least \(low)"
        case (let low, let high): "a whole number from \(low) to \(high)"
        }
    }
}
