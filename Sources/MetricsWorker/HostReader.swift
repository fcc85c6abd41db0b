import Contracts
import Glibc
import HostProbe
import Runtime

/// The sampler on its own thread: procfs and sysfs are read from one thread, and never from the shared pool.
actor HostReader {
    /// One sample with what it cost.
    struct Result: Sendable {
        var reading: HostReading
        var rates: HostRates?
        var overrides: SampleOverrides
        /// Wall and processor time.
        var duration: Duration
        var processorTime: Duration
        /// Of this process, in bytes.
        var residentBytes: UInt64?
    }

    private let thread: BlockingThread
    private let makeSampler: @Sendable () -> HostSampler
    private lazy var sampler = makeSampler()
    private let memory = OwnMemoryProbe()
    private let buffer = ReadBuffer(capacity: 128)
    private var source: OverrideFile?

    nonisolated var unownedExecutor: UnownedSerialExecutor { thread.asUnownedSerialExecutor() }

    init(_ makeSampler: @escaping @Sendable () -> HostSampler, sourceFile: String?, logger: Logger) {
        thread = BlockingThread(name: "host-sampler")
        self.makeSampler = makeSampler
        source = sourceFile.map { OverrideFile(path: $0, logger: logger) }
    }

    /// - Parameters:
    ///   - parts: What is read now.
    ///   - watched: What is read now and then; the rest is nil.
    func sample(_ parts: HostParts, of watched: HostParts) -> Result {
        let start = Self.clock(CLOCK_MONOTONIC)
        let processorStart = Self.clock(CLOCK_THREAD_CPUTIME_ID)
        let (reading, rates) = sampler.sample(parts, of: watched)
        let overrides = source?.read() ?? SampleOverrides()
        return Result(
            reading: reading, rates: rates, overrides: overrides, duration: Self.clock(CLOCK_MONOTONIC) - start,
            processorTime: Self.clock(CLOCK_THREAD_CPUTIME_ID) - processorStart,
            residentBytes: memory.read(buffer))
    }

    private static func clock(_ clock: clockid_t) -> Duration {
        var time = timespec()
        // Cannot fail: both clocks exist on every Linux and the pointer is valid.
        clock_gettime(clock, &time)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }
}

extension SamplerSample {
    /// - Parameter missed: samples that were due and not taken.
    init(_ result: HostReader.Result, missed: Int) {
        self.init(
            cpuMicroseconds: (result.processorTime / .microseconds(1)).rounded(),
            durationMicroseconds: (result.duration / .microseconds(1)).rounded(),
            residentBytes: result.residentBytes.map { Int(clamping: $0) }, missed: missed)
    }
}
