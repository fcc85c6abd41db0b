import Glibc

/// Fills a views database through the ingress's own projections, or deletes what is in it, and prints what that took as
/// one line of JSON.
///
/// usage: ViewsBench sessions PATH COUNT | commands PATH COUNT | samples PATH HOSTS | prune PATH SLICES
@main
enum ViewsBench {
    static func main() async {
        let arguments = CommandLine.arguments
        guard arguments.count == 4, let count = Int(arguments[3]), count > 0 else {
            fail("usage: ViewsBench sessions PATH COUNT | commands PATH COUNT | samples PATH HOSTS | prune PATH SLICES")
        }
        do {
            switch arguments[1] {
            case "sessions": print(try await SessionFill(path: arguments[2], sessions: count).run().json)
            case "commands": print(try await CommandFill(path: arguments[2], commands: count).run().json)
            case "samples": print(try await SampleFill(path: arguments[2], hosts: count).run().json)
            case "prune": print(try await SessionPrune(path: arguments[2], slices: count).run())
            default: fail("there is no command called \(arguments[1])")
            }
        } catch {
            fail("\(error)")
        }
    }

    private static func fail(_ text: String) -> Never {
        let line = Array("ViewsBench: \(text)\n".utf8)
        _ = line.withUnsafeBytes { write(STDERR_FILENO, $0.baseAddress, $0.count) }
        exit(1)
    }
}
