/// Percent-decoding of URI parts (RFC 3986 §2.1) and of form-encoded queries, where `+` is a space.
enum PercentEncoding {
    /// Decodes `bytes`; an incomplete or malformed escape stays as it is, invalid UTF-8 becomes U+FFFD.
    static func decode(_ bytes: some Collection<UInt8>, plusIsSpace: Bool) -> String {
        guard bytes.contains(where: { $0 == 37 || (plusIsSpace && $0 == 43) }) else {
            return String(decoding: bytes, as: UTF8.self)
        }
        var result: [UInt8] = []
        result.reserveCapacity(bytes.count)
        var index = bytes.startIndex
        while index < bytes.endIndex {
            let byte = bytes[index]
            if byte == 37,
                let first = bytes.index(index, offsetBy: 1, limitedBy: bytes.endIndex), first < bytes.endIndex,
                let second = bytes.index(index, offsetBy: 2, limitedBy: bytes.endIndex), second < bytes.endIndex,
                let high = digit(bytes[first]), let low = digit(bytes[second])
            {
                result.append(high << 4 | low)
                index = bytes.index(after: second)
            } else {
                result.append(plusIsSpace && byte == 43 ? 32 : byte)
                index = bytes.index(after: index)
            }
        }
        return String(decoding: result, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case 48...57: byte - 48
        case 65...70: byte - 55
        case 97...102: byte - 87
        default: nil
        }
    }
}
