/// Kafka's default partitioner: 32-bit MurmurHash2 with seed 0x9747b28c, made non-negative by masking the sign.
///
/// Source: `org.apache.kafka.common.utils.Utils.murmur2` and `toPositive`.
enum Murmur2 {
    static func partition(of key: String, count: Int) -> Int {
        Int(hash(Array(key.utf8)) & 0x7fff_ffff) % count
    }

    static func hash(_ bytes: [UInt8]) -> UInt32 {
        let multiplier: UInt32 = 0x5bd1_e995
        var hash = 0x9747_b28c ^ UInt32(truncatingIfNeeded: bytes.count)
        let tail = bytes.count & ~3
        for start in stride(from: 0, to: tail, by: 4) {
            var word =
                UInt32(bytes[start]) | UInt32(bytes[start + 1]) << 8 | UInt32(bytes[start + 2]) << 16
                | UInt32(bytes[start + 3]) << 24
            word &*= multiplier
            word ^= word >> 24
            word &*= multiplier
            hash &*= multiplier
            hash ^= word
        }
        let rest = bytes[tail...]
        if !rest.isEmpty {
            for (index, byte) in rest.enumerated() { hash ^= UInt32(byte) << (8 * UInt32(index)) }
            hash &*= multiplier
        }
        hash ^= hash >> 13
        hash &*= multiplier
        return hash ^ (hash >> 15)
    }
}
