/// A mounted file system: a line of `/proc/<pid>/mountinfo` (proc(5)).
package struct Mount: Sendable, Hashable {
    /// Where it is mounted, escapes decoded.
    package var path: String
    /// The type, such as `ext4` or `nfs4`.
    package var type: String
    /// The device or server, such as `/dev/sda1`.
    package var source: String
    /// `major:minor`: the same for every mount of one file system.
    package var device: String
    /// The folder of the file system that is mounted; not `/` for a bind mount or subvolume.
    package var folder: String

    package init(path: String, type: String, source: String, device: String, folder: String = "/") {
        self.path = path
        self.type = type
        self.source = source
        self.device = device
        self.folder = folder
    }

    /// `36 35 98:0 /folder /path options optional… - type source superoptions`; nil if malformed.
    init?(_ line: inout ByteCursor) {
        guard line.integer() != nil, line.integer() != nil, let device = line.word(), let folder = line.word(),
            let path = line.word(), line.word() != nil
        else { return nil }
        while let field = line.word() {
            guard field.equals("-") else { continue }
            guard let type = line.word(), let source = line.word() else { return nil }
            self.init(
                path: Self.decoded(path), type: type.text, source: Self.decoded(source), device: device.text,
                folder: Self.decoded(folder))
            return
        }
        return nil
    }

    /// Decodes the octal escapes of space, tab, newline and backslash.
    private static func decoded(_ field: ByteCursor) -> String {
        var rest = field
        guard rest.upTo(UInt8(ascii: "\\")) != nil else { return field.text }
        rest = field
        var bytes: [UInt8] = []
        while let byte = rest.byte() {
            var escape = rest
            if byte == UInt8(ascii: "\\"), let high = escape.octal(), let middle = escape.octal(),
                let low = escape.octal()
            {
                bytes.append(high << 6 | middle << 3 | low)
                rest = escape
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension ByteCursor {
    fileprivate mutating func octal() -> UInt8? {
        guard let byte = byte(), byte >= UInt8(ascii: "0"), byte <= UInt8(ascii: "7") else { return nil }
        return byte - UInt8(ascii: "0")
    }
}
