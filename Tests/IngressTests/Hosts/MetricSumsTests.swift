import Contracts
import Runtime
import Testing

@testable import Ingress

@Suite struct MetricSumsTests {
    private static func random(_ random: inout SeededRandom, at: Int64) -> MetricSums {
        switch Int.random(in: 0..<5, using: &random) {
        case 0: MetricSums(nil, at: at)
        case 1: MetricSums(42, at: at)
        default: MetricSums(Double.random(in: -1e12...1e12, using: &random), at: at)
        }
    }

    @Test func sumsAreTheSameInWhateverOrderTheyAreAdded() {
        var random = SeededRandom(seed: 3)
        for _ in 0..<200 {
            // Whole numbers of up to 20 bits, so that the sum is not rounded.
            let parts = (0..<8).map { index -> MetricSums in
                let value =
                    Int.random(in: 0..<4, using: &random) == 0
                    ? nil : Double(Int.random(in: 0..<1_000_000, using: &random))
                return MetricSums(value, at: Int64(index))
            }
            var wanted = MetricSums.none
            for part in parts { wanted.add(part) }
            // In another order, and in groups of another size.
            var groups: [MetricSums] = Array(repeating: .none, count: 3)
            for part in parts.shuffled(using: &random) { groups[Int.random(in: 0..<3, using: &random)].add(part) }
            var found = MetricSums.none
            for group in groups.shuffled(using: &random) { found.add(group) }
            #expect(found.count == wanted.count)
            guard wanted.count > 0 else { continue }
            #expect(found == wanted)
        }
    }

    @Test func ofUnknownValuesNothingIsKnown() {
        for value in [nil, Double.nan, .infinity, 1e300] as [Double?] {
            let sums = MetricSums(value, at: 1)
            #expect(sums.count == 0)
            #expect(sums.mean == nil)
            for statistic in MetricStatistic.allCases { #expect(statistic.value(of: sums) == nil) }
        }
        let zero = MetricSums(0, at: 1)
        for statistic in MetricStatistic.allCases { #expect(statistic.value(of: zero) == 0) }
    }

    @Test func whatIsPackedIsReadAgain() {
        var random = SeededRandom(seed: 11)
        for round in 0..<500 {
            let latest: Int64 = 1_800_000_000_000_000
            let samples = Int64.random(in: 1...5, using: &random)
            let metrics = HostMetric.all.map { _ -> MetricSums in
                var sums = MetricSums.none
                for sample in 0..<samples {
                    sums.add(Self.random(&random, at: latest - (samples - 1 - sample) * (round == 0 ? 0 : 899_000_000)))
                }
                return sums
            }
            let bytes = HostMetricRow.pack(metrics, samples: samples, latest: latest)
            var found: [MetricSums] = Array(repeating: .none, count: metrics.count)
            #expect(HostMetricRow.read(bytes, samples: samples, latest: latest) { found[$0] = $1 })
            for (found, wanted) in zip(found, metrics) {
                #expect(found.count == wanted.count)
                if wanted.count > 0 { #expect(found == wanted) }
            }
            // Cut short, it gives what is whole and nothing else.
            let cut = Int.random(in: 0..<bytes.count, using: &random)
            let isWhole = HostMetricRow.read(Array(bytes[..<cut]), samples: samples, latest: latest) { place, sums in
                #expect(sums == metrics[place])
            }
            #expect(!isWhole)
        }
    }

    @Test func bytesOfAnyKindAreBorne() {
        var random = SeededRandom(seed: 5)
        for _ in 0..<5000 {
            var bytes = (0..<Int.random(in: 0..<400, using: &random)).map { _ in
                UInt8.random(in: 0...255, using: &random)
            }
            if !bytes.isEmpty { bytes[0] = 1 }
            HostMetricRow.read(bytes, samples: 1, latest: 0) { place, sums in
                #expect(HostMetric.all.indices.contains(place))
                #expect(sums.count > 0)
            }
        }
        #expect(!HostMetricRow.read([2] + Array(repeating: 0, count: 12), samples: 1, latest: 0) { _, _ in })
    }

    @Test func namesAndPlacesAreOfTheRows() {
        // Rows are read by place: a change of this list needs another version of the rows.
        #expect(
            HostMetric.names == [
                "cpu_percent", "iowait_percent", "steal_percent", "load1", "cpu_pressure_percent", "memory_percent",
                "memory_used_bytes", "swap_percent", "memory_pressure_percent", "disk_percent", "disk_fullest_percent",
                "disk_read_bytes_per_second", "disk_written_bytes_per_second", "disk_busy_percent",
                "network_received_bytes_per_second", "network_sent_bytes_per_second", "gpu_percent", "vram_percent",
                "vram_used_bytes", "vram_total_bytes", "cpu_temperature_celsius",
            ])
        #expect(HostMetric.all.count <= HostMetricRow.maximumMetrics)
    }

    @Test func everyMetricIsReadOfASample() {
        var sample = HostSample.example()
        sample.cpu.ioWaitPercent = 1
        sample.cpu.stealPercent = 2
        sample.cpu.pressurePercent = 3
        sample.cpu.temperatureCelsius = 61
        sample.memory.swapUsedPercent = 4
        sample.memory.pressurePercent = 5
        sample.fileSystems.append(FileSystemSample(mountPoint: "/var", usedPercent: 90))
        sample.disks.append(DiskSample(device: "vdb", readBytesPerSecond: 24, busyPercent: 7))
        sample.network.receivedBytesPerSecond = 8
        sample.network.sentBytesPerSecond = 9
        sample.gpus = [GPUSample(index: 0, busyPercent: 10, memoryTotal: 200, memoryUsed: 22, memoryUsedPercent: 11)]
        #expect(
            HostMetric.all.map { $0.read(sample) } == [
                12.5, 1, 2, 0.5, 3, 75, 3_221_225_472, 4, 5, 40, 90, 1_048_600, 2_097_152, 7, 8, 9, 10, 11, 22, 200, 61,
            ])
        let nothing = HostSample(host: "h", timestamp: sample.timestamp, interval: 1)
        #expect(HostMetric.all.allSatisfy { $0.read(nothing) == nil })
    }
}
