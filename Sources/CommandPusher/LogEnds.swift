/// Where each partition of the command topic ended, or earlier, when a job was enqueued: `0:17,1:4` in a job's header.
struct LogEnds: Equatable {
    private var ends: [Int: Int64] = [:]

    /// Reads the header; what is malformed is left out, which only makes a look-up read further back.
    init(header: String?) {
        for part in (header ?? "").split(separator: ",") {
            let pair = part.split(separator: ":")
            guard pair.count == 2, let partition = Int(pair[0]), let offset = Int64(pair[1]), offset >= 0 else {
                continue
            }
            ends[partition] = offset
        }
    }

    subscript(partition: Int) -> Int64? { ends[partition] }
}
