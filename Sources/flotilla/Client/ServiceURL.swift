/// The address of an ingress: what can be told about it without asking anybody.
struct ServiceURL: Sendable, Hashable {
    /// Where an ingress listens that was told nothing else.
    static let standard = "http://127.0.0.1:8000"

    /// The host, without the brackets of an IPv6 address.
    let host: String

    /// Nil for what is not `http://` or `https://`, or has a user, a password, a query or a fragment.
    init?(_ text: String) {
        guard let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) }) else { return nil }
        let rest = text.dropFirst(scheme.count)
        guard !rest.contains(where: { "@?#\\ ".contains($0) }) else { return nil }
        let authority = rest.prefix { $0 != "/" }
        if authority.hasPrefix("[") {
            guard let close = authority.firstIndex(of: "]") else { return nil }
            host = String(authority[authority.index(after: authority.startIndex)..<close])
        } else {
            host = String(authority.prefix { $0 != ":" })
        }
        if host.isEmpty { return nil }
    }

    /// The address that a listener is reached at from its own machine.
    init(listeningOn host: String) {
        self.host =
            switch host {
            case "0.0.0.0", "": "127.0.0.1"
            case "::": "::1"
            default: host
            }
    }

    /// `http://host:port`.
    func text(port: Int, isTLS: Bool = false) -> String {
        "\(isTLS ? "https" : "http")://\(host.contains(":") ? "[\(host)]" : host):\(port)"
    }

    /// Whether it is this machine, by its name or number.
    var isLoopback: Bool {
        if host == "localhost" || host == "::1" { return true }
        let parts = host.split(separator: ".", omittingEmptySubsequences: false)
        return parts.count == 4 && parts[0] == "127" && parts.allSatisfy { UInt8($0) != nil }
    }
}

extension ServiceURL {
    /// A path segment with every byte outside RFC 3986's unreserved set escaped.
    static func percentEncoded(_ text: String) -> String {
        let digits = Array("0123456789ABCDEF")
        return text.utf8.reduce(into: "") { result, byte in
            let character = Character(Unicode.Scalar(byte))
            if byte < 0x80, character.isLetter || character.isNumber || "-._~".contains(character) {
                result.append(character)
            } else {
                result += "%\(digits[Int(byte >> 4)])\(digits[Int(byte & 15)])"
            }
        }
    }
}
