/// Reads NVIDIA's GPUs without ever waiting long for their driver: a GPU that fell off the bus can block the library for
/// minutes or for ever, and starting it takes seconds.
///
/// The library is called on a thread of its own, of which there is one. While a question is not answered no other is
/// asked, and the GPUs are readings with that problem. Belongs to one thread.
final class PatientNVMLProbe {
    private static let problem = "the NVIDIA driver does not answer"

    private let hasDriver: () -> Bool
    private let patience: Int
    private let probe: Confined
    private var thread: AnsweringThread<Duration, (gpus: [GPUReading], reason: String?)>?
    private var last: [GPUReading] = []

    /// - Parameter patience: nanoseconds that a reading waits.
    init(hasDriver: @escaping () -> Bool, probe: NVMLProbe, patience: Int = 100_000_000) {
        self.hasDriver = hasDriver
        self.patience = patience
        self.probe = Confined(probe)
    }

    deinit { thread?.end() }

    /// The GPUs, and why there are none.
    func read(at now: Duration) -> (gpus: [GPUReading], reason: String?) {
        // Most hosts have no driver, and need no thread.
        guard thread != nil || hasDriver() else { return ([], NVMLProbe.noDriver) }
        if thread == nil { thread = .start { [probe] now in probe.value.read(at: now) } }
        guard let thread, thread.isIdle, let answer = thread.ask([now], patience: patience).first else {
            return (last.map(Self.silent), last.isEmpty ? Self.problem : nil)
        }
        last = answer.gpus
        return answer
    }

    private static func silent(_ gpu: GPUReading) -> GPUReading {
        var silent = GPUReading(vendor: gpu.vendor, id: gpu.id)
        silent.name = gpu.name
        silent.uuid = gpu.uuid
        silent.problem = problem
        return silent
    }

    /// @unchecked Sendable: only the thread touches the probe once it has begun.
    private struct Confined: @unchecked Sendable {
        let value: NVMLProbe

        init(_ value: NVMLProbe) { self.value = value }
    }
}
