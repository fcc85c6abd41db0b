/// What a block device did since boot: a line of `/proc/diskstats` (kernel documentation, admin-guide/iostats).
package struct DiskCounters: Sendable, Hashable {
    /// What a device is to a sum over devices.
    package enum Kind: Sendable {
        /// Its own storage: counts.
        case whole
        /// Storage made of other devices, files or memory (dm, md, loop, zram): its work shows there, or is none.
        case stacked
    }

    package var name: String
    package var kind: Kind
    package var reads: UInt64
    package var readSectors: UInt64
    package var writes: UInt64
    package var writtenSectors: UInt64
    /// Milliseconds that the reads and the writes took from their submission, summed over them.
    package var readMilliseconds: UInt64
    package var writeMilliseconds: UInt64
    /// Milliseconds in which at least one request was in flight.
    package var busyMilliseconds: UInt64
    /// Milliseconds, each counted as often as requests were in flight in it.
    package var queuedMilliseconds: UInt64

    /// A sector of these counters is 512 bytes on every device.
    package static let bytesPerSector: UInt64 = 512

    package init(
        name: String, kind: Kind = .whole, reads: UInt64, readSectors: UInt64, writes: UInt64,
        writtenSectors: UInt64, readMilliseconds: UInt64 = 0, writeMilliseconds: UInt64 = 0,
        busyMilliseconds: UInt64, queuedMilliseconds: UInt64 = 0
    ) {
        self.name = name
        self.kind = kind
        self.reads = reads
        self.readSectors = readSectors
        self.writes = writes
        self.writtenSectors = writtenSectors
        self.readMilliseconds = readMilliseconds
        self.writeMilliseconds = writeMilliseconds
        self.busyMilliseconds = busyMilliseconds
        self.queuedMilliseconds = queuedMilliseconds
    }

    /// Whether the device was ever used.
    var isUsed: Bool { (reads | writes | busyMilliseconds) != 0 }

    /// Reads a line; nil if it is malformed or, as from kernels before 2.6.25 for partitions, too short.
    init?(_ line: inout ByteCursor) {
        guard line.integer() != nil, line.integer() != nil, let name = line.word(), let reads = line.integer(),
            line.integer() != nil, let readSectors = line.integer(), let readTime = line.integer(),
            let writes = line.integer(), line.integer() != nil, let writtenSectors = line.integer(),
            let writeTime = line.integer(), line.integer() != nil, let busy = line.integer(),
            let queued = line.integer()
        else { return nil }
        self.init(
            name: name.text, reads: reads, readSectors: readSectors, writes: writes,
            writtenSectors: writtenSectors, readMilliseconds: readTime, writeMilliseconds: writeTime,
            busyMilliseconds: busy, queuedMilliseconds: queued)
    }
}
