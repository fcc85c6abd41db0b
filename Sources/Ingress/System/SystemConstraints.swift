internal import Contracts
internal import HTTPKit

/// From where on a host counts as busy, and how many generations may run at once: the setting `system/constraints`.
struct SystemConstraints: Sendable, Hashable {
    /// Model sessions at once, 1 to 10.
    var maximumGenerations = 2
    /// Fractions, 0.1 to 1.
    var vramWarning = 0.85
    var vramCritical = 0.95
    var cpuWarning = 0.9
    var ramWarning = 0.9

    static let setting = "system/constraints"
    private static let generationsName = "max_concurrent_generations"
    private static let generationsRange = 1.0...10.0
    private static let thresholdRange = 0.1...1.0

    /// What each is called, and means.
    static let descriptions = [
        (name: generationsName, text: "How many model sessions may run at once"),
        (name: "vram_warning_threshold", text: "Share of the GPU's memory from which on the host is warned of"),
        (name: "vram_critical_threshold", text: "Share of the GPU's memory from which on nothing new starts"),
        (name: "cpu_warning_threshold", text: "Share of the processors' time from which on nothing new starts"),
        (name: "ram_warning_threshold", text: "Share of the memory from which on nothing new starts"),
    ]

    private static let thresholds: [(name: String, path: any WritableKeyPath<SystemConstraints, Double> & Sendable)] = [
        ("vram_warning_threshold", \.vramWarning), ("vram_critical_threshold", \.vramCritical),
        ("cpu_warning_threshold", \.cpuWarning), ("ram_warning_threshold", \.ramWarning),
    ]
}

extension SystemConstraints {
    static let schema = Schema.object(
        descriptions.map { name, text in
            name == generationsName
                ? .init(name, .integer(2, text, in: 1...10)) : .init(name, .number(0.9, text, in: thresholdRange))
        }
    ).named("SystemConstraints")

    /// The same with any subset of the members.
    static let changeSchema = Schema.object(
        schema.properties.map { .init($0.name, $0.schema, isRequired: false) }, others: .refused
    ).named("SystemConstraintsChange")

    /// Reads the setting's value; a member that is missing or no number has its default.
    init(json: [UInt8]) throws(JSONError) {
        let root = try JSONDocument(parsing: json).root
        if let count = root[Self.generationsName]?.int { maximumGenerations = count }
        for (name, path) in Self.thresholds { if let value = root[name]?.double { self[keyPath: path] = value } }
    }

    var json: [UInt8] {
        var writer = JSONWriter(capacity: 192)
        write(to: &writer)
        return writer.bytes
    }

    func write(to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member(Self.generationsName, maximumGenerations)
            for (name, path) in Self.thresholds { writer.member(name, self[keyPath: path]) }
        }
    }

    /// Takes over what a client sends, all or nothing.
    /// - Throws: 422 for what is no number; then 400 for a name that there is not, and for a value out of its range.
    mutating func change(_ body: JSONDocument?) throws(HTTPError) {
        let numbers = try BodyReader(body).numbers()
        var changed = self
        for (name, value) in numbers {
            if name == Self.generationsName {
                guard Self.generationsRange.contains(value), let count = Int(exactly: value) else {
                    throw .badConstraint("\(name) must be a whole number from 1 to 10.")
                }
                changed.maximumGenerations = count
            } else if let path = Self.thresholds.first(where: { $0.name == name })?.path {
                guard Self.thresholdRange.contains(value) else {
                    throw .badConstraint("\(name) must be from 0.1 to 1.0.")
                }
                changed[keyPath: path] = value
            } else {
                throw .badConstraint("There is no constraint of this name; see GET /api/v1/system/constraints.")
            }
        }
        self = changed
    }
}

extension HTTPError {
    fileprivate static func badConstraint(_ message: String) -> HTTPError {
        HTTPError(400, "invalid_constraint", message)
    }
}
