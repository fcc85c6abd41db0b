internal import Contracts
internal import Runtime

/// Which commands are asked for; a field that is nil does not matter.
struct CommandQuery: Sendable {
    var device: String?
    var type: String?
    /// As it was recorded: nobody looks at the clock here.
    var state: CommandState?
    /// When it was accepted; both ends are included.
    var since: Timestamp?
    var until: Timestamp?
    /// Where the page before ended.
    var cursor: CommandCursor?
    var limit = 50
}

/// Where a page of commands ended. It means the same on every ingress, and after the view was built anew.
enum CommandCursor: Sendable, Hashable {
    /// After a command that has a row.
    case row(at: Int64, id: String)
    /// After a command that is still in its batch; those go before the rows of the same time.
    case waiting(at: Int64, id: String)
    /// Before everything of this time: nothing that is newer is left.
    case time(Int64)

    /// Microseconds.
    var at: Int64 {
        switch self {
        case .row(let at, _), .waiting(let at, _), .time(let at): at
        }
    }

    /// Letters and digits only, so that a client can put it into a URL as it is.
    var text: String {
        let (kind, id) =
            switch self {
            case .row(_, let id): ("r", id)
            case .waiting(_, let id): ("w", id)
            case .time: ("t", "")
            }
        return "\(kind)\(at)x" + id.utf8.map { Self.hexadecimal($0) }.joined()
    }

    /// Nil for what is no cursor.
    init?(_ text: String) {
        guard text.utf8.count <= Self.maximumLength, let mark = text.firstIndex(of: "x"),
            let at = Int64(text[..<mark].dropFirst()), let id = Self.bytes(text[text.index(after: mark)...]),
            let name = String(validating: id, as: UTF8.self)
        else { return nil }
        switch text.first {
        case "r" where !id.isEmpty: self = .row(at: at, id: name)
        case "w" where !id.isEmpty: self = .waiting(at: at, id: name)
        case "t" where id.isEmpty: self = .time(at)
        default: return nil
        }
    }

    /// Of an id of 255 bytes.
    private static let maximumLength = 32 + 2 * 255

    private static func hexadecimal(_ byte: UInt8) -> String {
        (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }

    private static func bytes(_ text: Substring) -> [UInt8]? {
        let digits = text.utf8.map { byte -> UInt8? in
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
            case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
            default: nil
            }
        }
        guard digits.count.isMultiple(of: 2) else { return nil }
        var bytes: [UInt8] = []
        for index in stride(from: 0, to: digits.count, by: 2) {
            guard let high = digits[index], let low = digits[index + 1] else { return nil }
            bytes.append(high << 4 | low)
        }
        return bytes
    }
}

/// A page of commands, the newest first.
struct CommandPage: Sendable {
    var commands: [CommandStatus]
    /// Nil when there are no more. A page may be shorter than was asked for, or empty, and not be the last: so much is
    /// looked at for one, and no more.
    var next: CommandCursor?
}
