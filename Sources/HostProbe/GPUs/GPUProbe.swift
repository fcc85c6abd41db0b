/// Reads every GPU of the host. Belongs to one thread.
package final class GPUProbe {
    private let nvidia: PatientNVMLProbe
    private let cards: GraphicsCardProbe

    package init(root: String = "") {
        nvidia = PatientNVMLProbe(hasDriver: { NVMLProbe.hasDriver(root: root) }, probe: NVMLProbe(root: root))
        cards = GraphicsCardProbe(root: root)
    }

    /// The GPUs, those of NVIDIA first, and why there are none.
    /// - Parameter now: CLOCK_MONOTONIC.
    package func read(_ buffer: ReadBuffer, at now: Duration) -> (gpus: [GPUReading], reason: String?) {
        let (gpus, reason) = nvidia.read(at: now)
        let all = gpus + cards.read(buffer)
        return (all, all.isEmpty ? reason : nil)
    }
}
