internal import HTTPKit

/// Reads the addresses that proxies have added to a request, in the order of the fields: the nearest proxy's is last.
enum ForwardedAddresses {
    /// One element for each entry; nil for an entry that is no address.
    static func entries(_ headers: HTTPHeaders) -> [IPAddress?] {
        let lists = headers.all("X-Forwarded-For")
        if !lists.isEmpty {
            return lists.flatMap { list in
                list.split(separator: ",", omittingEmptySubsequences: false).map { address(trimmed($0)) }
            }
        }
        return headers.all("Forwarded").flatMap { list in pieces(of: list[...], at: ",").map(forwardedFor) }
    }

    /// The address of one element of Forwarded, such as `for="[2001:db8::1]:4711";proto=https`.
    private static func forwardedFor(_ element: Substring) -> IPAddress? {
        for pair in pieces(of: element, at: ";") {
            let parts = pair.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
            guard parts.count == 2, trimmed(parts[0]).lowercased() == "for" else { continue }
            var value = trimmed(parts[1])
            if value.count >= 2, value.first == "\"", value.last == "\"" { value = value.dropFirst().dropLast() }
            return address(value)
        }
        return nil
    }

    /// An address with or without a port: `192.0.2.1`, `192.0.2.1:80`, `2001:db8::1`, `[2001:db8::1]`,
    /// `[2001:db8::1]:80`.
    private static func address(_ text: Substring) -> IPAddress? {
        if text.first == "[" {
            guard let end = text.firstIndex(of: "]") else { return nil }
            let rest = text[text.index(after: end)...]
            let inner = text[..<end].dropFirst()
            guard inner.contains(":"), rest.isEmpty || isPort(rest) else { return nil }
            return IPAddress(inner)
        }
        guard let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon else { return IPAddress(text) }
        return isPort(text[colon...]) ? IPAddress(text[..<colon]) : nil
    }

    /// Whether the text is a colon and a port.
    private static func isPort(_ text: Substring) -> Bool {
        text.first == ":" && text.utf8.dropFirst().allSatisfy { (48...57).contains($0) }
            && UInt16(text.dropFirst()) != nil
    }

    /// The parts between separators that stand outside quotes.
    private static func pieces(of text: Substring, at separator: Character) -> [Substring] {
        var isQuoted = false
        return text.split(omittingEmptySubsequences: false) { character in
            if character == "\"" { isQuoted.toggle() }
            return character == separator && !isQuoted
        }
    }

    private static func trimmed(_ text: Substring) -> Substring {
        var text = text
        while let first = text.utf8.first, first == 32 || first == 9 { text = text.dropFirst() }
        while let last = text.utf8.last, last == 32 || last == 9 { text = text.dropLast() }
        return text
    }
}
