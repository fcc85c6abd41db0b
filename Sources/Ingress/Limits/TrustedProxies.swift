internal import HTTPKit

/// The proxies whose word about a client's address is taken (`TRUSTED_PROXIES`).
struct TrustedProxies: Sendable {
    let ranges: [AddressRange]

    /// Whom a request comes from: the peer; where that is a trusted proxy, the last address before the trusted ones in
    /// X-Forwarded-For, or in Forwarded (RFC 7239) where there is no X-Forwarded-For.
    ///
    /// What is no address ends the walk at the last good one: whatever stands before it may be made up.
    func client(of peer: PeerAddress, _ headers: HTTPHeaders) -> PeerAddress {
        guard !ranges.isEmpty, let address = IPAddress(peer.host), isTrusted(address) else { return peer }
        var client = address
        for entry in ForwardedAddresses.entries(headers).reversed() {
            guard let address = entry else { break }
            client = address
            if !isTrusted(address) { break }
        }
        guard client != address, let host = client.text else { return peer }
        return PeerAddress(host: host, port: 0, isLoopback: client.isLoopback)
    }

    private func isTrusted(_ address: IPAddress) -> Bool { ranges.contains { $0.contains(address) } }
}
