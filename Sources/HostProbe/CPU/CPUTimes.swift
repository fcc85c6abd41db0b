/// How a processor spent its time since boot, in clock ticks: one `cpu` line of `/proc/stat` (proc(5)).
///
/// `user` holds `guest` and `nice` holds `guestNice`; neither is added to a sum a second time.
package struct CPUTimes: Sendable, Hashable {
    package var user: UInt64 = 0
    package var nice: UInt64 = 0
    package var system: UInt64 = 0
    package var idle: UInt64 = 0
    package var iowait: UInt64 = 0
    package var irq: UInt64 = 0
    package var softirq: UInt64 = 0
    package var steal: UInt64 = 0
    package var guest: UInt64 = 0
    package var guestNice: UInt64 = 0

    package init() {}

    /// Reads what follows the name of the processor; a kernel that is too old for a field leaves it 0.
    init?(fields cursor: inout ByteCursor) {
        guard let user = cursor.integer(), let nice = cursor.integer(), let system = cursor.integer(),
            let idle = cursor.integer()
        else { return nil }
        self.user = user
        self.nice = nice
        self.system = system
        self.idle = idle
        for field in 0..<6 {
            cursor.skipSpaces()
            if cursor.isAtEnd { return }
            guard let ticks = cursor.integer() else { return nil }
            switch field {
            case 0: iowait = ticks
            case 1: irq = ticks
            case 2: softirq = ticks
            case 3: steal = ticks
            case 4: guest = ticks
            default: guestNice = ticks
            }
        }
    }
}
