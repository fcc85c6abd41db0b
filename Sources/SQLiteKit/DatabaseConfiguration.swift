package import Runtime

/// When a commit counts as done.
package enum Durability: Sendable {
    /// After an fsync: it survives a power cut.
    case full
    /// Without one: it survives the process; a power cut may lose the last commits, never damage the file.
    case normal
}

/// How a database is opened.
package struct DatabaseConfiguration: Sendable {
    package var path: String
    package var durability: Durability
    /// Reader connections, each on a thread of its own; at least 1.
    package var readers: Int
    /// Memory of the writer for pages, in bytes. What one commit changes should fit: pages that are written before its
    /// end, and once more, cost a checksum of everything that was written in between.
    package var writerCacheBytes: Int
    /// Writes that may wait for the writer; one more fails with `.busy`.
    package var maximumWaitingWrites: Int
    /// Names the threads and labels the metrics.
    package var name: String
    package var metrics: MetricsRegistry?

    package init(
        path: String, durability: Durability, readers: Int = 1, writerCacheBytes: Int = 4 << 20,
        maximumWaitingWrites: Int = 65_536, name: String, metrics: MetricsRegistry? = nil
    ) {
        self.path = path
        self.durability = durability
        self.readers = max(1, readers)
        self.writerCacheBytes = writerCacheBytes
        self.maximumWaitingWrites = maximumWaitingWrites
        self.name = name
        self.metrics = metrics
    }
}
