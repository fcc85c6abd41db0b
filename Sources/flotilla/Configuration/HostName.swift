import Glibc
import Runtime

/// This host's name in the fleet.
enum HostName {
    /// `FLOTILLA_HOST`, or what the kernel calls the host.
    static func read(_ reader: inout SettingsReader) -> String {
        if let given = reader.string("FLOTILLA_HOST") {
            if !isValid(given) {
                reader.reject("FLOTILLA_HOST", mustBe: "1 to 200 letters, digits, dots, dashes and underscores")
            }
            return given
        }
        // POSIX: a host name has at most 255 bytes.
        var buffer = [CChar](repeating: 0, count: 256)
        guard gethostname(&buffer, buffer.count - 1) == 0 else { return "localhost" }
        let name = String(decoding: buffer.prefix { $0 != 0 }.map(UInt8.init(bitPattern:)), as: UTF8.self)
        return isValid(name) ? name : "localhost"
    }

    /// The name stands in names of queues and in routing keys, which have 255 bytes.
    static func isValid(_ name: String) -> Bool {
        (1...200).contains(name.utf8.count)
            && name.allSatisfy { $0.isASCII && ($0.isLetter || $0.isNumber || "._-".contains($0)) }
    }
}
