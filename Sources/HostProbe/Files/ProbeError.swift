/// Why a part of a reading is absent.
package struct ProbeError: Error, Sendable, Hashable, CustomStringConvertible {
    /// The kind of failure.
    package enum Code: String, Sendable {
        /// The kernel or the machine does not have it.
        case missing
        /// It is there and cannot be read; `underlyingCode` says why.
        case unreadable
        /// Read, but without the lines that it must have.
        case malformed
        /// Longer than `ReadBuffer.maximumBytes`.
        case tooLarge
        /// A file system whose statistics do not come: a hung network mount.
        case notAnswering
    }

    package var code: Code
    /// The path below the probe's root, such as `/proc/stat`.
    package var source: String
    /// `errno`, if a call failed.
    package var underlyingCode: Int32?
    /// Whether the next reading may succeed; every probe tries again.
    package var isRetriable: Bool { true }
    /// Whether the probe is of no further use; never.
    package var isFatal: Bool { false }

    package init(_ code: Code, source: String, underlyingCode: Int32? = nil) {
        self.code = code
        self.source = source
        self.underlyingCode = underlyingCode
    }

    package var description: String {
        "\(source): \(code.rawValue)" + (underlyingCode.map { " (errno \($0))" } ?? "")
    }
}
