import Testing

/// How far our value may lie outside of what another tool said before and after it.
///
/// | values | tolerance |
/// |---|---|
/// | totals of memory, swap and file systems; numbers of cores; names, parents and identities of processes | none |
/// | counters: processor time but idle and iowait, disks, networks, paging | none |
/// | used and available memory and swap, free space | 1 % of the total |
/// | idle and iowait, which the kernel sets back a little (filesystems/proc) | 1 s |
/// | uptime, in hundredths of a second in its file | 0.01 s |
/// | load, which psutil reads with two more digits | 0.01 |
/// | when processes started: psutil adds the boot time in whole seconds | 0.01 s |
/// | share of processor time over a second of a busy loop | 5 points |
/// | frequency, which changes from one moment to the next | 20 % |
enum Tolerance {
    case none
    case share(Double, of: Double)
    case seconds(Double)
    case load
    case points(Double)

    static let memory = 0.01
    static let frequency = 0.2
    static let steppedBack = Tolerance.seconds(1)
    static let hundredth = Tolerance.seconds(0.01)
    static let busy = Tolerance.points(5)

    var value: Double {
        switch self {
        case .none: 0
        case .share(let share, let total): share * total
        case .seconds(let seconds): seconds
        // One of the digit that is cut, and what binary fractions leave out.
        case .load: 0.010_001
        case .points(let points): points
        }
    }
}

/// Checks that our value lies between what a tool said before and what it said after, in either order.
func expect(
    _ what: String, _ ours: Double?, between before: Double?, and after: Double?, _ tolerance: Tolerance = .none,
    sourceLocation: SourceLocation = #_sourceLocation
) throws {
    let ours = try #require(ours, "\(what) is unknown to us", sourceLocation: sourceLocation)
    let before = try #require(before, "\(what) is unknown to the tool", sourceLocation: sourceLocation)
    let after = try #require(after, "\(what) is unknown to the tool", sourceLocation: sourceLocation)
    let range = (min(before, after) - tolerance.value)...(max(before, after) + tolerance.value)
    #expect(range.contains(ours), "\(what): \(ours) is not within \(range)", sourceLocation: sourceLocation)
}
