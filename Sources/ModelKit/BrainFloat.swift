/// bfloat16: the upper half of a binary32, 1 sign, 8 exponent and 7 fraction bits.
///
/// Conversions round to nearest, ties to even, and give the same bytes on every machine.
package enum BrainFloat {
    /// `(u + 0x7fff + ((u >> 16) & 1)) >> 16`; a NaN, which that could turn into infinity, becomes quiet.
    @inlinable
    package static func bits(of value: Float) -> UInt16 {
        let pattern = value.bitPattern
        let rounded = (pattern &+ 0x7fff &+ ((pattern >> 16) & 1)) >> 16
        let quiet = (pattern >> 16) | 0x40
        return UInt16(truncatingIfNeeded: (pattern & 0x7fff_ffff) > 0x7f80_0000 ? quiet : rounded)
    }

    /// The value, exactly.
    @inlinable
    package static func value(of bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }

    /// Rounds as many values as the shorter buffer holds.
    package static func convert(
        _ source: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<UInt16>
    ) {
        for index in 0..<min(source.count, target.count) { target[index] = bits(of: source[index]) }
    }

    /// Widens as many values as the shorter buffer holds.
    package static func convert(
        _ source: UnsafeBufferPointer<UInt16>, into target: UnsafeMutableBufferPointer<Float>
    ) {
        for index in 0..<min(source.count, target.count) { target[index] = value(of: source[index]) }
    }
}
