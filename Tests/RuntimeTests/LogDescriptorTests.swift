import BusTestKit
import CSystem
import Glibc
import Testing

@testable import Runtime

@Suite struct LogDescriptorTests {
    private func pair(_ make: (UnsafeMutablePointer<Int32>) -> Int32) throws -> (read: Int32, write: Int32) {
        var ends: [Int32] = [-1, -1]
        try #require(make(&ends) == 0)
        return (ends[0], ends[1])
    }

    private func line(_ text: String) -> [UInt8] { Array((text + "\n").utf8) }

    private func notice(_ dropped: Int) -> [UInt8] { line("dropped \(dropped)") }

    /// What can be read without waiting, by a descriptor of its own that does not block.
    private func drain(_ descriptor: Int32) -> String {
        var all: [UInt8] = []
        var bytes = [UInt8](repeating: 0, count: 65_536)
        _ = fcntl(descriptor, F_SETFL, O_NONBLOCK)
        while true {
            let count = read(descriptor, &bytes, bytes.count)
            if count <= 0 { return String(decoding: all, as: UTF8.self) }
            all += bytes[..<count]
        }
    }

    @Test func neitherBlocksNorLosesCountWhenThePipeIsFull() throws {
        let ends = try pair { pipe($0) }
        defer { close(ends.read) }
        let output = LogDescriptor(ends.write)
        let text = String(repeating: "x", count: 999)
        for _ in 0..<500 { output.write(line(text), notice: notice) }
        let before = drain(ends.read).split(separator: "\n", omittingEmptySubsequences: false)
        output.write(line("after"), notice: notice)
        let after = drain(ends.read).split(separator: "\n")
        #expect(before.dropLast().allSatisfy { $0 == text })
        #expect(after.last == "after")
        let lost = try #require(after.dropLast().last)
        #expect(lost == "dropped \(500 - (before.count - 1))")
        // The pipe's own mode is as it was for whoever shares it.
        #expect(fcntl(ends.write, F_GETFL) & O_NONBLOCK == 0)
        close(ends.write)
    }

    @Test func survivesAReaderThatLeaves() throws {
        let ends = try pair { pipe($0) }
        let output = LogDescriptor(ends.write)
        close(ends.read)
        for _ in 0..<3 { output.write(line("nobody reads"), notice: notice) }
        close(ends.write)
    }

    @Test func survivesASocketThatLeavesOrStalls() throws {
        let ends = try pair { socketpair(AF_UNIX, Int32(SOCK_STREAM.rawValue), 0, $0) }
        let output = LogDescriptor(ends.write)
        output.write(line("hello"), notice: notice)
        #expect(drain(ends.read) == "hello\n")
        for _ in 0..<2000 { output.write(line(String(repeating: "x", count: 999)), notice: notice) }
        close(ends.read)
        output.write(line("nobody reads"), notice: notice)
        close(ends.write)
    }

    @Test func survivesAClosedDescriptor() {
        let output = LogDescriptor(9999)
        output.write(line("nowhere"), notice: notice)
        output.write(line("nowhere"), notice: notice)
    }

    @Test func appendsToAFile() throws {
        let folder = try TemporaryFolder()
        let path = folder.path + "/log"
        let descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        try #require(descriptor >= 0)
        defer { close(descriptor) }
        let logger = Logger(component: "x", sink: LogSink(format: .json, descriptor: descriptor))
        logger.info("one")
        logger.info("two")
        lseek(descriptor, 0, SEEK_SET)
        let lines = drain(descriptor).split(separator: "\n")
        #expect(lines.count == 2)
        #expect(lines.allSatisfy { $0.hasPrefix(#"{"time":""#) && $0.hasSuffix("}") })
    }
}
