/// What the name of a block device says where `/sys` cannot be read.
enum DeviceName {
    /// Whether the name could lead out of `/sys/block`.
    static func isPath(_ name: String) -> Bool { name.isEmpty || name.utf8.first == UInt8(ascii: ".") }

    /// Nil for a partition.
    static func kind(of name: String) -> DiskCounters.Kind? {
        let bytes = Array(name.utf8)
        for prefix in ["loop", "ram", "zram", "dm-", "md", "drbd", "bcache"] where name.hasPrefix(prefix) {
            return isPartition(bytes, after: digits(bytes, from: prefix.utf8.count)) ? nil : .stacked
        }
        for prefix in ["nvme", "mmcblk", "nbd", "pmem", "rbd"] where name.hasPrefix(prefix) {
            var place = digits(bytes, from: prefix.utf8.count)
            // A path of a multipath NVMe namespace, nvme0c1n1, does the work of nvme0n1 again.
            let isPath = prefix == "nvme" && place < bytes.count && bytes[place] == UInt8(ascii: "c")
            for letter in "cn".utf8 where place < bytes.count && bytes[place] == letter {
                place = digits(bytes, from: place + 1)
            }
            if isPartition(bytes, after: place) { return nil }
            return isPath ? .stacked : .whole
        }
        for prefix in ["sd", "vd", "hd", "xvd"] where name.hasPrefix(prefix) {
            return bytes.last.map(isDigit) == true ? nil : .whole
        }
        return .whole
    }

    /// Whether the name goes on with `p` and digits to its end.
    private static func isPartition(_ bytes: [UInt8], after place: Int) -> Bool {
        guard place < bytes.count, bytes[place] == UInt8(ascii: "p"), place + 1 < bytes.count else { return false }
        return digits(bytes, from: place + 1) == bytes.count
    }

    /// The first place from which there are no more digits.
    private static func digits(_ bytes: [UInt8], from start: Int) -> Int {
        var place = start
        while place < bytes.count, isDigit(bytes[place]) { place += 1 }
        return place
    }

    private static func isDigit(_ byte: UInt8) -> Bool { byte >= UInt8(ascii: "0") && byte <= UInt8(ascii: "9") }
}
