/// How the metrics of a row are packed: version 1, little-endian, without gaps.
///
/// A byte with the version; three sets of 32 bits, a bit for each place of `HostMetric.all`: the known metrics, those of
/// them that were constant, and those whose count or last time are not the row's; then each known metric in its order:
/// sum (64 bits), least, most and last (32 bits each), or the value alone (32 bits) of a constant one; then, where they
/// are not the row's, the count and how many microseconds before the row's newest sample the last value is (32 bits
/// each). The 17 metrics of a host without a GPU take some 280 bytes, those of a single sample 81.
enum HostMetricRow {
    static let maximumMetrics = 32
    private static let version: UInt8 = 1
    private static let headerBytes = 13

    /// - Parameters:
    ///   - metrics: at the places of `HostMetric.all`.
    ///   - samples: the row's.
    ///   - latest: when the newest of them was taken, in microseconds since 1970.
    static func pack(_ metrics: [MetricSums], samples: Int64, latest: Int64) -> [UInt8] {
        var known: UInt32 = 0
        var constant: UInt32 = 0
        var irregular: UInt32 = 0
        var body: [UInt8] = []
        body.reserveCapacity(headerBytes + 20 * metrics.count)
        body.append(contentsOf: repeatElement(version, count: headerBytes))
        for (place, sums) in metrics.prefix(maximumMetrics).enumerated() where sums.count > 0 {
            let bit = UInt32(1) << UInt32(place)
            known |= bit
            if sums.isConstant {
                constant |= bit
            } else {
                body.append(sums.sum.bitPattern)
                body.append(sums.minimum.bitPattern)
                body.append(sums.maximum.bitPattern)
            }
            body.append(sums.last.bitPattern)
            if sums.count != samples || sums.lastAt != latest {
                irregular |= bit
                body.append(UInt32(clamping: sums.count))
                body.append(UInt32(clamping: latest - sums.lastAt))
            }
        }
        for (index, bits) in [known, constant, irregular].enumerated() {
            for byte in 0..<4 { body[1 + 4 * index + byte] = UInt8(truncatingIfNeeded: bits >> UInt32(8 * byte)) }
        }
        return body
    }

    /// Gives the known metrics by their places. Answers false for bytes of another version or length, having given what
    /// could be read.
    @discardableResult
    static func read(_ bytes: [UInt8], samples: Int64, latest: Int64, _ give: (Int, MetricSums) -> Void) -> Bool {
        bytes.withUnsafeBytes { bytes in
            guard bytes.count >= headerBytes, bytes[0] == version else { return false }
            let known: UInt32 = bytes.number(1)
            let constant: UInt32 = bytes.number(5)
            let irregular: UInt32 = bytes.number(9)
            var position = headerBytes
            var left = known
            while left != 0 {
                let place = left.trailingZeroBitCount
                let bit = UInt32(1) << UInt32(place)
                left &= left - 1
                let length = (constant & bit == 0 ? 20 : 4) + (irregular & bit == 0 ? 0 : 8)
                guard bytes.count - position >= length else { return false }
                var sums = MetricSums.none
                sums.count = samples
                sums.lastAt = latest
                var end = position + length
                if irregular & bit != 0 {
                    end -= 8
                    sums.count = Int64(bytes.number(end) as UInt32)
                    sums.lastAt = latest - Int64(bytes.number(end + 4) as UInt32)
                }
                sums.last = Float(bitPattern: bytes.number(end - 4))
                if constant & bit == 0 {
                    sums.sum = Double(bitPattern: bytes.number(position))
                    sums.minimum = Float(bitPattern: bytes.number(position + 8))
                    sums.maximum = Float(bitPattern: bytes.number(position + 12))
                } else {
                    sums.sum = Double(sums.last) * Double(sums.count)
                    sums.minimum = sums.last
                    sums.maximum = sums.last
                }
                position += length
                if place < HostMetric.all.count, sums.count > 0 { give(place, sums) }
            }
            return position == bytes.count
        }
    }
}

extension [UInt8] {
    fileprivate mutating func append<Number: FixedWidthInteger>(_ number: Number) {
        Swift.withUnsafeBytes(of: number.littleEndian) { append(contentsOf: $0) }
    }
}

extension UnsafeRawBufferPointer {
    fileprivate func number<Number: FixedWidthInteger & BitwiseCopyable>(_ offset: Int) -> Number {
        Number(littleEndian: loadUnaligned(fromByteOffset: offset, as: Number.self))
    }
}
