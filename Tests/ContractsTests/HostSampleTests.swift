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

    @Test func refusesWhatIsNoSample() {
        #expect(throws: (any Error).self) { try HostSample(json: Array("{}".utf8)) }
        #expect(throws: (any Error).self) { try HostSample(json: Array("[".utf8)) }
    }
}
