import Synchronization

/// Makes request identifiers: random version 4 UUIDs in shape, from two random words of the kernel and a counter.
///
/// They are unique and hard to confuse, not secret: nothing may depend on their being unguessable.
struct RequestIDSource: ~Copyable, Sendable {
    private let seeds: (UInt64, UInt64)
    private let counter = Atomic<UInt64>(0)

    init() {
        var generator = SystemRandomNumberGenerator()
        seeds = (generator.next(), generator.next())
    }

    func next() -> RequestID {
        let number = counter.add(1, ordering: .relaxed).newValue
        let high = Self.mix(seeds.0 &+ number &* 0x9E37_79B9_7F4A_7C15)
        let low = Self.mix(seeds.1 ^ number)
        return .made(high & ~0xF000 | 0x4000, low & ~(3 << 62) | 2 << 62)
    }

    /// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): a bijection, so that ids differ when the input does.
    private static func mix(_ value: UInt64) -> UInt64 {
        var word = value
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
