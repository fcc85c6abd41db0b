internal import CSystem
internal import Glibc

/// An open folder; everything is done beneath its descriptor, so a path that is swapped meanwhile leads nowhere else.
///
/// Safe to use from any thread; calls block.
final class Folder: Sendable {
    private let descriptor: Int32

    private init(_ descriptor: Int32) { self.descriptor = descriptor }

    deinit { close(descriptor) }

    /// Opens a folder by an absolute path none of whose parts may be a link.
    static func open(_ path: String) throws(SystemCallError) -> Folder {
        Folder(try SystemCallError.check(flotilla_open_folder(path)))
    }

    /// Opens a folder beneath this one, following no link and crossing no mount; the folder itself for an empty path.
    func folder(_ path: [UInt8]) throws(SystemCallError) -> Folder {
        let descriptor = Self.withPath(path.isEmpty ? [UInt8(ascii: ".")] : path) {
            flotilla_open_folder_beneath(self.descriptor, $0)
        }
        return Folder(try SystemCallError.check(descriptor))
    }

    /// What the folder itself is.
    func status() throws(SystemCallError) -> FileStatus {
        var status = stat()
        _ = try SystemCallError.check(fstat(descriptor, &status))
        return FileStatus(status)
    }

    /// Which mount the folder is seen through; nil where the kernel does not tell (before Linux 5.8).
    func mount() -> UInt64? {
        var id: UInt64 = 0
        return flotilla_mount_id(descriptor, &id) == 0 ? id : nil
    }

    /// What an entry of this folder is, not following it if it is a link.
    func status(of name: [UInt8]) throws(SystemCallError) -> FileStatus {
        var status = stat()
        _ = try SystemCallError.check(
            Self.withPath(name) { fstatat(descriptor, $0, &status, AT_SYMLINK_NOFOLLOW) })
        return FileStatus(status)
    }

    /// The names in the folder, sorted; at most `limit`, and whether there are more.
    func names(limit: Int) throws(SystemCallError) -> (names: [[UInt8]], isCut: Bool) {
        // The stream closes the descriptor it is given, and reading moves it: a second one.
        guard
            let stream = fdopendir(
                try SystemCallError.check(
                    Self.withPath([UInt8(ascii: ".")]) {
                        flotilla_open_folder_beneath(descriptor, $0)
                    }))
        else { throw SystemCallError(code: errno) }
        defer { closedir(stream) }
        var names: [[UInt8]] = []
        while true {
            errno = 0
            guard let entry = readdir(stream) else {
                guard errno == 0 else { throw SystemCallError(code: errno) }
                break
            }
            let name = Self.name(of: entry)
            if name == [UInt8(ascii: ".")] || name == Array("..".utf8) { continue }
            if names.count == limit { return (names.sorted { $0.lexicographicallyPrecedes($1) }, true) }
            names.append(name)
        }
        return (names.sorted { $0.lexicographicallyPrecedes($1) }, false)
    }

    /// Makes a folder that only its owner may enter, unless it is there.
    func makeFolder(_ name: [UInt8]) throws(SystemCallError) {
        guard Self.withPath(name, { mkdirat(descriptor, $0, 0o700) }) != 0 else { return }
        if errno != EEXIST { throw SystemCallError(code: errno) }
    }

    /// Moves an entry into another folder of the same file system, under a name that must be free there.
    func move(_ name: [UInt8], to folder: Folder, as newName: [UInt8]) throws(SystemCallError) {
        let result = Self.withPath(name) { from in
            Self.withPath(newName) { to in flotilla_rename_new(descriptor, from, folder.descriptor, to) }
        }
        _ = try SystemCallError.check(result)
    }

    /// Deletes a file.
    func delete(_ name: [UInt8]) throws(SystemCallError) {
        _ = try SystemCallError.check(Self.withPath(name) { unlinkat(descriptor, $0, 0) })
    }

    /// Deletes a folder of this one if it is empty.
    func deleteFolder(_ name: [UInt8]) throws(SystemCallError) {
        _ = try SystemCallError.check(Self.withPath(name) { unlinkat(descriptor, $0, Int32(AT_REMOVEDIR)) })
    }

    /// Whether another process holds the advisory lock on a file, as apt does on `lock`; false when it cannot be told.
    func isLocked(_ name: [UInt8]) -> Bool {
        let file = Self.withPath(name) { openat(descriptor, $0, O_RDONLY | O_CLOEXEC | O_NOFOLLOW | O_NONBLOCK) }
        guard file >= 0 else { return false }
        defer { close(file) }
        return flotilla_byte_is_locked(file, 0) == 1
    }

    private static func name(of entry: UnsafeMutablePointer<dirent>) -> [UInt8] {
        withUnsafeBytes(of: &entry.pointee.d_name) { bytes in Array(bytes.prefix { $0 != 0 }) }
    }

    private static func withPath<T>(_ path: [UInt8], _ body: (UnsafePointer<CChar>) -> T) -> T {
        (path + [0]).withUnsafeBufferPointer { bytes in
            bytes.withMemoryRebound(to: CChar.self) { characters in
                guard let start = characters.baseAddress else { preconditionFailure("the path ends in a NUL") }
                return body(start)
            }
        }
    }
}

/// A system call that failed.
struct SystemCallError: Error, Hashable, CustomStringConvertible {
    /// `errno`.
    var code: Int32

    var description: String { SystemCallFailure.text(code) }

    /// The result, unless it is the -1 of a failure.
    static func check(_ result: Int32) throws(SystemCallError) -> Int32 {
        guard result >= 0 else { throw SystemCallError(code: errno) }
        return result
    }
}
