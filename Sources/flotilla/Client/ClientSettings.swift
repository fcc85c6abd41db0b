import Glibc
import Ingress
import Runtime

/// What a client command needs to find the fleet and to be let in.
struct ClientSettings: Sendable {
    let stateFolder: StateFolder
    /// The token that was given.
    let token: String?
    /// A PEM file of the authorities that an https service is trusted by; nil for the system's.
    let authorities: String?
    private let url: String?
    private let secret: String?

    /// - Throws: `CommandFailure` with `ExitCode.configuration` that names everything wrong.
    init(_ invocation: Invocation) throws(CommandFailure) {
        var reader = try SettingsReader(invocation)
        stateFolder = StateFolder.read(&reader, environment: invocation.environment)
        token = reader.secret("FLOTILLA_TOKEN")
        authorities = reader.path("FLOTILLA_CA_FILE")
        secret = reader.secret("JWT_SECRET_KEY", minimumBytes: 32)
        let given = reader.string("FLOTILLA_URL")
        url = given.map { String($0.reversed().drop { $0 == "/" }.reversed()) }
        if let url, ServiceURL(url) == nil {
            reader.reject("FLOTILLA_URL", mustBe: "an http or https URL without user, password and query")
        }
        do { try reader.finish() } catch { throw CommandFailure(error) }
    }

    /// Where the ingress is, without a slash at the end.
    /// - Throws: `CommandFailure` with `ExitCode.unreachable` while it is starting.
    func baseURL() throws(CommandFailure) -> String {
        if let url { return url }
        guard let holder = StateFolderLock.holder(of: stateFolder) else { return ServiceURL.standard }
        guard let url = holder.url else {
            throw CommandFailure(
                .unreachable, "service_starting",
                "'flotilla \(holder.role)' (process \(holder.pid)) is not listening yet",
                hint: "Try again in a moment.")
        }
        return url
    }

    /// A token made here, for a service on this machine only: it must not travel to another.
    /// - Returns: Nil where there is no secret, or the service is elsewhere.
    func mintedToken(for base: String, time: any TimeSource) throws -> String? {
        let isOurs = ServiceURL(base)?.isLoopback == true || StateFolderLock.holder(of: stateFolder)?.url == base
        guard isOurs, secret != nil || stateFolder.hasSecret else { return nil }
        return try mint(lifetime: .seconds(600), time: time)
    }

    /// Makes an administrator's token.
    /// - Throws: `CommandFailure` with `ExitCode.notFound` where there is no secret yet.
    func mint(lifetime: Duration, time: any TimeSource) throws(CommandFailure) -> String {
        guard secret != nil || stateFolder.hasSecret else {
            throw CommandFailure(
                .notFound, "no_secret", "the state folder \(stateFolder.path) has no secret yet",
                hint: "'flotilla up' makes it; another folder is given with --state or FLOTILLA_STATE.")
        }
        do {
            let secret = try AccessSecret.resolve(secret, stateFolder: stateFolder.path)
            return try AccessTokens(secret: secret, time: time).mint(for: .localAdministrator, lifetime: lifetime).text
        } catch {
            throw CommandFailure(.configuration, "access_\(error.code.rawValue)", error.message)
        }
    }
}

extension SettingsReader {
    /// The settings of a command line: its flags, its environment, its file.
    init(_ invocation: Invocation) throws(CommandFailure) {
        do {
            self = try Settings(
                flags: invocation.arguments.settings(of: invocation.command.options),
                environment: invocation.environment
            ).reader()
        } catch {
            throw CommandFailure(error)
        }
    }
}

extension StateFolder {
    /// The state folder that the settings name, or the standard one.
    static func read(_ reader: inout SettingsReader, environment: [String: String]) -> StateFolder {
        let standard = standardPath(environment: environment)
        if standard == nil, !reader.isSet("FLOTILLA_STATE") {
            reader.reject(
                "FLOTILLA_STATE", mustBe: "a folder, as neither XDG_STATE_HOME nor HOME says where to keep it")
        }
        return StateFolder(path: reader.path("FLOTILLA_STATE", default: standard ?? "."))
    }

    /// Whether a secret was made in it.
    var hasSecret: Bool { access(path + "/jwt_secret", F_OK) == 0 }
}

extension CommandFailure {
    /// Everything that is wrong with the settings.
    init(_ error: SettingsError) {
        self.init(.configuration, "settings", error.problems.map(\.description).joined(separator: "\n"))
    }
}
