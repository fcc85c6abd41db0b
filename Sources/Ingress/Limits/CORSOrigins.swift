internal import HTTPKit

/// The origins whose pages may use the API from a browser (`CORS_ORIGINS`).
package enum CORSOrigins: Sendable, Hashable {
    case none
    /// `http://localhost`, `http://127.0.0.1` and `http://[::1]` with any port.
    case loopback
    case all
    /// As ``Origin/text`` writes them.
    case listed(Set<String>)

    /// Reads `*` or the entries of a list; nil when one is no origin.
    package init?(entries: [String]) {
        if entries.contains("*") {
            self = .all
            return
        }
        let origins = entries.compactMap { Origin($0)?.text }
        guard origins.count == entries.count else { return nil }
        self = .listed(Set(origins))
    }

    /// Whether pages of the origin may; `origin` is the value of a request's Origin header.
    func allow(_ origin: String) -> Bool {
        switch self {
        case .none: false
        case .all: Origin(origin) != nil
        case .loopback: Origin(origin)?.isPlainLoopback ?? false
        case .listed(let origins): origins.contains(origin) || Origin(origin).map { origins.contains($0.text) } ?? false
        }
    }
}

/// A web origin (RFC 6454): scheme, host and port, without path.
struct Origin: Sendable, Hashable {
    private let scheme: String
    private let host: String
    /// Nil for the scheme's own.
    private let port: UInt16?

    /// Reads `https://app.example.org` or `http://[::1]:3000`; nil for anything else, `null` included.
    init?(_ text: String) {
        let text = text.lowercased()
        guard let scheme = ["http", "https"].first(where: { text.hasPrefix($0 + "://") }) else { return nil }
        self.scheme = scheme
        let authority = text.dropFirst(scheme.count + 3)
        let host: Substring
        if authority.first == "[" {
            guard let end = authority.firstIndex(of: "]"), IPAddress(authority[..<end].dropFirst()) != nil else {
                return nil
            }
            host = authority[...end]
        } else {
            host = authority.prefix { $0 != ":" }
            guard !host.isEmpty, host.utf8.allSatisfy(Self.isHostByte) else { return nil }
        }
        self.host = String(host)
        let rest = authority.dropFirst(host.count)
        guard !rest.isEmpty else {
            port = nil
            return
        }
        guard rest.first == ":", rest.utf8.dropFirst().allSatisfy({ (48...57).contains($0) }),
            let port = UInt16(rest.dropFirst())
        else { return nil }
        self.port = port == (scheme == "https" ? 443 : 80) ? nil : port
    }

    /// As browsers write it.
    var text: String { "\(scheme)://\(host)" + (port.map { ":\($0)" } ?? "") }

    /// Whether it is a page of this machine over plain HTTP.
    var isPlainLoopback: Bool { scheme == "http" && ["localhost", "127.0.0.1", "[::1]"].contains(host) }

    /// Letters, digits, dots, dashes and underscores.
    private static func isHostByte(_ byte: UInt8) -> Bool {
        (97...122).contains(byte) || (48...57).contains(byte) || byte == 45 || byte == 46 || byte == 95
    }
}
