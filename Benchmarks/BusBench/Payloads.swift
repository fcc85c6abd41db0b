import BusClients
import Glibc

/// The driver's file of payloads, one behind the other, and the records that every program makes of them.
struct Payloads: Sendable {
    static let bytes = 300

    private let bodies: [[UInt8]]
    /// As many keys as a fleet has devices that are busy at a time; each program uses them in turn.
    private let keys = (0..<4096).map(Self.name)
    /// The two headers of a device command: its type and its trace.
    private let headers: Headers = [
        "ce_type": "com.flotilla.device.command",
        "traceparent": "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01",
    ]

    init(path: String) throws {
        guard let file = fopen(path, "rb") else { throw Failure("\(path) is not readable") }
        defer { fclose(file) }
        var bodies: [[UInt8]] = []
        var body = [UInt8](repeating: 0, count: Self.bytes)
        while fread(&body, 1, Self.bytes, file) == Self.bytes { bodies.append(body) }
        guard feof(file) != 0, !bodies.isEmpty else { throw Failure("\(path) holds no payloads") }
        self.bodies = bodies
    }

    func message(_ number: Int) -> Message {
        Message(id: MessageID(Self.name(number)), body: bodies[number % bodies.count])
    }

    func record(_ number: Int) -> LogRecord {
        LogRecord(key: keys[number % keys.count], headers: headers, value: bodies[number % bodies.count])
    }

    func records(_ numbers: Range<Int>) -> [LogRecord] { numbers.map(record) }

    /// Bytes of key, value and both headers, each read by its name.
    static func size(of record: LogRecord) throws -> Int {
        guard let type = record.headers.withValue(of: "ce_type", \.count),
            let trace = record.headers.withValue(of: "traceparent", \.count)
        else { throw Failure("a record without its headers") }
        return record.key.utf8.count + record.value.count + type + trace
    }

    /// `bench-` and eight hexadecimal digits.
    private static func name(_ number: Int) -> String {
        let digits = String(number & 0xffff_ffff, radix: 16)
        return "bench-" + String(repeating: "0", count: 8 - digits.utf8.count) + digits
    }
}
