import Glibc
import Testing

@testable import Runtime

@Suite struct ProgramTextTests {
    /// Pages of files that are mapped here, in KiB.
    private func mappedFiles() throws -> Int {
        let file = try #require(fopen("/proc/self/status", "r"))
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let words = String(decoding: line.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
                .split(whereSeparator: \.isWhitespace)
            if words.first == "RssFile:", words.count > 1 { return try #require(Int(words[1])) }
        }
        throw CancellationError()
    }

    @Test func codeComesBackWhenItIsNeeded() throws {
        let before = try mappedFiles()
        ProgramText.release()
        #expect(try mappedFiles() < before)
        // What had run before runs again.
        #expect((0..<1000).map { String($0 * 7) }.sorted().first == "0")
        ProgramText.release()
        #expect(try mappedFiles() > 0)
    }
}
