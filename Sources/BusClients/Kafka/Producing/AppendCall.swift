internal import CRdKafka
internal import Synchronization

/// What becomes of one record. Its address is the record's opaque in librdkafka.
struct AppendSlot {
    /// Not retained: the client's table keeps the call until its last report.
    let call: Unmanaged<AppendCall>
    var partition: Int32 = -1
    var offset: Int64 = -1
}

/// One append in flight: a slot for each record's delivery report, and who waits for all of them.
///
/// Its continuation is not a checked one: that would cost as much as the rest of the call.
///
/// `@unchecked Sendable`: a slot is written by whoever takes its one report and read by whoever counts `remaining` down
/// to zero, which orders the two; `continuation` is set before the first record is handed over and taken by whoever
/// counts to zero; `place` is guarded by the lock of the client's table.
final class AppendCall: @unchecked Sendable {
    /// Whether the client took the call.
    enum Handover: Sendable {
        case sent
        /// Nothing was sent: the client takes no more appends.
        case refused
        /// Nothing was sent: the client has not opened the topic.
        case unknownTopic
    }

    let cost: FlightCost
    /// The uptime at which the producer gives up.
    let deadline: Duration
    /// One for each record; the address of each is the record's opaque.
    let slots: UnsafeMutablePointer<AppendSlot>
    /// The place in the client's table.
    var place = -1
    private let count: Int
    /// Records without a report, and one for the caller that still hands over.
    private let remaining: Atomic<Int>
    private let error = Mutex<BusError?>(nil)
    private var continuation: UnsafeContinuation<Handover, Never>?

    init(count: Int, cost: FlightCost, deadline: Duration) {
        self.count = count
        self.cost = cost
        self.deadline = deadline
        remaining = Atomic(count + 1)
        slots = .allocate(capacity: count)
        slots.initialize(repeating: AppendSlot(call: Unmanaged.passUnretained(self)), count: count)
    }

    deinit { slots.deallocate() }

    /// Takes a delivery report; returns the call if it was its last.
    static func take(_ report: UnsafePointer<rd_kafka_message_t>) -> AppendCall? {
        guard let opaque = report.pointee._private else { return nil }
        let slot = opaque.assumingMemoryBound(to: AppendSlot.self)
        slot.pointee.partition = report.pointee.partition
        slot.pointee.offset = report.pointee.offset
        return slot.pointee.call._withUnsafeGuaranteedRef { call in
            if report.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR { call.fail(report.pointee.err) }
            return call.settle(1) ? call : nil
        }
    }

    /// Counts off records that get no report, or the caller that has handed over. Whether that was the last.
    func settle(_ count: Int) -> Bool {
        remaining.wrappingSubtract(count, ordering: .acquiringAndReleasing).newValue == 0
    }

    /// Notes why a record failed.
    func fail(_ error: rd_kafka_resp_err_t) { fail(BusError(kafka: error, "the append")) }

    /// Notes why the call failed. What a broker refused for good says more than what was given up with it.
    func fail(_ error: BusError) {
        self.error.withLock { known in
            if known.map({ $0.isRetriable && !error.isRetriable }) ?? true { known = error }
        }
    }

    /// Before the call is handed to a client.
    func start(_ continuation: UnsafeContinuation<Handover, Never>) { self.continuation = continuation }

    /// Lets the caller go on, once.
    func finish(_ handover: Handover = .sent) { continuation.take()?.resume(returning: handover) }

    /// Where the records are; after the call was finished.
    func positions() throws(BusError) -> [LogPosition] {
        if let error = error.withLock({ $0 }) { throw error }
        let (slots, count) = (slots, count)
        var isKnown = true
        let positions = [LogPosition](unsafeUninitializedCapacity: count) { positions, filled in
            for index in 0..<count {
                isKnown = isKnown && slots[index].offset >= 0
                positions.initializeElement(
                    at: index,
                    to: LogPosition(partition: Int(slots[index].partition), offset: slots[index].offset))
            }
            filled = count
        }
        // A broker that has forgotten a repeated batch's place confirms without it (error 46 of the protocol).
        guard isKnown else { throw BusError(.unavailable, "the records are appended, but no broker says where") }
        return positions
    }
}
