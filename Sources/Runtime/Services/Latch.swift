/// Something that happens once and that many may wait for.
package struct Latch: Sendable {
    private let storage = LatchStorage()

    package init() {}

    /// Whether it has happened.
    package var isOpen: Bool { storage.isOpen }

    /// Lets it happen: everyone who waits goes on. Idempotent.
    package func open() { storage.open() }

    /// Returns when it has happened, or the task is cancelled.
    package func wait() async { await storage.wait() }
}
