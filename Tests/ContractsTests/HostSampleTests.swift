import Contracts
import Runtime
import Testing

@Suite struct HostSampleTests {
    @Test func roundTrips() throws {
        let sample = HostSample(
            host: "a", timestamp: Timestamp(microseconds: 1_700_000_000_123_456), interval: 1, uptime: 12.5,
            cpu: CPUSample(busyPercent: 12.5, coreBusyPercent: [10, nil, 15.25], load1: 0.5),
            memory: MemorySample(total: 1 << 34, available: 1 << 33),
            fileSystems: [FileSystemSample(mountPoint: "/", total: 5, used: 2)],
            disks: [DiskSample(device: "sda", readBytesPerSecond: nil, writtenBytesPerSecond: 7.5)],
            network: NetworkSample(receivedBytes: 3, interfaces: [NetworkInterfaceSample(name: "eth0", sentBytes: 4)]),
            gpus: [GPUSample(index: 0, name: "x", memoryUsedPercent: 85.5)], gpuReason: nil, processes: 3)
        #expect(try HostSample(json: sample.json) == sample)
    }

    @Test func roundTripsWhatWasAdded() throws {
        var sample = HostSample(
            host: "a", timestamp: Timestamp(microseconds: 1_700_000_000_123_456), interval: 1,
            disks: [DiskSample(device: "sda", readLatencyMilliseconds: 0.5, queueLength: 2)])
        sample.cpu.userPercent = 1
        sample.cpu.guestPercent = 0.5
        sample.memory.swappedOutBytesPerSecond = 4096
        sample.memory.oomKills = 2
        sample.network.tcp = TCPSample()
        sample.network.tcp?.retransmittedPercent = 12.5
        sample.pressure = PressureSample()
        sample.pressure?.memoryFull = 3
        sample.controlGroup = ControlGroupSample()
        sample.controlGroup?.path = "/a"
        sample.controlGroup?.effectiveCores = 1.5
        sample.controlGroup?.pressure = sample.pressure
        sample.temperatures = [
            TemperatureSample(sensor: "k10temp", label: "Tctl"), TemperatureSample(sensor: "nvme", celsius: -1),
        ]
        sample.openFiles = 5
        var gpu = GPUSample(index: 0)
        gpu.vendor = "nvidia"
        gpu.powerLimitWatts = 700
        gpu.processes = [GPUProcessSample(pid: 1, memory: 2), GPUProcessSample(pid: 3)]
        var lost = GPUSample(index: 1)
        lost.problem = "GPU is lost"
        sample.gpus = [gpu, lost]
        sample.maximumOpenFiles = .max
        #expect(try HostSample(json: sample.json) == sample)
    }

    @Test func readsARecordOfAnOlderWorker() throws {
        let json =
            #"{"host":"a","timestamp":"2026-11-21T03:00:00Z","interval":1.0,"uptime":5.5,"#
            + #""cpu":{"busy_percent":12.5},"memory":{"total_bytes":4},"file_systems":[],"disks":[{"device":"vda"}],"#
            + #""network":{"received_bytes":1,"interfaces":[]},"gpus":[],"gpu_reason":null,"processes":9}"#
        let sample = try HostSample(json: Array(json.utf8))
        #expect(sample.cpu == CPUSample(busyPercent: 12.5))
        #expect(sample.network == NetworkSample(receivedBytes: 1))
        #expect(sample.disks == [DiskSample(device: "vda")])
        #expect(sample.pressure == nil)
        #expect(sample.controlGroup == nil)
        #expect(sample.temperatures.isEmpty)
    }

    @Test func refusesWhatIsNoSample() {
        #expect(throws: (any Error).self) { try HostSample(json: Array("{}".utf8)) }
        #expect(throws: (any Error).self) { try HostSample(json: Array("[".utf8)) }
    }
}
