import Testing

@testable import ModelKit

@Suite struct HalfPrecisionTests {
    @Test(
        arguments: [
            (0, 0x0000), (-0.0, 0x8000), (1, 0x3c00), (-2, 0xc000), (65504, 0x7bff), (65519.996, 0x7bff),
            (65520, 0x7c00),
            (1e10, 0x7c00), (-65520, 0xfc00), (.infinity, 0x7c00), (-.infinity, 0xfc00),
            (0x1p-14, 0x0400), (0x1.ff8p-15, 0x03ff), (0x1p-24, 0x0001), (0x1p-25, 0x0000), (0x1.000002p-25, 0x0001),
            (0x1.8p-24, 0x0002), (0x1.ffcp-15, 0x0400), (1.00048828125, 0x3c00), (1.0004884, 0x3c01),
            (1.00146484375, 0x3c02), (.leastNonzeroMagnitude, 0x0000), (0.1, 0x2e66), (3.140625, 0x4248),
        ] as [(Float, UInt16)])
    func roundsToNearestTiesToEven(value: Float, bits: UInt16) {
        #expect(HalfPrecision.bits(of: value) == bits)
    }

    @Test func keepsEveryPatternThroughAWideningAndARounding() {
        for bits in UInt16.min...UInt16.max {
            let value = HalfPrecision.value(of: bits)
            if bits & 0x7fff > 0x7c00 {
                #expect(value.isNaN)
                #expect(HalfPrecision.bits(of: value) == bits | 0x0200)
            } else {
                #expect(HalfPrecision.bits(of: value) == bits)
            }
        }
    }

    @Test func agreesWithTheStandardLibrary() {
        #if !(arch(x86_64) && os(macOS))
        for bits in UInt16.min...UInt16.max where bits & 0x7fff <= 0x7c00 {
            #expect(HalfPrecision.value(of: bits) == Float(Float16(bitPattern: bits)))
        }
        var pattern: UInt32 = 1
        for _ in 0..<1_000_000 {
            pattern = pattern &* 1_664_525 &+ 1_013_904_223
            let value = Float(bitPattern: pattern)
            guard !value.isNaN else { continue }
            guard HalfPrecision.bits(of: value) == Float16(value).bitPattern else {
                Issue.record("\(value) became \(HalfPrecision.bits(of: value))")
                return
            }
        }
        #endif
    }

    @Test func keepsANaNOneWhateverItsPayload() {
        for payload: UInt32 in [1, 0x2000, 0x003f_ffff, 0x0040_0000, 0x007f_ffff] {
            let bits = HalfPrecision.bits(of: Float(bitPattern: 0x7f80_0000 | payload))
            #expect(bits & 0x7e00 == 0x7e00)
            #expect(HalfPrecision.bits(of: Float(bitPattern: 0xff80_0000 | payload)) == bits | 0x8000)
        }
    }

    @Test func convertsBuffersAndCountsOverflows() {
        let values: [Float] = [1, 70000, -70000, .infinity, .nan, 0.5]
        var bits = [UInt16](repeating: 0, count: 6)
        let overflows = values.withUnsafeBufferPointer { source in
            bits.withUnsafeMutableBufferPointer { HalfPrecision.convert(source, into: $0) }
        }
        #expect(overflows == 2)
        #expect(bits == [0x3c00, 0x7c00, 0xfc00, 0x7c00, 0x7e00, 0x3800])
        var back = [Float](repeating: 9, count: 3)
        bits.withUnsafeBufferPointer { source in
            back.withUnsafeMutableBufferPointer { HalfPrecision.convert(source, into: $0) }
        }
        #expect(back == [1, .infinity, -.infinity])
    }
}
