import Runtime
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

    /// The two words of the next identifier.
    func next() -> (high: UInt64, low: UInt64) {
        let number = counter.add(1, ordering: .relaxed).newValue
        let high = (seeds.0 &+ number &* 0x9E37_79B9_7F4A_7C15).mixed
        let low = (seeds.1 ^ number).mixed
        return (high & ~0xF000 | 0x4000, low & ~(3 << 62) | 2 << 62)
    }
}
