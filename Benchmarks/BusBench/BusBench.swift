import Glibc

/// Puts load on the broker transports through the ports and prints what came of it as one line of JSON.
///
/// usage: BusBench COMMAND ARGUMENTS…; `Benchmarks/harness` says which, each command its arguments.
@main
enum BusBench {
    private typealias Command = @Sendable (inout Arguments) async throws -> Outcome?

    private static let commands: [String: Command] = [
        "rabbit-declare": RabbitDeclare.run, "rabbit-publish": RabbitPublish.run, "rabbit-consume": RabbitConsume.run,
        "rabbit-pingpong": RabbitPingPong.run,
        "kafka-append": KafkaAppend.run, "kafka-single": KafkaSingle.run, "kafka-consume": KafkaConsume.run,
        "kafka-pingpong": KafkaPingPong.run, "memory": MemoryLoad.run,
    ]

    static func main() async {
        do {
            var arguments = Arguments(CommandLine.arguments.dropFirst())
            let name = try arguments.text("COMMAND, one of \(commands.keys.sorted().joined(separator: ", "))")
            guard let command = commands[name] else { throw Failure("no command is called \(name)") }
            if let outcome = try await command(&arguments) { print(outcome.json) }
        } catch {
            fail(error)
        }
    }

    /// Runs beside the command; a failure ends the program, for the command would wait in vain.
    static func inBackground(_ work: @escaping @Sendable () async throws -> Void) -> Task<Void, Never> {
        Task {
            do { try await work() } catch { fail(error) }
        }
    }

    private static func fail(_ error: any Error) -> Never {
        let line = Array("BusBench: \(error)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(1)
    }
}

/// Why there is no result.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
