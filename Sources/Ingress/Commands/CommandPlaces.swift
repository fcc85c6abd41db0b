internal import SQLiteKit

/// Where a row of a command stands in a list: the newest first, and of one time the one that was heard of last.
struct CommandPlace: Comparable, Hashable {
    /// When it was accepted, in microseconds.
    let at: Int64
    /// The row's id.
    let id: Int64

    static func < (left: CommandPlace, right: CommandPlace) -> Bool { (left.at, left.id) < (right.at, right.id) }
}

extension Connection {
    /// The newest rows before a place, the newest first, by what their blocks say of them: a hash may be another's, and a
    /// row may be gone.
    /// - Parameter since: microseconds.
    func placesInBlocks(
        before place: CommandPlace, since: Int64, device: UInt32?, type: UInt32?, limit: Int
    ) throws -> [CommandPlace] {
        let blocks = try query(
            "SELECT newest, first FROM command_blocks WHERE newest >= ? AND oldest <= ? ORDER BY newest DESC",
            .integer(since), .integer(place.at)
        ) { (newest: $0.int(0), first: $0.int(1)) }
        var found = NewestPlaces(limit: limit)
        for block in blocks {
            // Whatever is in the others is older than all that is wanted.
            if let oldest = found.oldest, block.newest < oldest.at { break }
            try forEach("SELECT times, devices, types FROM command_blocks WHERE first = ?", .integer(block.first)) {
                let times = $0.blob(0)
                let devices = device == nil ? [] : $0.blob(1)
                let types = type == nil ? [] : $0.blob(2)
                for index in 0..<(times.count / 8) {
                    let candidate = CommandPlace(at: times.value(at: index), id: block.first + Int64(index))
                    guard candidate < place, candidate.at >= since, devices.mayHold(device, at: index),
                        types.mayHold(type, at: index)
                    else { continue }
                    found.add(candidate)
                }
                return false
            }
        }
        return found.sorted()
    }
}

/// Keeps the newest of the places that it is given.
private struct NewestPlaces {
    let limit: Int
    private var places: [CommandPlace] = []
    /// The last one that can be in the result, once there are enough.
    private(set) var oldest: CommandPlace?

    init(limit: Int) { self.limit = limit }

    mutating func add(_ place: CommandPlace) {
        if let oldest, place < oldest { return }
        places.append(place)
        if places.count >= 2 * limit || (oldest == nil && places.count == limit) { shorten() }
    }

    private mutating func shorten() {
        places.sort(by: >)
        if places.count > limit { places.removeLast(places.count - limit) }
        oldest = places.last
    }

    func sorted() -> [CommandPlace] { Array(places.sorted(by: >).prefix(limit)) }
}

extension [UInt8] {
    /// One of the numbers of a block's column.
    fileprivate func value<Number: FixedWidthInteger>(at index: Int) -> Number {
        withUnsafeBytes { $0.loadUnaligned(fromByteOffset: index * MemoryLayout<Number>.size, as: Number.self) }
    }

    /// Whether a column of hashes has the wanted one at a place, or one that is not known.
    fileprivate func mayHold(_ wanted: UInt32?, at index: Int) -> Bool {
        guard let wanted else { return true }
        // A column that is too short says nothing.
        guard (index + 1) * MemoryLayout<UInt32>.size <= count else { return true }
        let hash: UInt32 = value(at: index)
        return hash == wanted || hash == CommandBlock.unknown
    }
}
