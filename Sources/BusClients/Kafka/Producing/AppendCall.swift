internal import CRdKafka
internal import Synchronization

/// One append in flight: a slot for each record's delivery report, and who waits for all of them.
///
/// `@unchecked Sendable`: a slot is written by whoever takes its one report and read by whoever counts `remaining` down
/// to zero, which orders the two; everything else is guarded or does not change.
final class AppendCall: @unchecked Sendable {
    /// What becomes of one record. Its address is the record's opaque in librdkafka.
    struct Slot {
        /// Not retained: the producer's table keeps the call until its last report.
        let call: Unmanaged<AppendCall>
        var partition: Int32 = -1
        var offset: Int64 = -1
    }

    private struct Waiting {
        var continuation: CheckedContinuation<Void, Never>?
        var error: BusError?
    }

    let cost: FlightCost
    /// The uptime at which the producer gives up.
    let deadline: Duration
    private let count: Int
    private let slots: UnsafeMutablePointer<Slot>
    /// Records without a report, and one for the caller that still hands over.
    private let remaining: Atomic<Int>
    private let waiting = Mutex(Waiting())
    /// The place in the producer's table; guarded by the table's lock.
    var place = -1

    init(count: Int, cost: FlightCost, deadline: Duration) {
        self.count = count
        self.cost = cost
        self.deadline = deadline
        remaining = Atomic(count + 1)
        slots = .allocate(capacity: count)
        slots.initialize(repeating: Slot(call: Unmanaged.passUnretained(self)), count: count)
    }

    deinit { slots.deallocate() }

    /// The opaque of a record.
    func opaque(of index: Int) -> UnsafeMutableRawPointer { UnsafeMutableRawPointer(slots + index) }

    /// Takes a delivery report; returns the call if it was its last.
    static func take(_ report: UnsafePointer<rd_kafka_message_t>) -> AppendCall? {
        guard let opaque = report.pointee._private else { return nil }
        let slot = opaque.assumingMemoryBound(to: Slot.self)
        let call = slot.pointee.call.takeUnretainedValue()
        slot.pointee.partition = report.pointee.partition
        slot.pointee.offset = report.pointee.offset
        if report.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR { call.fail(report.pointee.err) }
        return call.settle(1) ? call : nil
    }

    /// Counts off records that get no report, or the caller that has handed over. Whether that was the last.
    func settle(_ count: Int) -> Bool {
        remaining.wrappingSubtract(count, ordering: .acquiringAndReleasing).newValue == 0
    }

    /// Notes why a record failed.
    func fail(_ error: rd_kafka_resp_err_t) { fail(BusError(kafka: error, "the append")) }

    /// Notes why the call failed. What a broker refused for good says more than what was given up with it.
    func fail(_ error: BusError) {
        waiting.withLock { waiting in
            guard let known = waiting.error else {
                waiting.error = error
                return
            }
            if known.isRetriable && !error.isRetriable { waiting.error = error }
        }
    }

    func start(_ continuation: CheckedContinuation<Void, Never>) { waiting.withLock { $0.continuation = continuation } }

    /// Lets the caller go on, once.
    func finish() {
        let continuation = waiting.withLock { waiting in
            defer { waiting.continuation = nil }
            return waiting.continuation
        }
        continuation?.resume()
    }

    /// Where the records are; after the call was finished.
    func positions() throws(BusError) -> [LogPosition] {
        if let error = waiting.withLock({ $0.error }) { throw error }
        var isKnown = true
        let positions = (0..<count).map { index in
            let slot = slots[index]
            isKnown = isKnown && slot.offset >= 0
            return LogPosition(partition: Int(slot.partition), offset: slot.offset)
        }
        // A broker that has forgotten a repeated batch's place confirms without it (error 46 of the protocol).
        guard isKnown else { throw BusError(.unavailable, "the records are appended, but no broker says where") }
        return positions
    }
}
