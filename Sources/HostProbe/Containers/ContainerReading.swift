/// What the kernel says of one container, by its control group.
package struct ContainerReading: Sendable, Hashable {
    /// What started it.
    package enum Runtime: String, Sendable, CaseIterable {
        case docker, containerd, crio, podman, lxc, nspawn
    }

    /// Nil where its group does not say.
    package var runtime: Runtime?
    package var id: String
    /// Nil where control groups do not know it.
    package var name: String?
    /// Of its group, in its hierarchy.
    package var path: String
    /// CLOCK_MONOTONIC. Of many containers some are read in each reading of the host, in turn.
    package var at: Duration
    /// The limit is the smallest of the group and its parents, a pod's say; the usage is the container's own.
    package var memory: ControlGroupMemory?
    /// The container's own.
    package var processor: ControlGroupProcessor?
    /// Processes and their threads.
    package var tasks: UInt64?
    package var transfers: BlockTransfers?
    /// Nil in its first reading.
    package var rates: ContainerRates?

    package init(runtime: Runtime?, id: String, name: String? = nil, path: String, at: Duration) {
        self.runtime = runtime
        self.id = id
        self.name = name
        self.path = path
        self.at = at
    }
}

/// What a container did between two of its readings.
package struct ContainerRates: Sendable, Hashable {
    /// Nil where the kernel does not count its processor time.
    package var processor: ControlGroupRates?
    package var readBytesPerSecond: Double?
    package var writtenBytesPerSecond: Double?

    /// Nil when no time passed.
    static func between(_ previous: ContainerReading, _ current: ContainerReading) -> ContainerRates? {
        let seconds = (current.at - previous.at) / .seconds(1)
        guard seconds > 0 else { return nil }
        var rates = ContainerRates()
        if let old = previous.processor, let new = current.processor {
            rates.processor = .between(old, new, seconds: seconds)
        }
        rates.readBytesPerSecond = CounterRate.perSecond(
            previous.transfers?.readBytes, current.transfers?.readBytes, seconds: seconds)
        rates.writtenBytesPerSecond = CounterRate.perSecond(
            previous.transfers?.writtenBytes, current.transfers?.writtenBytes, seconds: seconds)
        return rates
    }
}

/// Bytes that a control group made block devices read and write, all of them together.
package struct BlockTransfers: Sendable, Hashable {
    package var readBytes: UInt64
    package var writtenBytes: UInt64

    package init(readBytes: UInt64 = 0, writtenBytes: UInt64 = 0) {
        self.readBytes = readBytes
        self.writtenBytes = writtenBytes
    }

    /// Reads `io.stat` of version 2, `8:0 rbytes=1 wbytes=2 …`, or `blkio.throttle.io_service_bytes` of version 1,
    /// `8:0 Read 1`, a line each (kernel documentation, admin-guide/cgroup-v2 and cgroup-v1/blkio-controller). A group
    /// that did no I/O has no lines; malformed ones are ignored.
    init(_ bytes: UnsafeRawBufferPointer) {
        self.init()
        var cursor = ByteCursor(bytes)
        while var line = cursor.line() {
            guard var device = line.word(), device.digits() != nil, device.skip(":"), device.digits() != nil,
                device.isAtEnd
            else { continue }
            while var word = line.word() {
                if word.equals("Read") {
                    readBytes = readBytes.adding(line.integer())
                } else if word.equals("Write") {
                    writtenBytes = writtenBytes.adding(line.integer())
                } else if word.skip("rbytes=") {
                    readBytes = readBytes.adding(word.integer())
                } else if word.skip("wbytes=") {
                    writtenBytes = writtenBytes.adding(word.integer())
                }
            }
        }
    }
}

extension UInt64 {
    /// Up to the largest number.
    fileprivate func adding(_ other: UInt64?) -> UInt64 {
        let (sum, isTooLarge) = addingReportingOverflow(other ?? 0)
        return isTooLarge ? .max : sum
    }
}
