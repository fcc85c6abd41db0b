internal import Glibc

/// A failed system call in words.
enum SystemCallFailure {
    /// Such as `Permission denied (EACCES 13)`, without the name.
    static func text(_ code: Int32) -> String {
        var buffer = [CChar](repeating: 0, count: 128)
        guard strerror_r(code, &buffer, buffer.count) == 0 else { return "errno \(code)" }
        let bytes = buffer.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
        return "\(String(decoding: bytes, as: UTF8.self)) (errno \(code))"
    }
}
