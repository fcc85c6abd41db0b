import Glibc

/// Measures what readings of this host cost, and prints it as one line of JSON; or asks a metrics worker for the host's
/// processes.
///
/// usage: HostBench sample SECONDS | processes SECONDS | ask FOLDER HOST SECONDS
@main
enum HostBench {
    static func main() async {
        let arguments = CommandLine.arguments
        do {
            switch arguments.dropFirst().first {
            case "sample" where arguments.count == 3: print(try Readings.sample(seconds: number(arguments[2])))
            case "processes" where arguments.count == 3: print(try Readings.processes(seconds: number(arguments[2])))
            case "ask" where arguments.count == 5:
                print(try await Asker.ask(folder: arguments[2], host: arguments[3], seconds: number(arguments[4])))
            default: throw Failure("usage: HostBench sample SECONDS | processes SECONDS | ask FOLDER HOST SECONDS")
            }
        } catch {
            let line = Array("HostBench: \(error)\n".utf8)
            _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
            exit(1)
        }
    }

    private static func number(_ text: String) throws -> Int {
        guard let number = Int(text), (1...3600).contains(number) else {
            throw Failure("\(text) is no time in seconds")
        }
        return number
    }
}

/// Why there is no result.
struct Failure: Error, CustomStringConvertible {
    let description: String

    init(_ description: String) { self.description = description }
}
