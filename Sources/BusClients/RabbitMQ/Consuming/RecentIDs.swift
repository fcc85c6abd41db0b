/// The digests of the last message ids that a subscription has delivered.
struct RecentIDs {
    private var digests: [UInt64] = []
    private var next = 0

    /// How many are kept.
    static let capacity = 4096

    mutating func add(_ id: MessageID) {
        let digest = Digest.of(id.rawValue.utf8)
        if digests.count < Self.capacity { digests.append(digest) } else { digests[next] = digest }
        next = (next + 1) % Self.capacity
    }

    func contains(_ id: MessageID) -> Bool { digests.contains(Digest.of(id.rawValue.utf8)) }
}
