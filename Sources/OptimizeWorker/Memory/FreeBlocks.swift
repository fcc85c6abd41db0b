internal import Glibc

/// The free memory by the size of its contiguous blocks: `/proc/buddyinfo`, all nodes and zones together.
///
/// Source: proc(5); a line is `Node 0, zone Normal` and the number of free blocks of 2^0, 2^1, … pages.
struct FreeBlocks: Sendable, Hashable {
    /// A huge page of 2 MiB on a page size of 4 KiB: what fragmented memory cannot give.
    static let hugeOrder = 9

    /// Free blocks by order.
    private(set) var counts: [Int]

    /// Nil when the file cannot be read or has no zone.
    init?(root: String) {
        guard let text = TextFile.read(root + "/proc/buddyinfo") else { return nil }
        self.init(text)
    }

    init?(_ text: String) {
        counts = []
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ")
            guard let zone = words.firstIndex(of: "zone"), zone + 2 < words.count else { continue }
            for (order, word) in words[(zone + 2)...].enumerated() {
                guard let count = Int(word), count >= 0, count < 1 << 40, order < 20 else { return nil }
                if order == counts.count { counts.append(0) }
                counts[order] += count
            }
        }
        guard !counts.isEmpty else { return nil }
    }

    var freePages: Int { counts.enumerated().reduce(0) { $0 + $1.element << $1.offset } }

    /// The share of the free memory that lies in blocks smaller than a huge page, 0–100; nil when nothing is free.
    var fragmentedPercent: Double? {
        let free = freePages
        guard free > 0 else { return nil }
        let small = counts.enumerated().prefix(Self.hugeOrder).reduce(0) { $0 + $1.element << $1.offset }
        return Double(small) / Double(free) * 100
    }
}
