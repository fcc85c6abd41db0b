import Contracts
import Runtime

/// `flotilla command`: tells what became of a command.
enum CommandStatusCommand {
    private static let wait = Option(
        name: "wait", valueName: "SECONDS",
        summary: "Wait up to this long, 60 at most, for the status to change from accepted.")

    static let command = Command(
        name: "command", summary: "show the status of a command, with its evidence",
        discussion: [
            "A status is shown only with evidence: accepted (durable on the bus), published (partition and offset in "
                + "the log), acknowledged or rejected (the device's own word), failed, expired."
        ],
        positionals: [Positional(name: "REQUEST-ID", summary: "The id that 'flotilla send' printed.")],
        options: [wait] + ClientOptions.overHTTP, variables: ClientOptions.variables,
        exits: ClientOptions.exitsOverHTTP.map {
            switch $0.code {
            case .success: .init(.success, "the command is accepted, published or acknowledged")
            case .failed:
                .init(.failed, "it has failed, expired or was rejected, or --wait ended before it was published")
            case .notFound: .init(.notFound, "there is no such command, or it is older than 7 days")
            default: $0
            }
        },
        examples: [
            .init("flotilla command 0b9c3b5e-3f0a-4a54-9d7e-5a1f6f0f5b11 --wait 5", "Waits for the evidence."),
            .init("flotilla command ID --json | jq -r .status", "For a script."),
        ],
        run: { invocation in
            let seconds = try invocation.arguments.integer(of: wait, in: 0...60)
            let id = try invocation.required("REQUEST-ID")
            let client = try ServiceClient(ClientSettings(invocation), time: invocation.time)
            return try await report(id, wait: seconds, client, invocation)
        })

    /// Prints the status of a command, as `send --wait` does too.
    static func report(
        _ id: String, wait: Int?, _ client: ServiceClient, _ invocation: Invocation
    ) async throws -> ExitCode {
        let answer = try await status(of: id, within: .seconds(wait ?? 0), client, time: invocation.time)
        if invocation.arguments.has(ClientOptions.json) {
            try invocation.console.line(answer.root.minified)
        } else {
            for line in lines(answer.root, invocation.console.style) { try invocation.console.line(line) }
        }
        switch answer.root["status"]?.string {
        case "published", "acknowledged": return .success
        case "accepted": return (wait ?? 0) > 0 ? .failed : .success
        default: return .failed
        }
    }

    /// The status once it is more than accepted, or as it is when the time is over.
    private static func status(
        of id: String, within limit: Duration, _ client: ServiceClient, time: any TimeSource
    ) async throws -> ServiceClient.Answer {
        let path = "/api/v1/commands/\(ServiceURL.percentEncoded(id))/status"
        let deadline = time.uptime + limit
        var answer = try await client.get(path)
        while answer.root["status"]?.string == "accepted", time.uptime < deadline {
            // The service waits for the next change. One between two requests is not seen as one, so no request waits
            // for longer than a second.
            let wait = min((deadline - time.uptime).seconds, 1)
            answer = try await client.get("\(path)?wait=\(HumanUnits.decimals(wait, 3))")
        }
        return answer
    }

    /// The status as people read it.
    static func lines(_ status: JSONValue, _ style: TextStyle) -> [String] {
        func text(_ name: String) -> String { (status[name]?.string ?? "–").shown(atMost: 255) }
        var lines = ["\(paint(text("status"), style))  \(text("request_id"))"]
        lines.append("  device   \(text("device_id")), command \(text("command_type"))")
        if let expiry = status["expires_at"]?.string { lines.append("  expires  \(expiry.shown(atMost: 40))") }
        for step in status["history"].map({ Array($0.elements) }) ?? [] {
            let evidence = step["evidence"].map(describe) ?? ""
            let at = (step["at"]?.string ?? "").shown(atMost: 40)
            lines.append("  \(at)  \((step["status"]?.string ?? "").padded(to: 12))  \(style.dim(evidence))".trimmedEnd)
        }
        if let error = status["error"], !error.isNull {
            lines.append("  \(style.red("error"))    \(describe(error))")
        }
        return lines
    }

    /// A status in the colour of what it means.
    static func paint(_ status: String, _ style: TextStyle) -> String {
        switch status {
        case "published", "acknowledged": style.green(status)
        case "accepted": style.cyan(status)
        default: style.red(status)
        }
    }

    /// A value on one line: the members of an object as `name=value`.
    private static func describe(_ value: JSONValue) -> String {
        switch value.kind {
        case .null: ""
        case .string: (value.string ?? "").shown(atMost: 500)
        case .object: value.members.map { "\($0.name.string)=\(describe($0.value))" }.joined(separator: " ")
        default: String(decoding: value.minified, as: UTF8.self).shown(atMost: 500)
        }
    }
}
