/// How a test tells a broker what to do.
extension RabbitMQBroker {
    /// `guest` in vhost `/`.
    package var url: String { url() }

    /// An address in the form of RabbitMQ's URI specification, with what needs it percent-encoded.
    package func url(user: String = "guest", password: String = "guest", vhost: String = "/") -> String {
        "amqp://\(Self.address(user, password, "127.0.0.1", port, vhost))"
    }

    /// The same over TLS; nil without it. The certificate is for `localhost` and 127.0.0.1.
    package func tlsURL(
        user: String = "guest", password: String = "guest", host: String = "localhost", vhost: String = "/"
    ) -> String? {
        tlsPort.map { "amqps://\(Self.address(user, password, host, $0, vhost))" }
    }

    /// Runs `rabbitmqctl`, in half a second or more.
    /// - Returns: What it wrote.
    /// - Throws: `ChildFailure` with what it wrote when it fails.
    @discardableResult
    package func control(_ arguments: [String]) async throws -> String {
        let process = try ChildProcess.guarded(home.installation.control, arguments, environment: node.environment)
        let status = try await withDeadline("rabbitmqctl ends", seconds: 120) { try await process.wait() }
        guard status == 0 else {
            throw ChildFailure("rabbitmqctl \(arguments.first ?? ""): status \(status)\n\(process.text)")
        }
        return process.text
    }

    /// Evaluates Erlang expressions in the broker, in 20 ms: what `rabbitmqctl eval` does in 500.
    /// - Parameter expressions: Separated by commas, without the dot at the end.
    /// - Returns: The last one's value as `erl_call` writes it: a binary as `#Bin<…>` with its bytes in decimal, a list of
    ///   characters in quotes.
    /// - Throws: `ChildFailure` when it raises, or when the broker is away.
    @discardableResult
    package func evaluate(_ expressions: String) async throws -> String {
        let process = try ChildProcess(
            RabbitMQInstallation.erlangCall, ["-address", "127.0.0.1:\(node.distributionPort.number)", "-e"],
            environment: node.environment, takesInput: true)
        try process.write(expressions + ".\n")
        process.closeInput()
        let status = try await withDeadline("erl_call ends", seconds: 60) { try await process.wait() }
        let text = process.text
        guard status == 0, text.hasPrefix("{ok, "), text.hasSuffix("}") else {
            throw ChildFailure("erl_call: status \(status)\n\(text)")
        }
        return String(text.dropFirst("{ok, ".count).dropLast())
    }

    /// Adds a vhost of its own for a test, in which `guest` may do everything, in 20 ms.
    /// - Returns: Its name.
    package func addVirtualHost() async throws -> String {
        let name = "test-" + String(UInt64.random(in: 0...(.max)), radix: 36)
        try await evaluate(
            """
            ok = rabbit_vhost:add(<<"\(name)">>, <<"guest">>),
            ok = rabbit_auth_backend_internal:set_permissions(
                <<"guest">>, <<"\(name)">>, <<".*">>, <<".*">>, <<".*">>, <<"guest">>)
            """)
        return name
    }

    private static func address(
        _ user: String, _ password: String, _ host: String, _ port: UInt16, _ vhost: String
    ) -> String {
        "\(encoded(user)):\(encoded(password))@\(host):\(port)/\(encoded(vhost))"
    }

    /// All but RFC 3986's unreserved characters percent-encoded.
    private static func encoded(_ text: String) -> String {
        text.utf8.reduce(into: "") { result, byte in
            switch byte {
            case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "_"),
                UInt8(ascii: "~"):
                result.unicodeScalars.append(Unicode.Scalar(byte))
            default:
                let digits = String(byte, radix: 16, uppercase: true)
                result += digits.utf8.count == 1 ? "%0\(digits)" : "%\(digits)"
            }
        }
    }
}
