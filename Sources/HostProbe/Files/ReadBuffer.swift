import Glibc

/// The memory that the files of one sampler are read into, one after the other.
///
/// Grows to the longest file so far, at most `maximumBytes`. Belongs to one thread.
package final class ReadBuffer {
    /// 4 MiB: `/proc/stat` of 4,096 processors is below 1 MiB.
    package static let maximumBytes = 4 << 20

    private(set) var bytes: UnsafeMutableRawBufferPointer

    package init(capacity: Int = 16 << 10) {
        bytes = .allocate(byteCount: min(max(capacity, 64), Self.maximumBytes), alignment: 16)
    }

    deinit { bytes.deallocate() }

    /// Doubles the memory and keeps its contents; false at the bound.
    func grow() -> Bool {
        guard bytes.count < Self.maximumBytes else { return false }
        let larger = UnsafeMutableRawBufferPointer.allocate(
            byteCount: min(bytes.count * 2, Self.maximumBytes), alignment: 16)
        larger.copyMemory(from: UnsafeRawBufferPointer(bytes))
        bytes.deallocate()
        bytes = larger
        return true
    }
}
