extension SettingsReader {
    /// Any text without control characters.
    package mutating func string(_ name: String, default: String) -> String { string(name) ?? `default` }

    /// Any text without control characters; nil when it is not set.
    package mutating func string(_ name: String) -> String? {
        read(name, mustBe: "text without control characters") { Self.isPlain($0) ? $0 : nil }
    }

    /// A whole number.
    package mutating func int(
        _ name: String, default: Int, in range: ClosedRange<Int> = Int.min...Int.max
    ) -> Int { int(name, in: range) ?? `default` }

    /// A whole number; nil when it is not set.
    package mutating func int(_ name: String, in range: ClosedRange<Int> = Int.min...Int.max) -> Int? {
        read(name, mustBe: Self.sentence("a whole number", Self.text(range.lowerBound), Self.text(range.upperBound))) {
            Int($0.trimmingBlanks).flatMap { range.contains($0) ? $0 : nil }
        }
    }

    /// A finite number.
    package mutating func double(
        _ name: String, default: Double, in range: ClosedRange<Double> = -Double.infinity...Double.infinity
    ) -> Double { double(name, in: range) ?? `default` }

    /// A finite number; nil when it is not set.
    package mutating func double(
        _ name: String, in range: ClosedRange<Double> = -Double.infinity...Double.infinity
    ) -> Double? {
        let bounds = [range.lowerBound, range.upperBound].map { $0.isFinite ? MetricsText.number($0) : nil }
        return read(name, mustBe: Self.sentence("a number", bounds[0], bounds[1])) {
            Double($0.trimmingBlanks).flatMap { $0.isFinite && range.contains($0) ? $0 : nil }
        }
    }

    /// `true`, `yes`, `on` or `1`; `false`, `no`, `off` or `0`; in any case.
    package mutating func bool(_ name: String, default: Bool) -> Bool {
        read(name, mustBe: "true or false") { text -> Bool? in
            switch text.trimmingBlanks.lowercased() {
            case "true", "yes", "on", "1": true
            case "false", "no", "off", "0": false
            default: nil
            }
        } ?? `default`
    }

    /// A number in the given unit, or with a unit of its own: `250ms`, `1.5s`, `2m`, `1h`, `7d`.
    /// - Parameter range: What is allowed; without one, anything that is not negative.
    package mutating func duration(
        _ name: String, default: Duration, unit: SettingsUnit = .seconds,
        in range: ClosedRange<Duration>? = nil
    ) -> Duration {
        let bounds = range.map { " from \(unit.text($0.lowerBound)) to \(unit.text($0.upperBound))" } ?? ""
        let requirement = "a duration\(bounds) in \(unit), or with ms, s, m, h or d"
        return read(name, mustBe: requirement) { text in
            guard let duration = unit.duration(text.trimmingBlanks) else { return nil }
            return range.map { $0.contains(duration) } ?? (duration >= .zero) ? duration : nil
        } ?? `default`
    }

    /// One of the raw values of a type, in any case.
    package mutating func oneOf<T: RawRepresentable & CaseIterable>(
        _ name: String, default: T
    ) -> T where T.RawValue == String {
        let names = T.allCases.map(\.rawValue).joined(separator: ", ")
        return read(name, mustBe: "one of \(names)") { text in
            let wanted = text.trimmingBlanks.lowercased()
            return T.allCases.first { $0.rawValue.lowercased() == wanted }
        } ?? `default`
    }

    /// One of some texts, exactly.
    package mutating func oneOf(_ name: String, _ allowed: [String], default: String) -> String {
        read(name, mustBe: "one of \(allowed.joined(separator: ", "))") { allowed.contains($0) ? $0 : nil } ?? `default`
    }

    /// Texts between separators, without blanks at their ends and without empty ones; also as a JSON array of strings
    /// without escapes, which some deployments use.
    package mutating func list(_ name: String, default: [String] = [], separator: Character = ",") -> [String] {
        read(name, mustBe: "texts separated by \(separator)") { Self.parseList($0, separator) } ?? `default`
    }

    /// A path of the file system; `~` at its beginning stands for `HOME`.
    package mutating func path(_ name: String, default: String) -> String { path(name) ?? `default` }

    /// A path of the file system; nil when it is not set.
    package mutating func path(_ name: String) -> String? {
        let home = string("HOME")
        return read(name, mustBe: "a path without control characters, and with HOME set if it begins with ~") { text in
            guard Self.isPlain(text) else { return nil }
            guard text == "~" || text.hasPrefix("~/") else { return text }
            return home.map { $0 + text.dropFirst() }
        }
    }

    /// Text that no error shows, such as a key or a URL with a password; nil when it is not set.
    package mutating func secret(_ name: String, minimumBytes: Int = 1) -> String? {
        read(name, mustBe: "text of at least \(minimumBytes) bytes without control characters", isSecret: true) {
            $0.utf8.count >= minimumBytes && Self.isPlain($0) ? $0 : nil
        }
    }

    private static func isPlain(_ text: String) -> Bool { text.utf8.allSatisfy { $0 >= 0x20 && $0 != 0x7F } }

    private static func text(_ bound: Int) -> String? { bound == .min || bound == .max ? nil : String(bound) }

    private static func sentence(_ kind: String, _ lower: String?, _ upper: String?) -> String {
        switch (lower, upper) {
        case (.some(let lower), .some(let upper)): "\(kind) from \(lower) to \(upper)"
        case (.some(let lower), .none): "\(kind), \(lower) or more"
        case (.none, .some(let upper)): "\(kind), \(upper) or less"
        case (.none, .none): kind
        }
    }

    private static func parseList(_ text: String, _ separator: Character) -> [String]? {
        guard isPlain(text) else { return nil }
        let trimmed = text.trimmingBlanks
        guard trimmed.first == "[", trimmed.last == "]", trimmed.count >= 2 else {
            return trimmed.split(separator: separator).map { String($0.trimmingBlanks) }.filter { !$0.isEmpty }
        }
        let parts = trimmed.dropFirst().dropLast().split(separator: ",").map(\.trimmingBlanks)
        guard parts.allSatisfy({ $0.count >= 2 && $0.first == "\"" && $0.last == "\"" }) else { return nil }
        return parts.map { String($0.dropFirst().dropLast()) }.filter { !$0.isEmpty }
    }
}
