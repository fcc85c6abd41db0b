internal import CCrypto
internal import Runtime

/// Makes the request ids of commands; all are UUIDs in lower case.
enum CommandID {
    /// Characters of an id that the commands of one batch share.
    static let prefixLength = 32

    /// Ids whose last 16 bits count (RFC 9562 version 7 in form): one row of the view tells of a whole batch, and the
    /// rows of its commands lie side by side.
    struct Batch {
        let prefix: String

        init(at now: Timestamp) { prefix = String(CommandID.random(at: now).prefix(CommandID.prefixLength)) }

        /// The id of the command at a place, 0…65535.
        func id(_ index: Int) -> String {
            let digits = String(UInt16(truncatingIfNeeded: index), radix: 16)
            return prefix + String(repeating: "0", count: 4 - digits.count) + digits
        }
    }

    /// A new id that sorts by the time it was made (RFC 9562 version 7): the view's index grows at its end, where random
    /// ids would touch a page of it each.
    static func random(at now: Timestamp) -> String {
        var generator = SystemRandomNumberGenerator()
        let milliseconds = UInt64(max(0, now.microseconds / 1000))
        return uuid(milliseconds << 16 | generator.next() & 0xffff, generator.next(), version: 7)
    }

    /// The id of a key: the same for the same principal and key (RFC 9562 version 5).
    /// - Parameters:
    ///   - index: The place in a batch; nil for a single command.
    ///   - generation: 0, or which renewal of the key after its time.
    static func keyed(principal: String, key: String, index: Int?, generation: Int) -> String {
        // The namespace is Flotilla's own random UUID, so that no other application makes the same ids.
        var input: [UInt8] = [
            0x6d, 0x1f, 0x52, 0x0e, 0x8a, 0x37, 0x4c, 0x90, 0xb2, 0x5d, 0x0f, 0x7e, 0x91, 0xc4, 0x3a, 0x68,
        ]
        input += "\(principal.utf8.count):\(principal)\(key.utf8.count):\(key)".utf8
        if let index { input += ":\(index)".utf8 }
        if generation > 0 { input += "#\(generation)".utf8 }
        let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA_DIGEST_LENGTH)) { digest, count in
            SHA1(input, input.count, digest.baseAddress)
            count = Int(SHA_DIGEST_LENGTH)
        }
        func word(_ start: Int) -> UInt64 { digest[start..<(start + 8)].reduce(0) { $0 << 8 | UInt64($1) } }
        return uuid(word(0), word(8), version: 5)
    }

    /// The place in its batch of an id that `Batch` may have made, and the batch's prefix.
    static func place(of id: String) -> (prefix: String, index: Int)? {
        guard id.utf8.count == 36, let index = UInt16(id.suffix(4), radix: 16) else { return nil }
        return (String(id.prefix(prefixLength)), Int(index))
    }

    private static func uuid(_ high: UInt64, _ low: UInt64, version: UInt64) -> String {
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
