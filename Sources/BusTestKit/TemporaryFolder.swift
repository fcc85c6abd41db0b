internal import Glibc

/// A folder of a test's own under `/tmp`, deleted when the test lets go of it.
package final class TemporaryFolder: Sendable {
    package let path: String

    package init() throws {
        var template = Array("/tmp/flotilla-test-XXXXXX".utf8CString)
        guard mkdtemp(&template) != nil else { throw ConformanceFailure("mkdtemp failed: errno \(errno)") }
        path = String(decoding: template.dropLast().map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    deinit { Self.delete(path) }

    /// Deletes a tree without following links.
    private static func delete(_ path: String) {
        if let folder = opendir(path) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                guard name != ".", name != ".." else { continue }
                let child = "\(path)/\(name)"
                if entry.pointee.d_type == UInt8(DT_DIR) { delete(child) } else { unlink(child) }
            }
            closedir(folder)
        }
        rmdir(path)
    }
}
