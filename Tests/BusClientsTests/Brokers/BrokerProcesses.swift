import BusTestKit
import Glibc

/// The processes that were started for a broker, found by the home folder in their environment.
enum BrokerProcesses {
    /// Their ids and programs; dead ones that nobody has waited for are not among them.
    static func of(_ home: String) -> [String] {
        guard let folder = opendir("/proc") else { return ["/proc cannot be read"] }
        defer { closedir(folder) }
        var found: [String] = []
        while let entry = readdir(folder) {
            let name = withUnsafePointer(to: &entry.pointee.d_name) {
                $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
            }
            guard Int(name) != nil else { continue }
            if read("/proc/\(name)/environ").split(separator: 0).contains(Array("HOME=\(home)".utf8)[...]) {
                found.append("\(name) \(String(decoding: read("/proc/\(name)/comm").dropLast(), as: UTF8.self))")
            }
        }
        return found
    }

    /// Waits until there are none. What Erlang has started itself, such as `df`, ends with its input, a moment after it.
    static func areGone(_ home: String) async throws {
        try await withDeadline("nothing is left of \(home)") {
            while !of(home).isEmpty { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    private static func read(_ path: String) -> [UInt8] {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return [] }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        var buffer = [UInt8](repeating: 0, count: 65536)
        while case let count = Glibc.read(descriptor, &buffer, buffer.count), count > 0 {
            bytes += buffer.prefix(count)
        }
        return bytes
    }
}
