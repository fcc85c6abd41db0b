/// A table of at most `capacity` values, in which a new key takes the place of the least recently used one. Every
/// operation takes constant time.
struct RecencyTable<Key: Hashable & Sendable, Value: Sendable>: Sendable {
    private struct Entry {
        var key: Key
        var value: Value
        /// Indexes of the neighbours in the order of use; -1 at the ends.
        var older: Int
        var newer: Int
    }

    private let capacity: Int
    private var entries: [Entry] = []
    private var indexes: [Key: Int] = [:]
    private var oldest = -1
    private var newest = -1

    init(capacity: Int) {
        self.capacity = max(1, capacity)
    }

    var count: Int { entries.count }

    /// Changes the value of a key, which is `value` when it is new, and makes it the most recently used one.
    mutating func update<Result>(_ key: Key, default value: Value, _ change: (inout Value) -> Result) -> Result {
        let index: Int
        if let known = indexes[key] {
            index = known
            if index != newest {
                unlink(index)
                append(index)
            }
        } else {
            index = insert(key, value)
        }
        return change(&entries[index].value)
    }

    private mutating func insert(_ key: Key, _ value: Value) -> Int {
        let index: Int
        if entries.count < capacity {
            index = entries.count
            entries.append(Entry(key: key, value: value, older: -1, newer: -1))
        } else {
            index = oldest
            unlink(index)
            indexes[entries[index].key] = nil
            entries[index].key = key
            entries[index].value = value
        }
        indexes[key] = index
        append(index)
        return index
    }

    private mutating func unlink(_ index: Int) {
        let (older, newer) = (entries[index].older, entries[index].newer)
        if older >= 0 { entries[older].newer = newer } else { oldest = newer }
        if newer >= 0 { entries[newer].older = older } else { newest = older }
    }

    private mutating func append(_ index: Int) {
        entries[index].older = newest
        entries[index].newer = -1
        if newest >= 0 { entries[newest].newer = index } else { oldest = index }
        newest = index
    }
}
