import BusTestKit
import Contracts
import HostProbe
import Runtime
import Testing

@testable import MetricsWorker

@Suite struct HostSampleTests {
    private func samples() throws -> (HostSample, HostSample) {
        let fixture = try Fixture()
        let time = ManualTime()
        let sampler = fixture.probe(time)()
        func next() -> HostSample {
            let (reading, rates) = sampler.sample()
            return HostSample(host: "a", timestamp: time.now, interval: .seconds(1), reading: reading, rates: rates)
        }
        try fixture.writeHost(seconds: 100)
        let first = next()
        time.advance(by: .seconds(1))
        try fixture.writeHost(seconds: 101)
        return (first, next())
    }

    @Test func knowsNoRateAtFirst() throws {
        let (first, _) = try samples()
        #expect(first.cpu.busyPercent == nil)
        #expect(first.cpu.coreBusyPercent == [nil, nil])
        #expect(first.cpu.logicalCores == 2)
        #expect(first.cpu.onlineCores == "0-1")
        #expect(first.cpu.coreTimes == nil)
        #expect(first.containers?.map(\.cpuPercent) == [nil])
        #expect(first.disks.map(\.readBytesPerSecond) == [nil])
        #expect(first.network.receivedBytesPerSecond == nil)
        #expect(first.network.receivedBytes == 100_000)
        #expect(first.cpu.userPercent == nil)
        #expect(first.memory.pagedInBytesPerSecond == nil)
        #expect(first.controlGroup?.usedCores == nil)
        #expect(first.network.tcp?.established == 7)
        #expect(first.network.tcp?.retransmittedPercent == nil)
        #expect(first.uptime == 100.25)
        #expect(first.interval == 1)
    }

    @Test func saysWhatTheReadingsSay() throws {
        let (_, second) = try samples()
        #expect(second.cpu.busyPercent == 50)
        #expect(second.cpu.coreBusyPercent == [100, 0])
        #expect(second.cpu.load1 == 0.5)
        #expect(second.cpu.pressurePercent == 3)
        #expect(second.memory.total == 1000 << 10)
        #expect(second.memory.used == 750 << 10)
        #expect(second.memory.usedPercent == 75)
        #expect(second.memory.swapTotal == 0)
        #expect(second.memory.swapUsedPercent == nil)
        #expect(second.memory.pressurePercent == 1.5)
        #expect(second.fileSystems.map(\.mountPoint) == ["/"])
        #expect(second.fileSystems.map(\.type) == ["ext4"])
        #expect(second.disks.map(\.device) == ["sda"])
        #expect(second.disks.map(\.readBytesPerSecond) == [1_048_576])
        #expect(second.disks.map(\.busyPercent) == [50])
        #expect(second.disks.map(\.readBytes) == [101 * 1_048_576])
        #expect(second.network.receivedBytesPerSecond == 1000)
        #expect(second.network.sentBytesPerSecond == 2000)
        #expect(second.network.interfaces.map(\.name) == ["lo", "eth0"])
        #expect(second.cpu.userPercent == 50)
        #expect(second.cpu.idlePercent == 50)
        #expect(second.cpu.limitCores == 1)
        #expect(second.cpu.coreTimes?[.user] == [100, 0])
        #expect(second.cpu.coreTimes?[.idle] == [0, 100])
        #expect(second.cpu.coreTimes?[.guest] == [0, 0])
        #expect(second.cpu.physicalCores == 1)
        #expect(second.cpu.frequencyMHz == 2500.5)
        #expect(second.controlGroup?.cpuset == "0-1")
        #expect(second.containerCount == 1)
        var container = ContainerSample(id: "web")
        container.runtime = "lxc"
        container.name = "web"
        container.path = "/lxc.payload.web"
        container.ageSeconds = 0
        container.cpuPercent = 50
        container.limitCores = 2
        container.throttledPercent = 0
        container.memoryUsage = 204_800
        container.workingSet = 102_400
        container.pids = 4
        container.readBytes = 4096
        container.writtenBytes = 101 * 512
        container.readBytesPerSecond = 0
        container.writtenBytesPerSecond = 512
        #expect(second.containers == [container])
        #expect(second.cpu.temperatureCelsius == 61)
        #expect(second.memory.limit == 409_600)
        #expect(second.memory.limitUsed == 102_400)
        #expect(second.memory.pagedInBytesPerSecond == 1024)
        #expect(second.memory.oomKills == 3)
        #expect(second.memory.oomKillsPerSecond == 0)
        #expect(second.pressure?.cpuSome == 3)
        #expect(second.pressure?.cpuFull == nil)
        #expect(second.pressure?.ioSome == 4.5)
        #expect(second.pressure?.ioFull == nil)
        #expect(second.controlGroup?.version == "v2")
        #expect(second.controlGroup?.effectiveCores == 1)
        #expect(second.controlGroup?.usedCores == 0.25)
        #expect(second.controlGroup?.usedCPUPercent == 25)
        #expect(second.controlGroup?.throttledPercent == 0)
        #expect(second.controlGroup?.effectiveMemory == 409_600)
        #expect(second.controlGroup?.effectiveMemoryUsedPercent == 25)
        #expect(second.controlGroup?.pressure == nil)
        #expect(second.network.tcp?.established == 7)
        #expect(second.network.tcp?.retransmittedPercent == 25)
        #expect(second.network.tcp?.timeWait == 2)
        #expect(second.temperatures == [TemperatureSample(sensor: "coretemp", celsius: 61)])
        #expect(second.openFiles == 64)
        #expect(second.maximumOpenFiles == 1000)
        #expect(second.gpus.isEmpty)
        #expect(second.gpuReason != nil)
    }

    @Test func saysThatAGPUIsLostAndComputesWhatAnotherCounts() throws {
        var reading = HostReading(at: .seconds(2))
        var lost = GPUReading(vendor: .nvidia, id: "GPU-a")
        lost.name = "NVIDIA H100 80GB HBM3"
        lost.problem = "GPU is lost"
        var intel = GPUReading(vendor: .intel, id: "card0")
        intel.idleMilliseconds = 1500
        intel.processes = [GPUProcess(pid: 7, memory: nil)]
        reading.gpus = [lost, intel]
        var before = HostReading(at: .zero)
        intel.idleMilliseconds = 0
        before.gpus = [intel]
        let rates = HostRates.between(before, reading, ticksPerSecond: 100)
        let sample = HostSample(
            host: "a", timestamp: Timestamp(microseconds: 0), interval: .seconds(1), reading: reading, rates: rates)
        #expect(sample.gpus.map(\.index) == [0, 1])
        #expect(sample.gpus.map(\.vendor) == ["nvidia", "intel"])
        #expect(sample.gpus.map(\.problem) == ["GPU is lost", nil])
        #expect(sample.gpus.map(\.busyPercent) == [nil, 25])
        #expect(sample.gpus.map(\.memoryUsed) == [nil, nil])
        #expect(sample.gpus.map(\.processes) == [nil, [GPUProcessSample(pid: 7)]])
        #expect(try HostSample(json: sample.json) == sample)
    }

    /// A thousand hosts send one a second.
    @Test func isSmall() throws {
        let (_, second) = try samples()
        #expect(second.json.count < 4096)
    }

    @Test func readsBackFromItsJSON() throws {
        let (first, second) = try samples()
        #expect(try HostSample(json: first.json) == first)
        #expect(try HostSample(json: second.json) == second)
    }

    @Test func isMadeOfAHostWithNothing() throws {
        let (reading, rates) = HostSampler(root: "/nowhere").sample()
        let sample = HostSample(
            host: "a", timestamp: Timestamp(microseconds: 0), interval: .seconds(1), reading: reading, rates: rates)
        #expect(sample.cpu == CPUSample())
        #expect(sample.memory == MemorySample())
        #expect(sample.network == NetworkSample())
        #expect(sample.uptime == nil)
        #expect(sample.containers == nil)
        #expect(try HostSample(json: sample.json) == sample)
    }
}
