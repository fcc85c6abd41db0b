import CNVML
import Glibc
import Synchronization
import Testing

@testable import HostProbe

@Suite(.serialized) struct NVMLProbeTests {
    /// What a driver hangs in until it is opened.
    private final class Gate: Sendable {
        private let state = Mutex((isOpen: false, passes: 0))

        var passes: Int { state.withLock { $0.passes } }
        func open() { state.withLock { $0.isOpen = true } }

        func pass() {
            state.withLock { $0.passes += 1 }
            while !state.withLock({ $0.isOpen }) { usleep(1000) }
        }
    }

    /// Tries it again until it holds, for at most 20 s.
    private func wait(until isTrue: () -> Bool) -> Bool {
        let start = HostSampler.monotonicClock()
        while !isTrue() {
            if HostSampler.monotonicClock() - start > .seconds(20) { return false }
            sched_yield()
        }
        return true
    }

    private func probe(hasDriver: Bool = true) -> NVMLProbe {
        NVMLProbe(hasDriver: { hasDriver }, load: FakeNVML.functions)
    }

    private func gpu(_ uuid: String) -> FakeNVML.GPU {
        FakeNVML.GPU(
            uuid: uuid, busy: 80, memory: (total: 1000, used: 250), celsius: 61, milliwatts: 410_500, megahertz: 1755,
            processes: [(pid: 7, memory: 100), (pid: 8, memory: .max)])
    }

    @Test func readsWhatTheLibrarySays() throws {
        FakeNVML.set { $0 = FakeNVML(gpus: [gpu("GPU-a"), FakeNVML.GPU(uuid: "GPU-b", celsius: 40)]) }
        let (gpus, reason) = probe().read(at: .zero)
        #expect(reason == nil)
        try #require(gpus.count == 2)
        #expect(gpus[0].vendor == .nvidia)
        #expect(gpus[0].name == "NVIDIA H100 80GB HBM3")
        #expect(gpus[0].uuid == "GPU-a")
        #expect(gpus[0].busyPercent == 80)
        #expect(gpus[0].memoryTotal == 1000)
        #expect(gpus[0].memoryUsed == 250)
        #expect(gpus[0].memoryUsedPercent == 25)
        #expect(gpus[0].celsius == 61)
        #expect(gpus[0].watts == 410.5)
        #expect(gpus[0].wattsLimit == nil)
        #expect(gpus[0].megahertz == 1755)
        #expect(gpus[0].processes == [GPUProcess(pid: 7, memory: 100), GPUProcess(pid: 8, memory: nil)])
        #expect(gpus[0].problem == nil)
        // What it does not support is unknown and no problem.
        var second = GPUReading(vendor: .nvidia, id: "GPU-b")
        second.name = "NVIDIA H100 80GB HBM3"
        second.uuid = "GPU-b"
        second.celsius = 40
        #expect(gpus[1] == second)
    }

    @Test func makesRoomForManyProcesses() {
        var busy = gpu("GPU-a")
        busy.processes = (0..<200).map { (pid: UInt32($0), memory: 1) }
        FakeNVML.set { $0 = FakeNVML(gpus: [busy]) }
        #expect(probe().read(at: .zero).gpus.first?.processes?.map(\.pid) == Array(0..<200))
        busy.processes = (0..<5000).map { (pid: UInt32($0), memory: 1) }
        FakeNVML.set { $0 = FakeNVML(gpus: [busy]) }
        #expect(probe().read(at: .zero).gpus.first?.processes == nil)
    }

    @Test func keepsTheOthersWhenAGPUIsLost() throws {
        FakeNVML.set { $0 = FakeNVML(gpus: [gpu("GPU-a"), gpu("GPU-b")]) }
        let probe = probe()
        #expect(probe.read(at: .seconds(0)).gpus.map(\.problem) == [nil, nil])
        FakeNVML.set { $0.gpus[1].failure = FLOTILLA_NVML_GPU_IS_LOST.rawValue }
        let gpus = probe.read(at: .seconds(1)).gpus
        try #require(gpus.count == 2)
        #expect(gpus[0].busyPercent == 80)
        #expect(gpus[1].problem == "GPU is lost")
        #expect(gpus[1].uuid == "GPU-b")
        #expect(gpus[1].busyPercent == nil)
        #expect(gpus[1].memoryUsed == nil)
        #expect(FakeNVML.starts == 1)
        // After the pause the library is started anew; a GPU that is still lost has no handle then.
        _ = probe.read(at: .seconds(11))
        let again = probe.read(at: .seconds(12)).gpus
        #expect(FakeNVML.starts == 2)
        #expect(FakeNVML.stops == 1)
        #expect(again.map(\.problem) == [nil, "GPU is lost"])
        // It is back: seen when the library is started the next time, after twice the pause.
        FakeNVML.set { $0.gpus[1].failure = nil }
        _ = probe.read(at: .seconds(31))
        #expect(FakeNVML.starts == 2)
        _ = probe.read(at: .seconds(32))
        #expect(probe.read(at: .seconds(33)).gpus.map(\.busyPercent) == [80, 80])
        #expect(FakeNVML.starts == 3)
    }

    @Test func startsAgainAfterTheDriverWas() {
        FakeNVML.set { $0 = FakeNVML(gpus: [gpu("GPU-a")]) }
        let probe = probe()
        _ = probe.read(at: .seconds(0))
        FakeNVML.set { $0.gpus[0].failure = FLOTILLA_NVML_UNINITIALIZED.rawValue }
        #expect(probe.read(at: .seconds(1)).gpus.map(\.problem) == ["Unknown Error"])
        FakeNVML.set { $0.gpus[0].failure = nil }
        _ = probe.read(at: .seconds(11))
        #expect(probe.read(at: .seconds(12)).gpus.map(\.busyPercent) == [80])
        #expect(FakeNVML.starts == 2)
    }

    @Test func saysWhyThereIsNoneAndTriesAgainLaterAndLater() {
        FakeNVML.set { $0 = FakeNVML(start: 18) }
        #expect(probe(hasDriver: false).read(at: .zero).reason == "no NVIDIA driver")
        let noLibrary = NVMLProbe(hasDriver: { true }, load: { nil })
        #expect(noLibrary.read(at: .zero).reason == "the NVIDIA driver's library cannot be loaded")
        let noFunctions = NVMLProbe(hasDriver: { true }, load: { flotilla_nvml() })
        #expect(noFunctions.read(at: .zero).reason == "the NVIDIA library lacks a function")
        #expect(FakeNVML.starts == 0)
        let probe = probe()
        var tried: [Int] = []
        for second in 0...80 {
            let before = FakeNVML.starts
            #expect(probe.read(at: .seconds(second)).reason == "Driver/library version mismatch")
            if FakeNVML.starts > before { tried.append(second) }
        }
        #expect(tried == [0, 10, 30, 70])
        FakeNVML.set { $0.start = 0 }
        #expect(probe.read(at: .seconds(150)).reason == "the NVIDIA driver has no GPU")
    }

    @Test func doesNotWaitForADriverThatHangs() {
        FakeNVML.set { $0 = FakeNVML(gpus: [gpu("GPU-a")]) }
        readWithADriverThatHangs()
        // Both threads have ended and with them the sessions.
        #expect(wait { FakeNVML.stops == 2 })
    }

    private func readWithADriverThatHangs() {
        let answering = PatientNVMLProbe(hasDriver: { true }, probe: probe(), patience: 10_000_000_000)
        #expect(answering.read(at: .zero).gpus.map(\.busyPercent) == [80])

        let gate = Gate()
        let hung = NVMLProbe(
            hasDriver: { true },
            load: {
                gate.pass()
                return FakeNVML.functions()
            })
        let patient = PatientNVMLProbe(hasDriver: { true }, probe: hung, patience: 1_000_000)
        let silent = patient.read(at: .zero)
        #expect(silent.gpus.isEmpty)
        #expect(silent.reason == "the NVIDIA driver does not answer")
        // Not asked again: that would wait, and come through the gate once more.
        for second in 1...5 { #expect(patient.read(at: .seconds(second)).gpus.isEmpty) }
        gate.open()
        #expect(wait { patient.read(at: .seconds(6)).gpus.map(\.uuid) == ["GPU-a"] })
        #expect(gate.passes == 1)
        let none = PatientNVMLProbe(hasDriver: { false }, probe: probe())
        #expect(none.read(at: .zero).reason == "no NVIDIA driver")
    }

    @Test func loadsOnlyALibraryThatHasTheFunctions() {
        var table = flotilla_nvml()
        #expect(flotilla_nvml_load("libnone-of-that-name.so.1", &table) == FLOTILLA_NVML_NO_LIBRARY.rawValue)
        #expect(flotilla_nvml_load("libc.so.6", &table) == FLOTILLA_NVML_NO_FUNCTION.rawValue)
        #expect(table.`init` == nil)
    }
}
