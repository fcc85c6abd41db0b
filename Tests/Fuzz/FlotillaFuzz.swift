import Glibc

/// Tries what a hostile client, broker or file may send on everything that reads it, in this process: a trap, an answer
/// 500, JSON that is not JSON, or an input that takes seconds is a finding.
///
/// usage: FlotillaFuzz [--seed N] [--seconds N] [--record FILE]
///        FlotillaFuzz --input FILE
///
/// The same seed gives the same inputs in the same order. FILE is what a run recorded last.
@main
enum FlotillaFuzz {
    static func main() async throws {
        let options = try Options(CommandLine.arguments.dropFirst())
        let ingress = try await LiveIngress.start()
        let outcome = Result { try run(options, ingress) }
        await ingress.stop()
        switch outcome {
        case .success: return
        case .failure(let error):
            print("found: \(error)")
            exit(1)
        }
    }

    private static func run(_ options: Options, _ ingress: LiveIngress) throws {
        let targets =
            try MessageTargets.all + ProcessTargets.all + RequestTargets.all + TextTargets.all + KernelTargets.all
            + ingress.targets()
        if let path = options.input {
            let (name, input) = try InputRecord.read(path)
            guard let target = targets.first(where: { $0.name == name }) else {
                throw Finding("there is no target \(name)")
            }
            let isAccepted = try Fuzzer.attempt(target, input)
            print("\(name) \(isAccepted ? "took" : "refused") these \(input.count) bytes")
            return
        }
        print("seed \(options.seed), \(options.seconds) s")
        // A trap would take it along.
        fflush(nil)
        var fuzzer = Fuzzer(targets, seed: options.seed, record: try InputRecord(path: options.record))
        defer {
            for (index, target) in targets.enumerated() {
                let each = fuzzer.taken[index] / .microseconds(1) / Double(max(1, fuzzer.tried[index]))
                print(
                    "\(target.name): \(fuzzer.tried[index]) inputs, \(fuzzer.accepted[index]) taken, \(Int(each)) µs each"
                )
            }
            print("\(fuzzer.tried.reduce(0, +)) inputs")
        }
        try fuzzer.run(for: .seconds(options.seconds))
    }
}

private struct Options {
    var seed = UInt64.random(in: 0...UInt64(UInt32.max))
    var seconds = 60
    var record = ".build/fuzz-input"
    var input: String?

    init(_ arguments: ArraySlice<String>) throws {
        var rest = arguments
        while let name = rest.popFirst() {
            guard let value = rest.popFirst() else { throw Finding("\(name) needs a value") }
            switch name {
            case "--seed": seed = try Self.number(name, value)
            case "--seconds": seconds = try Self.number(name, value)
            case "--record": record = value
            case "--input": input = value
            default: throw Finding("\(name) is unknown")
            }
        }
    }

    private static func number<Value: FixedWidthInteger>(_ name: String, _ value: String) throws -> Value {
        guard let number = Value(value) else { throw Finding("\(name) needs a number") }
        return number
    }
}
