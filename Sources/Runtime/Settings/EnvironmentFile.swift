import Glibc

/// Reads a file of settings.
///
/// A line is `NAME=value`, `export NAME=value`, a comment after `#`, or empty. A value stands bare (then blanks at its
/// ends and a comment after a blank are cut), in single quotes (as it is), or in double quotes (with `\n`, `\t`, `\r`,
/// `\"`, `\\` and `\$`). Of two lines with one name the later one holds. No error shows what a line says.
enum EnvironmentFile {
    /// A file of settings is short; more is a wrong path.
    private static let largestFile = 1 << 20

    static func read(_ path: String, mayBeMissing: Bool) throws(SettingsError) -> [String: SettingValue] {
        switch bytes(of: path) {
        case .success(let bytes): return try parse(bytes, path: path)
        case .failure(let failure):
            if mayBeMissing, failure.code == ENOENT { return [:] }
            throw SettingsError([.init(name: path, description: "\(path) cannot be read: \(failure.reason)")])
        }
    }

    static func parse(_ bytes: [UInt8], path: String) throws(SettingsError) -> [String: SettingValue] {
        guard let text = String(validating: bytes, as: UTF8.self) else {
            throw SettingsError([.init(name: path, description: "\(path) is not UTF-8 text")])
        }
        var values: [String: SettingValue] = [:]
        var problems: [SettingsError.Problem] = []
        let lines = text.split(omittingEmptySubsequences: false) { $0 == "\n" || $0 == "\r\n" }
        for (index, line) in lines.enumerated() {
            // Some editors put a byte order mark first.
            let line = index == 0 && line.first == "\u{FEFF}" ? line.dropFirst() : line
            do {
                guard let (name, value) = try EnvironmentLine.parse(line) else { continue }
                values[name] = SettingValue(text: value, source: .file(path, line: index + 1))
            } catch {
                problems.append(.init(name: path, description: "\(path) line \(index + 1): \(error.reason)"))
            }
        }
        if !problems.isEmpty { throw SettingsError(problems) }
        return values
    }

    private struct Failure: Error {
        var code: Int32
        var reason: String

        init(code: Int32) {
            self.code = code
            reason = String(cString: strerror(code))
        }

        init(reason: String) {
            code = 0
            self.reason = reason
        }
    }

    private static func bytes(of path: String) -> Result<[UInt8], Failure> {
        let descriptor = open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else { return .failure(Failure(code: errno)) }
        defer { close(descriptor) }
        var bytes: [UInt8] = []
        while true {
            var code: Int32 = 0
            let chunk = [UInt8](unsafeUninitializedCapacity: 65_536) { buffer, count in
                let result = Glibc.read(descriptor, buffer.baseAddress, buffer.count)
                code = result < 0 ? errno : 0
                count = max(0, result)
            }
            if code == EINTR { continue }
            if code != 0 { return .failure(Failure(code: code)) }
            if chunk.isEmpty { return .success(bytes) }
            bytes += chunk
            if bytes.count > largestFile { return .failure(Failure(reason: "it is larger than 1 MiB")) }
        }
    }
}
