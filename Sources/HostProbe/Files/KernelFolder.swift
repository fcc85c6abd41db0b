import Glibc

/// The names in a folder of `/proc` or `/sys`.
enum KernelFolder {
    /// Sorted, without those that begin with a dot; at most 1,024. Empty if the folder cannot be read.
    static func names(_ path: String) -> [String] {
        entries(path, atMost: 1024) { $0.hasPrefix(".") ? nil : $0 }.sorted()
    }

    /// The names that are numbers, such as those of processes. Empty if the folder cannot be read.
    static func numbers(_ path: String, atMost limit: Int) -> [Int] { entries(path, atMost: limit) { Int($0) } }

    private static func entries<Entry>(_ path: String, atMost limit: Int, _ read: (String) -> Entry?) -> [Entry] {
        guard let directory = opendir(path) else { return [] }
        defer { closedir(directory) }
        var entries: [Entry] = []
        while entries.count < limit, let entry = readdir(directory) {
            let name = withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
            }
            if let value = read(name) { entries.append(value) }
        }
        return entries
    }
}
