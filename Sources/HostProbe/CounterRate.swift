/// How fast a counter of the kernel grew.
enum CounterRate {
    /// Nil if either value is unknown, or if the counter went backwards: it started again.
    static func perSecond(_ previous: UInt64?, _ current: UInt64?, seconds: Double) -> Double? {
        increase(previous, current).map { Double($0) / seconds }
    }

    static func increase(_ previous: UInt64?, _ current: UInt64?) -> UInt64? {
        guard let previous, let current, current >= previous else { return nil }
        return current - previous
    }

    /// The increase of a counter of 32 bits, which goes on at 0 past its end; nil if that would be over 2^30, which
    /// no second brings: then it started again.
    static func wrappedIncrease(_ previous: UInt64, _ current: UInt64) -> UInt64? {
        if current >= previous { return current - previous }
        guard previous <= UInt64(UInt32.max) else { return nil }
        let increase = current + (1 << 32) - previous
        return increase <= 1 << 30 ? increase : nil
    }
}
