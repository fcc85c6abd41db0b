/// Reads every GPU of the host. Belongs to one thread.
package final class GPUProbe {
    private let nvidia: NVMLProbe
    private let cards: GraphicsCardProbe

    package init(root: String = "") {
        nvidia = NVMLProbe(root: root)
        cards = GraphicsCardProbe(root: root)
    }

    init(nvidia: NVMLProbe, cards: GraphicsCardProbe) {
        self.nvidia = nvidia
        self.cards = cards
    }

    /// The GPUs, those of NVIDIA first, and why there are none.
    /// - Parameter now: CLOCK_MONOTONIC.
    package func read(_ buffer: ReadBuffer, at now: Duration) -> (gpus: [GPUReading], reason: String?) {
        let (gpus, reason) = nvidia.read(at: now)
        let all = gpus + cards.read(buffer)
        return (all, all.isEmpty ? reason : nil)
    }
}
