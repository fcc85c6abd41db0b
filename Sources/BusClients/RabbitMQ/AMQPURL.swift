/// Reads one AMQP URL.
///
/// Source: <https://www.rabbitmq.com/docs/uri-spec>, RFC 3986. No error repeats a part that may hold a credential.
struct AMQPURL {
    var node: AMQPNode
    var heartbeatSeconds: Int?

    static func parse(_ text: String, label: String) throws(BusError) -> AMQPURL {
        var parser = Parser(label: label)
        return try parser.parse(text)
    }

    private struct Parser {
        let label: String

        mutating func parse(_ text: String) throws(BusError) -> AMQPURL {
            let trimmed = text.drop { $0.isWhitespace }
            let isSecure: Bool
            var rest: Substring
            if let after = trimmed.dropScheme("amqp") {
                (isSecure, rest) = (false, after)
            } else if let after = trimmed.dropScheme("amqps") {
                (isSecure, rest) = (true, after)
            } else {
                throw wrong("begins with neither amqp:// nor amqps://")
            }
            while rest.last?.isWhitespace == true { rest.removeLast() }
            guard !rest.contains("#") else { throw wrong("has a fragment (#); write %23 in a name or password") }
            let (beforeQuery, query) = rest.cut(at: "?")
            let (authority, path) = beforeQuery.cut(at: "/")
            let (user, password, address) = try credentials(authority)
            let (host, port) = try endpoint(address)
            let virtualHost = try decode(path ?? "", "virtual host")
            guard !virtualHost.contains("\0"), virtualHost.utf8.count <= 255 else {
                throw wrong("has an impossible virtual host")
            }
            var url = AMQPURL(
                node: AMQPNode(
                    host: host, port: port ?? (isSecure ? 5671 : 5672),
                    virtualHost: virtualHost.isEmpty ? "/" : virtualHost, user: user, password: Password(password),
                    security: isSecure ? AMQPNode.Security(authorities: nil, verifiesPeer: true) : nil))
            try apply(query ?? "", to: &url)
            return url
        }

        private func credentials(
            _ authority: Substring
        ) throws(BusError) -> (user: String, password: String, address: Substring) {
            guard let at = authority.lastIndex(of: "@") else { return ("guest", "guest", authority) }
            let (user, password) = authority[..<at].cut(at: ":")
            let decoded = (
                try decode(user, "user name"),
                try password.map { part throws(BusError) in try decode(part, "password") }
            )
            guard !decoded.0.isEmpty, !decoded.0.contains("\0"), decoded.1?.contains("\0") != true else {
                throw wrong("has an impossible user name or password")
            }
            return (decoded.0, decoded.1 ?? "guest", authority[authority.index(after: at)...])
        }

        private func endpoint(_ address: Substring) throws(BusError) -> (host: String, port: Int?) {
            var host: Substring
            var portText: Substring?
            if address.first == "[" {
                guard let end = address.firstIndex(of: "]") else { throw wrong("has an IPv6 address without ]") }
                host = address[address.index(after: address.startIndex)..<end]
                let after = address[address.index(after: end)...]
                guard after.isEmpty || after.first == ":" else { throw wrong("has text between ] and the port") }
                portText = after.isEmpty ? nil : after.dropFirst()
            } else {
                (host, portText) = address.cut(at: ":")
            }
            let name = try decode(host, "host")
            guard !name.isEmpty, !name.contains(where: { $0.isWhitespace || $0 == "\0" }) else {
                throw wrong("has no host")
            }
            guard let portText, !portText.isEmpty else { return (name, nil) }
            guard let port = Int(portText), (1...65535).contains(port) else {
                throw wrong("has a port that is not a number from 1 to 65535")
            }
            return (name, port)
        }

        private func apply(_ query: Substring, to url: inout AMQPURL) throws(BusError) {
            for pair in query.split(separator: "&") {
                let (name, rawValue) = pair.cut(at: "=")
                let value = try decode(rawValue ?? "", "option")
                switch (name, url.node.security) {
                case ("heartbeat", _):
                    guard let seconds = Int(value), (1...3600).contains(seconds) else {
                        throw wrong("has a heartbeat that is not 1 to 3600 seconds")
                    }
                    url.heartbeatSeconds = seconds
                case ("cacertfile", .some):
                    guard !value.isEmpty, !value.contains("\0") else { throw wrong("has an empty cacertfile") }
                    url.node.security?.authorities = value
                case ("verify", .some):
                    guard value == "verify_peer" || value == "verify_none" else {
                        throw wrong("has a verify that is neither verify_peer nor verify_none")
                    }
                    url.node.security?.verifiesPeer = value == "verify_peer"
                case ("cacertfile", nil), ("verify", nil): throw wrong("has an option of TLS but begins with amqp://")
                default: throw wrong("has an option that is none of heartbeat, cacertfile, verify")
                }
            }
        }

        private func decode(_ text: Substring, _ what: String) throws(BusError) -> String {
            guard text.contains("%") else { return String(text) }
            var bytes: [UInt8] = []
            var rest = text.utf8[...]
            while let byte = rest.popFirst() {
                guard byte == UInt8(ascii: "%") else {
                    bytes.append(byte)
                    continue
                }
                guard let digits = String(rest.prefix(2)), digits.utf8.count == 2,
                    digits.allSatisfy({ $0.isHexDigit }), let value = UInt8(digits, radix: 16)
                else { throw wrong("has a % without two hexadecimal digits in its \(what)") }
                bytes.append(value)
                rest = rest.dropFirst(2)
            }
            guard let decoded = String(validating: bytes, as: UTF8.self) else {
                throw wrong("has a \(what) that is not UTF-8")
            }
            return decoded
        }

        private func wrong(_ what: String) -> BusError { BusError(.unsupported, "RabbitMQ: \(label) \(what)") }
    }
}

extension Substring {
    /// What follows `scheme://`, whose case does not matter.
    fileprivate func dropScheme(_ scheme: String) -> Substring? {
        let count = scheme.count + 3
        guard count <= self.count, prefix(count).lowercased() == scheme + "://" else { return nil }
        return dropFirst(count)
    }

    /// The parts before and after the first such character.
    fileprivate func cut(at character: Character) -> (Substring, Substring?) {
        guard let index = firstIndex(of: character) else { return (self, nil) }
        return (self[..<index], self[self.index(after: index)...])
    }
}
