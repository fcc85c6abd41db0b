internal import Runtime

/// Makes the request ids of commands; all are UUIDs in lower case.
enum CommandID {
    /// Characters of an id that the commands of one batch share.
    static let prefixLength = 32

    /// Ids whose last 16 bits count (RFC 9562 version 7 in form): one row of the view tells of a whole batch, and the
    /// rows of its commands lie side by side.
    struct Batch {
        let prefix: String

        init(at now: Timestamp) { prefix = String(CommandID.random(at: now).prefix(CommandID.prefixLength)) }

        /// The id of the command at a place, 0…65535.
        func id(_ index: Int) -> String { CommandID.inBatch(prefix, index) }
    }

    /// The id at a place of the batch with a prefix.
    static func inBatch(_ prefix: String, _ index: Int) -> String {
        let digits = String(UInt16(truncatingIfNeeded: index), radix: 16)
        return prefix + String(repeating: "0", count: 4 - digits.count) + digits
    }

    /// A new id that sorts by the time it was made (RFC 9562 version 7): the view's index grows at its end, where random
    /// ids would touch a page of it each.
    static func random(at now: Timestamp) -> String {
        var generator = SystemRandomNumberGenerator()
        let milliseconds = UInt64(max(0, now.microseconds / 1000))
        return NamedUUID.text(milliseconds << 16 | generator.next() & 0xffff, generator.next(), version: 7)
    }

    /// The id of a key: the same for the same principal and key (RFC 9562 version 5).
    /// - Parameters:
    ///   - index: The place in a batch; nil for a single command.
    ///   - generation: 0, or which renewal of the key after its time.
    static func keyed(principal: String, key: String, index: Int?, generation: Int) -> String {
        var name = "\(principal.utf8.count):\(principal)\(key.utf8.count):\(key)"
        if let index { name += ":\(index)" }
        if generation > 0 { name += "#\(generation)" }
        return NamedUUID.make(name)
    }

    /// The place in its batch of an id that `Batch` may have made, and the batch's prefix.
    static func place(of id: String) -> (prefix: String, index: Int)? {
        guard id.utf8.count == 36, let index = UInt16(id.suffix(4), radix: 16) else { return nil }
        return (String(id.prefix(prefixLength)), Int(index))
    }
}
