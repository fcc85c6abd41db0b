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
        sample.cpu.onlineCores = "0-3,8"
        sample.cpu.coreTimes = CoreTimesSample { $0 == .guest ? [] : [0.1, nil, 100] }
        sample.controlGroup?.cpuset = "0"
        var web = ContainerSample(id: String(repeating: "a", count: 64))
        web.runtime = "docker"
        web.path = "/docker/a"
        web.ageSeconds = 13
        web.cpuPercent = 250
        web.limitCores = 2.5
        web.throttledPercent = 1.5
        web.memoryUsage = 3
        web.workingSet = 2
        web.memoryLimit = 4
        web.pids = 5
        web.readBytes = 6
        web.writtenBytes = 7
        web.writtenBytesPerSecond = 8.5
        var box = ContainerSample(id: "a-very-long-name-of-a-box")
        box.name = box.id
        sample.containers = [web, box]
        sample.containerCount = 2
        sample.sampler = SamplerSample(cpuMicroseconds: 140, durationMicroseconds: 150, residentBytes: 1, missed: 0)
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
        #expect(sample.cpu.coreTimes == nil)
        #expect(sample.containers == nil)
        #expect(sample.sampler == nil)
        #expect(sample.pressure == nil)
        #expect(sample.controlGroup == nil)
        #expect(sample.temperatures.isEmpty)
    }

    @Test func timesOfCoresAreRoundedToTenths() throws {
        var sample = HostSample(host: "a", timestamp: Timestamp(microseconds: 0), interval: 1)
        sample.cpu.coreTimes = CoreTimesSample { $0 == .user ? [33.333, 0.04, nil, 99.96, 12] : [] }
        let text = String(decoding: sample.json, as: UTF8.self)
        #expect(text.contains(#""core_times":{"user":[33.3,0,null,100,12],"nice":[],"#))
        let read = try HostSample(json: sample.json)
        #expect(read.cpu.coreTimes?[.user] == [33.3, 0, nil, 100, 12])
        #expect(read.cpu.coreTimes?[.guest] == [])
    }

    /// 256 processors in a record of a second: no more than a page of memory for each sixteen.
    @Test func aSampleOf256CoresIsBounded() throws {
        var sample = HostSample(host: "a", timestamp: Timestamp(microseconds: 0), interval: 1)
        let empty = sample.json.count
        sample.cpu.coreTimes = CoreTimesSample { kind in
            (0..<256).map { core in
                switch kind {
                case .user: 17.0 + Double(core % 10) / 3
                case .system: 5.0 + Double(core % 7) / 3
                case .idle: 70.0 + Double(core % 10) / 3
                case .softIRQ: Double(core % 3) / 3
                default: 0
                }
            }
        }
        #expect(sample.json.count - empty < 9000)
    }

    @Test func containersHaveShortIdentifiers() {
        var container = ContainerSample(id: "4f0c2a1b9d8e7f6a5b4c3d2e1f0a9b8c7d6e5f4a3b2c1d0e9f8a7b6c5d4e3f2a")
        #expect(container.shortID == "4f0c2a1b9d8e")
        container.name = "web"
        #expect(container.shortID == "4f0c2a1b9d8e")
        container = ContainerSample(id: "a-very-long-name")
        container.name = "a-very-long-name"
        #expect(container.shortID == "a-very-long-name")
    }

    @Test func refusesWhatIsNoSample() {
        #expect(throws: (any Error).self) { try HostSample(json: Array("{}".utf8)) }
        #expect(throws: (any Error).self) { try HostSample(json: Array("[".utf8)) }
    }
}
