import BusTestKit
import Contracts

import Testing
import Glibc
@testable import OptimizeWorker
@Suite struct ZZTemporaryTests {
    @Test(.enabled(if: getenv("BIG") != nil)) func big() async throws {
        let bench = try await Workbench()
        let root = bench.folder.path + "/root"
        try TestFiles.makeFolder(root)
        for folder in 0..<99 {
            try TestFiles.makeFolder("\(root)/\(folder)")
            for file in 0..<1000 { try TestFiles.write("\(root)/\(folder)/file-\(file)") }
        }
        let o = DiskOptimization(
            configuration: DiskConfiguration(roots: [root], temporaryRoots: [root], stateFolder: bench.stateFolder))
        func rss() -> Int { Int(TextFile.read("/proc/self/statm")!.split(separator: " ")[1])! * 4 }
        let clock = ContinuousClock()
        print("rss before", rss())
        let dry = try await clock.measure {
            _ = try await bench.run(bench.request("d", type: "disk", isDryRun: true), o)
        }
        print("dry", dry, "rss", rss())
        let real = try await clock.measure {
            let r = try await bench.run(bench.request("r", type: "disk"), o); print(r.changes, r.errorMessage ?? "")
        }
        print("real", real, "rss", rss())
    }
}
