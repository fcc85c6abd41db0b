import Contracts
import Glibc
import Runtime

/// `flotilla send`: sends one command to a device.
enum SendCommand {
    private static let payload = Option(
        name: "payload", valueName: "JSON|@FILE|-",
        summary: "The command's payload, an object: the text itself, a file, or standard input.", defaultText: "{}")
    private static let protocolName = Option(
        name: "protocol", valueName: "mqtt|coap", summary: "How the device is reached.", defaultText: "mqtt")
    private static let metadata = Option(
        name: "metadata", valueName: "JSON|@FILE|-", summary: "What the connectors need besides, an object.")
    private static let priority = Option(name: "priority", valueName: "N", summary: "The priority, any whole number.")
    private static let expiresIn = Option(
        name: "expires-in", valueName: "TIME",
        summary: "Not delivered after this long: 30s, 10m, 2h, 1d. Without it the service's default holds.")
    private static let idempotencyKey = Option(
        name: "idempotency-key", valueName: "KEY",
        summary: "Sending again with the same key sends nothing twice; 1 to 255 characters, kept for a day.")
    private static let isAsync = Option(
        name: "async", summary: "Do not wait until the command is published; it is durable all the same.")
    private static let wait = Option(
        name: "wait", valueName: "SECONDS",
        summary: "Wait up to this long, 60 at most, until the command is published, and show its status.")

    static let command = Command(
        name: "send", summary: "send a command to a device",
        discussion: [
            "The command is durable when this returns 0, whatever is killed afterwards. It prints the status and the "
                + "request id, by which 'flotilla command' tells what became of it."
        ],
        positionals: [
            Positional(name: "DEVICE", summary: "The device's id."),
            Positional(name: "COMMAND_TYPE", summary: "What the device is to do, such as reboot."),
        ],
        options: [payload, protocolName, metadata, priority, expiresIn, idempotencyKey, isAsync, wait]
            + ClientOptions.overHTTP,
        variables: ClientOptions.variables,
        exits: ClientOptions.exitsOverHTTP.map {
            $0.code == .failed
                ? .init(.failed, "the command was refused, has failed or expired, or --wait ended too early") : $0
        },
        examples: [
            .init("flotilla send pump-1 reboot", "Sends {} as payload over MQTT."),
            .init(
                "flotilla send pump-1 config --payload '{\"rate\":5}' --expires-in 10m --wait 5",
                "Waits for the evidence that it was published."),
            .init("flotilla send meter-7 config --payload @config.json --protocol coap --json", "For a script."),
        ],
        run: { try await run($0) })

    private static func run(_ invocation: Invocation) async throws -> ExitCode {
        let body = try requestBody(invocation)
        let seconds = try invocation.arguments.integer(of: wait, in: 0...60)
        var headers: [(name: String, value: String)] = []
        if let key = invocation.arguments.value(of: idempotencyKey) { headers.append(("Idempotency-Key", key)) }
        if invocation.arguments.has(isAsync) { headers.append(("Prefer", "respond-async")) }
        let client = try ServiceClient(ClientSettings(invocation), time: invocation.time)
        let answer = try await client.post("/api/v1/commands", body, headers: headers)
        guard let seconds, let id = answer.root["request_id"]?.string else {
            return try report(answer, invocation)
        }
        return try await CommandStatusCommand.report(id, wait: seconds, client, invocation)
    }

    private static func report(_ answer: ServiceClient.Answer, _ invocation: Invocation) throws -> ExitCode {
        if invocation.arguments.has(ClientOptions.json) {
            try invocation.console.line(answer.root.minified)
        } else {
            let status = answer.root["status"]?.string ?? "accepted"
            let id = answer.root["request_id"]?.string ?? ""
            try invocation.console.line(
                "\(CommandStatusCommand.paint(status, invocation.console.style))  \(id.shown(atMost: 255))")
        }
        return answer.root["success"]?.bool == false ? .failed : .success
    }

    /// The body of the request; what the service would refuse in any case is left to the service.
    static func requestBody(_ invocation: Invocation) throws -> [UInt8] {
        let arguments = invocation.arguments
        let payload = try document(of: Self.payload, arguments)
        let metadata = try document(of: Self.metadata, arguments)
        let priority = try arguments.integer(of: Self.priority, in: .min ... .max)
        let means = try arguments.choice(of: protocolName, from: ["mqtt", "coap"])
        let expiry = try arguments.value(of: expiresIn).map { text throws(CommandFailure) in
            guard let duration = HumanUnits.duration(parsing: text), duration > .zero else {
                throw CommandFailure.usage(
                    "invalid_value", "--expires-in must be a time such as 30s, 10m, 2h or 1d, not '\(text)'")
            }
            return invocation.time.now.advanced(by: duration)
        }
        var writer = JSONWriter()
        try writer.object { body in
            body.member("device_id", try invocation.required("DEVICE"))
            body.member("command_type", try invocation.required("COMMAND_TYPE"))
            body.member("protocol", means ?? "mqtt")
            body.name("payload")
            if let payload { body.raw(payload.root) } else { body.object { _ in } }
            if let metadata {
                body.name("metadata")
                body.raw(metadata.root)
            }
            if let priority { body.member("priority", priority) }
            if let expiry { body.member("expires_at", expiry) }
        }
        return writer.bytes
    }

    private static func document(of option: Option, _ arguments: ParsedArguments) throws -> JSONDocument? {
        guard let text = arguments.value(of: option) else { return nil }
        let bytes =
            switch text.first {
            case "@": try InputFile.read(String(text.dropFirst()))
            case "-" where text == "-": try InputFile.read(descriptor: STDIN_FILENO, name: "standard input")
            default: Array(text.utf8)
            }
        do {
            let document = try JSONDocument(parsing: bytes)
            guard document.root.kind == .object else {
                throw CommandFailure.usage("invalid_value", "--\(option.name) must be a JSON object")
            }
            return document
        } catch let error as JSONError {
            throw CommandFailure.usage("invalid_value", "--\(option.name) is not JSON: \(error.message)")
        }
    }
}
