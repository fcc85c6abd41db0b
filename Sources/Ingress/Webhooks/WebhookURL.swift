internal import Contracts
internal import HTTPKit

/// Where alerts are sent: an http or https URL that a client has named.
struct WebhookURL: Sendable, Hashable {
    static let maximumLength = 2048

    /// Without brackets.
    let host: String
    /// Scheme, host and port.
    let origin: String
    /// Without what may be secret: who, and the query.
    let redacted: String

    /// Nil for what is no http or https URL with a host.
    init?(_ text: String) {
        // No space, control character or backslash, and nothing that readers take for different things.
        guard text.utf8.count <= Self.maximumLength,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "\\") }),
            let scheme = ["http://", "https://"].first(where: { text.lowercased().hasPrefix($0) })
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { !"/?#".contains($0) }
        let place = authority.lastIndex(of: "@").map { authority[authority.index(after: $0)...] } ?? authority
        guard let (host, port) = Self.split(place), !host.isEmpty else { return nil }
        if let port {
            guard port.isEmpty || UInt16(port).map({ $0 > 0 }) == true, port.allSatisfy(\.isNumber) else { return nil }
        }
        self.host = String(host)
        origin = scheme + place
        redacted = scheme + place + rest.dropFirst(authority.count).prefix { !"?#".contains($0) }
    }

    /// - Throws: 400 for what is no http or https URL, and where private addresses may not be called, for one of those.
    static func check(_ text: String, allowsPrivate: Bool) throws(HTTPError) {
        guard let url = WebhookURL(text) else {
            throw HTTPError(400, "invalid_webhook", "Invalid webhook URL format: \(text.prefix(maximumLength))")
        }
        if !allowsPrivate, let address = IPAddress(url.host), !PublicAddresses.contains(address) {
            throw HTTPError(
                400, "invalid_webhook",
                "A webhook's host must not be a private address; WEBHOOK_ALLOW_PRIVATE lets it: \(url.redacted)")
        }
    }

    private static func split(_ place: Substring) -> (host: Substring, port: Substring?)? {
        if place.first == "[" {
            guard let end = place.firstIndex(of: "]") else { return nil }
            let after = place[place.index(after: end)...]
            guard after.isEmpty || after.first == ":" else { return nil }
            return (place[place.index(after: place.startIndex)..<end], after.isEmpty ? nil : after.dropFirst())
        }
        guard let colon = place.firstIndex(of: ":") else { return (place, nil) }
        return (place[..<colon], place[place.index(after: colon)...])
    }
}
