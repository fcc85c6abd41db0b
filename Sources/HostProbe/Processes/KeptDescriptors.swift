import Glibc

/// Open `stat` files of processes: opening and closing one takes as long as reading it. Belongs to one thread.
///
/// Such a descriptor is of the process and not of its number: once that has ended, reading fails with ESRCH.
struct KeptDescriptors: ~Copyable {
    /// With those of the containers below the thousand that the process leaves for other than connections. The processes
    /// of a larger host are opened each time.
    static let limit = 400

    private struct Kept {
        var descriptor: Int32
        var pass: UInt64
    }

    private var files: [Int32: Kept] = [:]
    private var pass: UInt64 = 0

    deinit { for file in files.values { _ = Glibc.close(file.descriptor) } }

    /// That of a process, which counts as seen in this pass.
    subscript(pid: Int32) -> Int32? {
        mutating get {
            guard let place = files.index(forKey: pid) else { return nil }
            files.values[place].pass = pass
            return files.values[place].descriptor
        }
    }

    /// Keeps a descriptor, if there is room; otherwise it stays the caller's.
    mutating func keep(_ descriptor: Int32, of pid: Int32) -> Bool {
        guard files.count < Self.limit, files[pid] == nil else { return false }
        files[pid] = Kept(descriptor: descriptor, pass: pass)
        return true
    }

    mutating func close(_ pid: Int32) {
        if let file = files.removeValue(forKey: pid) { _ = Glibc.close(file.descriptor) }
    }

    mutating func beginPass() { pass += 1 }

    /// Closes those that were not asked for in this pass.
    mutating func endPass() {
        for (pid, file) in files where file.pass != pass { close(pid) }
    }
}
