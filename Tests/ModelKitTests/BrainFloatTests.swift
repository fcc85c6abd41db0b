import Testing

@testable import ModelKit

@Suite struct BrainFloatTests {
    @Test(
        arguments: [
            (0x0000_0000, 0x0000), (0x8000_0000, 0x8000), (0x3f80_0000, 0x3f80), (0x3f80_8000, 0x3f80),
            (0x3f80_8001, 0x3f81), (0x3f81_8000, 0x3f82), (0x3f80_7fff, 0x3f80), (0x7f7f_ffff, 0x7f80),
            (0x7f7f_7fff, 0x7f7f), (0x7f80_0000, 0x7f80), (0xff80_0000, 0xff80), (0x7f80_0001, 0x7fc0),
            (0x7fff_ffff, 0x7fff), (0xffff_ffff, 0xffff), (0x0000_0001, 0x0000), (0x0000_8001, 0x0001),
        ] as [(UInt32, UInt16)])
    func roundsToNearestTiesToEven(pattern: UInt32, bits: UInt16) {
        #expect(BrainFloat.bits(of: Float(bitPattern: pattern)) == bits)
    }

    @Test func keepsEveryPatternThroughAWideningAndARounding() {
        for bits in UInt16.min...UInt16.max {
            let value = BrainFloat.value(of: bits)
            #expect(BrainFloat.bits(of: value) == (value.isNaN ? bits | 0x40 : bits))
        }
    }

    @Test func convertsBuffers() {
        let values: [Float] = [1, -2.5, 3.14159]
        var bits = [UInt16](repeating: 0, count: 3)
        var back = [Float](repeating: 0, count: 3)
        values.withUnsafeBufferPointer { source in
            bits.withUnsafeMutableBufferPointer { BrainFloat.convert(source, into: $0) }
        }
        bits.withUnsafeBufferPointer { source in
            back.withUnsafeMutableBufferPointer { BrainFloat.convert(source, into: $0) }
        }
        #expect(back == [1, -2.5, 3.140625])
    }
}
