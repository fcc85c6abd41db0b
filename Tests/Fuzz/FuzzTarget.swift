import Contracts

/// Something that takes bytes of a stranger.
struct FuzzTarget: Sendable {
    let name: String
    /// What it takes as a rule; inputs are made from these.
    let seeds: [[UInt8]]
    /// How often it has its turn beside the others.
    let weight: Int
    /// An input that takes longer is a finding.
    let limit: Duration
    /// Throws a `Finding` for a bug; any other error means that the input was refused, as it may be.
    let run: @Sendable ([UInt8]) throws -> Void

    init(
        _ name: String, weight: Int = 10, limit: Duration = .seconds(2), seeds: [[UInt8]],
        run: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.name = name
        self.seeds = seeds
        self.weight = weight
        self.limit = limit
        self.run = run
    }

    init(
        _ name: String, weight: Int = 10, limit: Duration = .seconds(2), texts: [String],
        run: @escaping @Sendable ([UInt8]) throws -> Void
    ) {
        self.init(name, weight: weight, limit: limit, seeds: texts.map { Array($0.utf8) }, run: run)
    }
}

/// What must not be.
struct Finding: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }

    /// Fails unless the condition holds.
    static func unless(_ condition: Bool, _ description: @autoclosure () -> String) throws {
        if !condition { throw Finding(description()) }
    }

    /// Fails unless the text, which we have written, is JSON.
    static func unlessJSON(_ text: [UInt8]) throws {
        do {
            _ = try JSONDocument(parsing: text)
        } catch {
            throw Finding("written and refused (\(error)): \(shown(text))")
        }
    }

    /// Fails unless what we write of a value is read again, and then written the same.
    static func unlessStable<Value>(
        _ value: Value, _ write: (Value) -> [UInt8], _ read: ([UInt8]) throws -> Value
    ) throws {
        let text = write(value)
        let again: [UInt8]
        do {
            again = write(try read(text))
        } catch {
            throw Finding("written and refused (\(error)): \(shown(text))")
        }
        try unless(again == text, "written as \(shown(text)), and then as \(shown(again))")
    }

    private static func shown(_ text: [UInt8]) -> String { String(decoding: text.prefix(2000), as: UTF8.self) }
}
