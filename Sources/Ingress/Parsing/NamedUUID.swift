internal import CCrypto

/// UUIDs in lower case, made of two words or of a name.
enum NamedUUID {
    // Flotilla's own random UUID, so that no other application makes the same ids.
    private static let namespace: [UInt8] = [
        0x6d, 0x1f, 0x52, 0x0e, 0x8a, 0x37, 0x4c, 0x90, 0xb2, 0x5d, 0x0f, 0x7e, 0x91, 0xc4, 0x3a, 0x68,
    ]

    /// The same for the same name, everywhere (RFC 9562 version 5).
    static func make(_ name: String) -> String {
        let input = namespace + name.utf8
        let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { digest, count in
            SHA1(input, input.count, digest.baseAddress)
            count = Int(SHA_DIGEST_LENGTH)
        }
        func word(_ start: Int) -> UInt64 { digest[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        return text(word(0), word(8), version: 5)
    }

    /// The text of 128 bits of which version and variant are set here.
    static func text(_ high: UInt64, _ low: UInt64, version: UInt64) -> String {
        let high = high & 0xffff_ffff_ffff_0fff | version << 12
        let low = low & 0x3fff_ffff_ffff_ffff | 0x8000_0000_0000_0000
        return String(unsafeUninitializedCapacity: 36) { text in
            var at = 0
            for nibble in 0..<32 {
                if nibble == 8 || nibble == 12 || nibble == 16 || nibble == 20 {
                    text[at] = UInt8(ascii: "-")
                    at += 1
                }
                let word = nibble < 16 ? high : low
                let value = UInt8(truncatingIfNeeded: word >> UInt64(60 - nibble % 16 * 4)) & 15
                text[at] = value < 10 ? UInt8(ascii: "0") + value : UInt8(ascii: "a") + value - 10
                at += 1
            }
            return 36
        }
    }
}
