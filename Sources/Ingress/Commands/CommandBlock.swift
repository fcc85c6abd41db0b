internal import Contracts
internal import Runtime
internal import SQLiteKit

/// What lists need of some consecutive rows of commands, side by side: when each was accepted, and a hash of its device
/// and its type. 16 bytes a command, and one row of the file for about a thousand.
struct CommandBlock {
    /// Rows of a full block.
    static let capacity = 1024

    /// The id of the first row; the others follow without gaps.
    let first: Int64
    private(set) var oldest = Int64.max
    private(set) var newest = Int64.min
    /// Microseconds, 8 bytes each, of this machine's byte order.
    private(set) var times: [UInt8] = []
    /// 4 bytes each.
    private(set) var devices: [UInt8] = []
    private(set) var types: [UInt8] = []

    init(first: Int64) { self.first = first }

    var count: Int { times.count / 8 }

    /// Adds the row whose id is `first + count`.
    mutating func append(createdAt: Int64, device: UInt32, type: UInt32) {
        oldest = min(oldest, createdAt)
        newest = max(newest, createdAt)
        withUnsafeBytes(of: createdAt) { times.append(contentsOf: $0) }
        withUnsafeBytes(of: device) { devices.append(contentsOf: $0) }
        withUnsafeBytes(of: type) { types.append(contentsOf: $0) }
    }

    /// The hash of what is not known yet, which any question may be about: a device's word that came before its command.
    static let unknown: UInt32 = 0

    /// FNV-1a (Fowler, Noll, Vo) of 32 bits; never `unknown`.
    static func hash(_ text: some Sequence<UInt8>) -> UInt32 {
        let hash = text.reduce(0x811c_9dc5 as UInt32) { ($0 ^ UInt32($1)) &* 0x0100_0193 }
        return hash == unknown ? 1 : hash
    }
}

extension Connection {
    /// Rows read at a time by `indexCommands` of a file that has none of them in blocks.
    static let indexLimit = 20_000

    /// Adds the rows that are in no block yet, at most so many; answers whether there are more.
    @discardableResult
    func indexCommands(limit: Int = indexLimit) throws -> Bool {
        let last = try first("SELECT id FROM commands ORDER BY id DESC LIMIT 1") { $0.int(0) } ?? 0
        var end = try lastBlock()
        if let known = end, known.first + Int64(known.count) - 1 > last {
            // The rows were all deleted once, and their ids are given out again.
            try run("DELETE FROM command_blocks")
            end = nil
        }
        var next = end.map { $0.first + Int64($0.count) } ?? 0
        guard next <= last else { return false }
        var block = end.flatMap { $0.count < CommandBlock.capacity ? CommandBlock(first: $0.first) : nil }
        var filled = block == nil ? 0 : end?.count ?? 0
        var found = 0
        try forEach(
            "SELECT id, created_at, device_id, command_type FROM commands WHERE id >= ? ORDER BY id LIMIT ?",
            .integer(next), .integer(Int64(limit))
        ) { row in
            let id = row.int(0)
            if let full = block, id != next || filled + full.count >= CommandBlock.capacity {
                if full.count > 0 { try store(full) }
                block = nil
            }
            if block == nil {
                block = CommandBlock(first: id)
                filled = 0
            }
            block?.append(createdAt: row.int(1), device: Self.hash(row, 2), type: Self.hash(row, 3))
            next = id + 1
            found += 1
            return true
        }
        if let block, block.count > 0 { try store(block) }
        return found == limit
    }

    private static func hash(_ row: Row, _ column: Int) -> UInt32 {
        row.isNull(column) ? CommandBlock.unknown : CommandBlock.hash(row.blob(column))
    }

    /// Where the last block is, and how many rows it holds.
    private func lastBlock() throws -> (first: Int64, count: Int)? {
        try first("SELECT first, length(times) / 8 FROM command_blocks ORDER BY first DESC LIMIT 1") {
            ($0.int(0), Int($0.int(1)))
        }
    }

    /// Adds rows to a block, or makes it.
    private func store(_ block: CommandBlock) throws {
        try run(
            """
            INSERT INTO command_blocks (first, oldest, newest, times, devices, types) VALUES (?, ?, ?, ?, ?, ?)
            ON CONFLICT (first) DO UPDATE SET
                oldest = min(oldest, excluded.oldest), newest = max(newest, excluded.newest),
                times = CAST(times || excluded.times AS BLOB), devices = CAST(devices || excluded.devices AS BLOB),
                types = CAST(types || excluded.types AS BLOB)
            """, .integer(block.first), .integer(block.oldest), .integer(block.newest), .blob(block.times),
            .blob(block.devices), .blob(block.types))
    }

    /// Deletes the oldest blocks whose rows are all from before a time, at most so many.
    func pruneBlocks(before end: Timestamp, limit: Int) throws {
        try run(
            """
            DELETE FROM command_blocks WHERE newest < ?1 AND first IN
            (SELECT first FROM command_blocks ORDER BY first LIMIT ?2)
            """, .integer(end.microseconds), .integer(Int64(limit)))
    }
}
