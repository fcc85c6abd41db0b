import Synchronization

/// Makes the ids of traces and spans: from words of the kernel, a counter and a mixing function, so that an id costs no
/// system call.
///
/// They are unique and hard to confuse, not secret: nothing may depend on their being unguessable.
package final class TraceIDSource: Sendable {
    private let seeds: (UInt64, UInt64, UInt64)
    private let counter = Atomic<UInt64>(0)

    package init() {
        var generator = SystemRandomNumberGenerator()
        seeds = (generator.next(), generator.next(), generator.next())
    }

    /// A trace of its own.
    package func begin() -> TraceContext {
        let number = next()
        return TraceContext(
            trace: (Self.word(seeds.0, number), Self.word(seeds.1, number)), span: Self.word(seeds.2, number))
    }

    /// The next span of a trace, or the first of a new one.
    package func resume(_ trace: TraceContext?) -> TraceContext {
        guard let trace else { return begin() }
        return trace.child(span: Self.word(seeds.2, next()))
    }

    private func next() -> UInt64 { counter.add(1, ordering: .relaxed).newValue }

    private static func word(_ seed: UInt64, _ number: UInt64) -> UInt64 {
        (seed &+ number &* 0x9E37_79B9_7F4A_7C15).mixed
    }
}

extension UInt64 {
    /// The finalizer of SplitMix64 (Steele, Lea and Flood, 2014): a bijection, so that results differ when inputs do.
    @inlinable package var mixed: UInt64 {
        var word = self
        word = (word ^ word >> 30) &* 0xBF58_476D_1CE4_E5B9
        word = (word ^ word >> 27) &* 0x94D0_49BB_1331_11EB
        return word ^ word >> 31
    }
}
