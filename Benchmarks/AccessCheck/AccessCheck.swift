import BusClients
import Glibc
import HTTPKit
import Ingress
import Runtime

/// Finds out who sends a request and whether he may, as every handler does that needs a permission, and prints what one
/// such check takes, in µs: for a token that was seen before, and for one that never was.
///
/// usage: AccessCheck FOLDER SECONDS
@main
enum AccessCheck {
    private static let permission = "system:read"
    /// Valid tokens of as many different users that nobody has seen: more than the ingress keeps.
    private static let strangers = 20_000

    static func main() async throws {
        guard CommandLine.arguments.count == 3, let seconds = Double(CommandLine.arguments[2]) else {
            print("usage: AccessCheck FOLDER SECONDS")
            exit(2)
        }
        let time = SystemTime()
        let bus = try await EmbeddedBus.open(
            EmbeddedBusConfiguration(folder: CommandLine.arguments[1]), time: time, logger: .silent, metrics: nil)
        let secret = try AccessSecret.resolve(nil, stateFolder: CommandLine.arguments[1])
        let tokens = AccessTokens(secret: secret, time: time)
        let access = Access(
            authenticator: Authenticator(
                configuration: AccessConfiguration(), tokens: tokens, directory: AccountDirectory(logger: .silent),
                time: time),
            audit: AuditTrail(bus: bus, time: time, metrics: MetricsRegistry(), logger: .silent))

        let unseen = try unseenMicroseconds(access, tokens, seconds)
        let seen = try seenMicroseconds(access, tokens, seconds)
        await bus.close()
        print("{\"seen\": \(seen), \"unseen\": \(unseen)}")
    }

    /// One token, again and again.
    private static func seenMicroseconds(_ access: Access, _ tokens: AccessTokens, _ seconds: Double) throws -> Double {
        let request = try request(tokens, user: 0)
        try check(access, request)
        var checks = 0
        let taken = try ContinuousClock().measure {
            let end = ContinuousClock.now + .seconds(seconds)
            while ContinuousClock.now < end {
                for _ in 0..<1000 { try check(access, request) }
                checks += 1000
            }
        }
        return taken / .microseconds(1) / Double(checks)
    }

    /// Every token once. The tokens are made beforehand, in shares, and only the checks are timed.
    private static func unseenMicroseconds(
        _ access: Access, _ tokens: AccessTokens, _ seconds: Double
    ) throws -> Double {
        var checks = 0
        var taken = Duration.zero
        while taken < .seconds(seconds) {
            let requests = try (1...strangers).map { try request(tokens, user: $0) }
            taken += try ContinuousClock().measure { for request in requests { try check(access, request) } }
            checks += requests.count
        }
        return taken / .microseconds(1) / Double(checks)
    }

    private static func check(_ access: Access, _ request: HTTPRequest) throws {
        guard try access.authorize(request, permission).has(permission) else { throw NotAllowed() }
    }

    /// A request as a program sends it. The id of the token makes each of them another one.
    private static func request(_ tokens: AccessTokens, user: Int) throws -> HTTPRequest {
        let user = TokenUser(
            id: String(user), username: "user\(user)", isAdministrator: false, permissions: [permission])
        let token = try tokens.mint(for: user, lifetime: .seconds(3600))
        return HTTPRequest(
            method: .GET, path: "/api/v1/system/stats",
            headers: ["Host": "127.0.0.1", "Accept": "*/*", "Authorization": "Bearer \(token.text)"],
            peer: PeerAddress(host: "127.0.0.1", port: 1, isLoopback: true), requestID: "r",
            route: "/api/v1/system/stats")
    }

    /// The check answered that the holder of the permission lacks it.
    private struct NotAllowed: Error {}
}
