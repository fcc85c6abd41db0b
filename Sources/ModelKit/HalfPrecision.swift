/// IEEE 754 binary16: 1 sign, 5 exponent and 10 fraction bits.
///
/// Conversions round to nearest, ties to even. They are written on the bits, so that every machine gives the same
/// bytes; the loops have no branch that depends on a value and vectorize.
package enum HalfPrecision {
    /// The largest finite value. From 65520 on rounding gives infinity; a quantizer must look before it converts.
    package static let greatestFiniteMagnitude: Float = 65504

    /// Rounds a value; what is too large becomes infinity, a NaN stays one, quiet, with the top of its payload.
    @inlinable
    package static func bits(of value: Float) -> UInt16 {
        let pattern = value.bitPattern
        let sign = UInt16(truncatingIfNeeded: (pattern & 0x8000_0000) >> 16)
        let magnitude = pattern & 0x7fff_ffff
        // 0x47800000 is 65536, 0x38800000 is 2^-14, the least normal value.
        let nan = UInt16(truncatingIfNeeded: 0x7e00 | ((magnitude >> 13) & 0x3ff))
        let special: UInt16 = magnitude > 0x7f80_0000 ? nan : 0x7c00
        // Normal: move the exponent's bias from 127 to 15 and round on the 13 bits that go.
        let rebiased = magnitude &- 0x3800_0000
        let normal = UInt16(truncatingIfNeeded: (rebiased &+ 0xfff &+ ((rebiased >> 13) & 1)) >> 13)
        // Subnormal: adding 0.5 leaves the value's multiple of 2^-24, rounded by the addition, in the low bits.
        let sum = (Float(bitPattern: magnitude) + 0.5).bitPattern
        let subnormal = UInt16(truncatingIfNeeded: sum &- 0x3f00_0000)
        return sign | (magnitude >= 0x4780_0000 ? special : magnitude < 0x3880_0000 ? subnormal : normal)
    }

    /// The value, exactly; a NaN stays one, quiet.
    @inlinable
    package static func value(of bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16
        let magnitude = UInt32(bits & 0x7fff)
        let isSpecial = magnitude >= 0x7c00
        let isNaN = magnitude > 0x7c00
        let normal =
            (magnitude << 13) &+ (isSpecial ? 0x7000_0000 : 0x3800_0000) | (isNaN ? 0x0040_0000 : 0)
        // 2^-24, the unit of subnormal values.
        let subnormal = (Float(magnitude) * 0x1p-24).bitPattern
        return Float(bitPattern: sign | (magnitude < 0x0400 ? subnormal : normal))
    }

    /// Rounds as many values as the shorter buffer holds. Returns how many finite values became infinite.
    @discardableResult
    package static func convert(
        _ source: UnsafeBufferPointer<Float>, into target: UnsafeMutableBufferPointer<UInt16>
    ) -> Int {
        var overflows = 0
        for index in 0..<min(source.count, target.count) {
            let bits = bits(of: source[index])
            overflows &+= (bits & 0x7fff == 0x7c00) && source[index].isFinite ? 1 : 0
            target[index] = bits
        }
        return overflows
    }

    /// Widens as many values as the shorter buffer holds.
    package static func convert(
        _ source: UnsafeBufferPointer<UInt16>, into target: UnsafeMutableBufferPointer<Float>
    ) {
        for index in 0..<min(source.count, target.count) { target[index] = value(of: source[index]) }
    }
}
