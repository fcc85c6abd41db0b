import Glibc
import HTTPKit
import Ingress
import Runtime

/// What the commands about users and keys have in common.
enum AccountCommand {
    static let permission = Option(
        name: "permission", valueName: "PERMISSION", isRepeatable: true,
        summary: "May do this as well: a name such as commands:send, or a prefix with * such as hardware:*.")

    static let exits: [Command.Exit] = [
        .init(.success), .init(.failed, "the account cannot be made or changed so"),
        .init(.configuration, "a setting is not valid"), .init(.unreachable, "a broker cannot be reached"),
        .init(.notFound, "there is no such user or key"), .init(.accessDenied, "a broker refuses the access"),
        .init(.usage),
    ]

    /// The id under which the log notes who changed something.
    static let principal = "command-line"

    /// Opens the fleet's accounts; a fleet that never ran gets its state folder now.
    static func use(
        _ invocation: Invocation, _ body: @escaping @Sendable (Accounts) async throws -> ExitCode
    ) async throws -> ExitCode {
        do {
            return try await LocalBus.use(invocation, makesIt: true) { bus in
                try await FleetAccounts.use(bus, time: invocation.time, logger: .silent, body)
            }
        } catch let error as AccountError {
            throw CommandFailure(
                [.unknownUser, .unknownKey].contains(error) ? .notFound : .failed, "account", error.message)
        } catch let error as HTTPError {
            throw CommandFailure(.unreachable, error.code, error.message)
        } catch let error as AccessError {
            throw CommandFailure(.failed, "password_library", error.message)
        }
    }

    /// The first line of standard input.
    static func passwordFromInput() throws(CommandFailure) -> String {
        let bytes = try InputFile.read(descriptor: STDIN_FILENO, name: "standard input")
        let line = bytes.prefix { $0 != UInt8(ascii: "\n") && $0 != UInt8(ascii: "\r") }
        guard !line.isEmpty else {
            throw .usage("missing_password", "standard input has no password", hint: "echo PASSWORD | flotilla users …")
        }
        return String(decoding: line, as: UTF8.self)
    }
}
