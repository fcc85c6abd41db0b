import Contracts
import Runtime

/// `flotilla token`: makes an access token with the state folder's secret.
enum TokenCommand {
    private static let minutes = Option(
        name: "minutes", valueName: "N", summary: "How long the token is good for, at most a week.", defaultText: "60")

    static let command = Command(
        name: "token", summary: "print an administrator's access token",
        discussion: [
            "Made here with the secret of the state folder (or JWT_SECRET_KEY); the service is not asked. Whoever can "
                + "read the secret is an administrator of this fleet."
        ],
        options: [minutes, ClientOptions.state, ClientOptions.json],
        variables: [.init(name: "JWT_SECRET_KEY", summary: "The secret, where the service was given one.")]
            + ClientOptions.variables,
        exits: [
            .init(.success), .init(.configuration, "a setting is not valid"),
            .init(.notFound, "the state folder has no secret yet: 'flotilla up' makes it"), .init(.usage),
        ],
        examples: [
            .init(
                "curl -H \"Authorization: Bearer $(flotilla token)\" http://127.0.0.1:8000/api/v1/system/stats",
                "Asks the service with curl."),
            .init("export FLOTILLA_TOKEN=$(flotilla token --minutes 480)", "For the commands of a working day."),
        ],
        run: { invocation in
            let minutes = try invocation.arguments.integer(of: minutes, in: 1...10_080) ?? 60
            let settings = try ClientSettings(invocation)
            let token = try settings.mint(lifetime: .seconds(minutes * 60), time: invocation.time)
            if invocation.arguments.has(ClientOptions.json) {
                var writer = JSONWriter()
                writer.object {
                    $0.member("access_token", token)
                    $0.member("token_type", "bearer")
                    $0.member("expires_in", minutes * 60)
                }
                try invocation.console.line(writer.bytes)
            } else {
                try invocation.console.line(token)
            }
            return .success
        })
}
