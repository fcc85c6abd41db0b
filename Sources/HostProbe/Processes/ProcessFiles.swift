/// What the other files of a process say.
enum ProcessFiles {
    /// The effective user of `/proc/<pid>/status`; nil without the line.
    static func user(status bytes: UnsafeRawBufferPointer) -> UInt32? {
        var cursor = ByteCursor(bytes)
        while var line = cursor.line() {
            // Real, effective, saved and file system user; the kernel escapes newlines of the name before it.
            guard line.skip("Uid:") else { continue }
            guard line.integer() != nil, let effective = line.integer() else { return nil }
            return UInt32(exactly: effective)
        }
        return nil
    }

    /// `/proc/<pid>/cmdline` with a space between the arguments; nil when it is empty, as a kernel thread's and a
    /// zombie's is.
    ///
    /// A program may overwrite its arguments: then there is one text, and the zeros that are left behind it do not count.
    static func commandLine(_ bytes: UnsafeRawBufferPointer) -> String? {
        guard let last = bytes.lastIndex(where: { $0 != 0 }) else { return nil }
        let text = bytes[...last].lazy.map { $0 == 0 ? UInt8(ascii: " ") : $0 }
        return String(decoding: text, as: UTF8.self)
    }

    /// Bytes that the process made devices read and write, by `/proc/<pid>/io`; nil without these lines.
    static func transfers(io bytes: UnsafeRawBufferPointer) -> ProcessTransfers? {
        var cursor = ByteCursor(bytes)
        var read: UInt64?
        var written: UInt64?
        while var line = cursor.line() {
            if line.skip("read_bytes:") {
                read = line.integer()
            } else if line.skip("write_bytes:") {
                written = line.integer()
            }
        }
        guard let read, let written else { return nil }
        return ProcessTransfers(readBytes: read, writtenBytes: written)
    }
}

/// What a process has read from and written to devices since it started.
package struct ProcessTransfers: Sendable, Hashable {
    package var readBytes: UInt64
    package var writtenBytes: UInt64
}
