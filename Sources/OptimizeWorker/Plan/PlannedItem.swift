/// One thing that a step acts on, such as one file; kept in the journal, as a plan can have 100,000 of them.
package struct PlannedItem: Sendable, Hashable {
    /// What it is, such as a path beneath the step's root; any bytes.
    package var target: [UInt8]
    /// The bytes that it accounts for.
    package var bytes: Int
    /// What was seen of it when it was planned; must hold again when it is acted on.
    package var facts: Facts

    package init(target: [UInt8], bytes: Int, facts: Facts) {
        self.target = target
        self.bytes = bytes
        self.facts = facts
    }
}

/// A planned item as it stands in the journal.
package struct JournalItem: Sendable, Hashable {
    /// How an item stands.
    package enum State: String, Sendable, CaseIterable {
        case planned
        /// Set aside, and can be put back.
        case quarantined
        /// Deleted, and cannot be put back.
        case purged
        /// Not touched, because it is not as it was planned.
        case leftAlone = "left_alone"
        /// Not touched, because the attempt failed.
        case failed
    }

    package var number: Int
    package var item: PlannedItem
    package var state: State
    /// Where it is now, or why it was left alone or failed.
    package var detail: String?

    package init(number: Int, item: PlannedItem, state: State, detail: String? = nil) {
        self.number = number
        self.item = item
        self.state = state
        self.detail = detail
    }
}

/// How many items are in one state, and the sum of their bytes.
package struct ItemTotal: Sendable, Hashable {
    package var count = 0
    package var bytes = 0
}
