internal import Glibc

/// The regular files that some process has open or mapped, as far as the kernel shows them to this user.
struct OpenFiles: Sendable {
    private var files: Set<FileKey> = []
    /// Processes whose files could not be seen; without root these are the other users'.
    private(set) var hiddenProcesses = 0

    func contains(_ key: FileKey) -> Bool { files.contains(key) }

    /// Looks through all processes once. Blocks for about 20 µs a descriptor.
    /// - Parameter device: Only files of this device are kept.
    init(procFolder: String, device: UInt64) {
        guard let processes = opendir(procFolder) else {
            hiddenProcesses = 1
            return
        }
        defer { closedir(processes) }
        while let entry = readdir(processes) {
            let name = Self.name(of: entry)
            guard name.utf8.allSatisfy({ (UInt8(ascii: "0")...UInt8(ascii: "9")).contains($0) }) else { continue }
            readDescriptors("\(procFolder)/\(name)/fd", device: device)
            readMappings("\(procFolder)/\(name)/maps", device: device)
        }
    }

    private mutating func readDescriptors(_ path: String, device: UInt64) {
        guard let descriptors = opendir(path) else {
            // ENOENT: the process has ended meanwhile.
            if errno != ENOENT { hiddenProcesses += 1 }
            return
        }
        defer { closedir(descriptors) }
        while let entry = readdir(descriptors) {
            var status = stat()
            // Follows the link of procfs to the open file itself, whatever its name is by now.
            guard fstatat(dirfd(descriptors), Self.name(of: entry), &status, 0) == 0 else { continue }
            let file = FileStatus(status)
            if file.isRegularFile, file.device == device { files.insert(file.key) }
        }
    }

    /// Programs and libraries stay mapped when their descriptors are closed. Source: proc(5): a line is
    /// `address perms offset major:minor inode path`, the numbers of the device in hexadecimal.
    private mutating func readMappings(_ path: String, device: UInt64) {
        guard let text = TextFile.read(path) else { return }
        for line in text.split(separator: "\n") {
            let words = line.split(separator: " ", maxSplits: 5)
            guard words.count >= 5, let inode = UInt64(words[4]), inode != 0 else { continue }
            let numbers = words[3].split(separator: ":").compactMap { UInt32($0, radix: 16) }
            guard numbers.count == 2, Self.device(numbers[0], numbers[1]) == device else { continue }
            files.insert(FileKey(device: device, inode: inode))
        }
    }

    /// The number that stat(2) gives for a device: glibc's `makedev` (bits/sysmacros.h).
    private static func device(_ major: UInt32, _ minor: UInt32) -> UInt64 {
        let (major, minor) = (UInt64(major), UInt64(minor))
        return (major & 0xfff) << 8 | (major & ~0xfff) << 32 | minor & 0xff | (minor & ~0xff) << 12
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> String {
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
            String(decoding: bytes.prefix { $0 != 0 }, as: UTF8.self)
        }
    }
}
