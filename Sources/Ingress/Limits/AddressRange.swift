/// The addresses with a common prefix, such as `10.0.0.0/8`; a single address is a range too.
package struct AddressRange: Sendable, Hashable {
    private let first: IPAddress
    /// Bits of the prefix, counted in the 128 of an IPv6 address.
    private let bits: Int
    private let isIPv4: Bool

    /// Reads an address, or an address and its prefix's length after a slash; bits beyond the prefix don't count.
    package init?(_ text: String) {
        let parts = text.split(separator: "/", maxSplits: 1, omittingEmptySubsequences: false)
        guard let address = IPAddress(parts[0]) else { return nil }
        let isDotted = !parts[0].contains(":")
        var bits = 128
        if parts.count == 2 {
            guard parts[1].utf8.allSatisfy({ (48...57).contains($0) }), let length = Int(parts[1]),
                length <= (isDotted ? 32 : 128)
            else { return nil }
            bits = isDotted ? length + 96 : length
        }
        self.bits = bits
        isIPv4 = address.isIPv4 && bits >= 96
        first = Self.prefix(of: address, bits)
    }

    func contains(_ address: IPAddress) -> Bool {
        address.isIPv4 == isIPv4 && Self.prefix(of: address, bits) == first
    }

    private static func prefix(of address: IPAddress, _ bits: Int) -> IPAddress {
        // A shift by 64 or more gives 0, as Swift's smart shifts do.
        let high = UInt64.max << UInt64(64 - min(bits, 64))
        let low = UInt64.max << UInt64(128 - max(bits, 64))
        return IPAddress(high: address.high & high, low: address.low & low)
    }
}
