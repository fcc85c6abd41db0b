internal import CRdKafka
internal import Synchronization

/// One append in flight: a place for each record's delivery report, and who waits for all of them.
///
/// The task that waits owns it. Its continuation is not a checked one: that would cost as much as the rest of the call.
///
/// `@unchecked Sendable`: a report's place is written by whoever takes the one report and read by whoever counts
/// `remaining` down to zero, which orders the two; `continuation` is set before the first record is handed over and
/// taken by whoever counts to zero; `place` is guarded by the lock of the client's table.
final class AppendCall: @unchecked Sendable {
    /// Whether the client took the call.
    enum Handover: Sendable {
        case sent
        /// Nothing was sent: the client takes no more appends.
        case refused
        /// Nothing was sent: the client has not opened the topic.
        case unknownTopic
    }

    /// What becomes of one of several records. Its address is the record's opaque in librdkafka.
    private struct Slot {
        let call: Unmanaged<AppendCall>
        var report = Report()
    }

    private struct Report {
        var partition: Int32 = -1
        var offset: Int64 = -1
    }

    let cost: FlightCost
    /// The uptime at which the producer gives up.
    let deadline: Duration
    /// The place in the client's table.
    var place = -1
    private let count: Int
    /// Records without a report, and one for the caller that still hands over.
    private let remaining: Atomic<Int>
    private let hasHandedOver = Atomic(false)
    private let error = Mutex<BusError?>(nil)
    private var continuation: UnsafeContinuation<Handover, Never>?
    /// Of the one record of most calls; its opaque is the call's own address, marked by the lowest bit.
    private var single = Report()
    private let slots: UnsafeMutablePointer<Slot>?

    init(count: Int, cost: FlightCost, deadline: Duration) {
        self.count = count
        self.cost = cost
        self.deadline = deadline
        remaining = Atomic(count + 1)
        slots = count == 1 ? nil : .allocate(capacity: count)
        slots?.initialize(repeating: Slot(call: Unmanaged.passUnretained(self)), count: count)
    }

    deinit { slots?.deallocate() }

    /// The opaque of a record, valid until the call's last report.
    func opaque(of index: Int) -> UnsafeMutableRawPointer {
        if let slots { return UnsafeMutableRawPointer(slots + index) }
        return Unmanaged.passUnretained(self).toOpaque() + 1
    }

    /// Takes a delivery report; returns the call if it was its last.
    static func take(_ report: UnsafePointer<rd_kafka_message_t>) -> Unmanaged<AppendCall>? {
        guard let opaque = report.pointee._private else { return nil }
        let outcome = Report(partition: report.pointee.partition, offset: report.pointee.offset)
        let reference: Unmanaged<AppendCall>
        if UInt(bitPattern: opaque) & 1 == 1 {
            reference = Unmanaged.fromOpaque(opaque - 1)
            reference._withUnsafeGuaranteedRef { $0.single = outcome }
        } else {
            let slot = opaque.assumingMemoryBound(to: Slot.self)
            slot.pointee.report = outcome
            reference = slot.pointee.call
        }
        return reference._withUnsafeGuaranteedRef { call in
            if report.pointee.err != RD_KAFKA_RESP_ERR_NO_ERROR { call.fail(report.pointee.err) }
            return call.settle(1) ? reference : nil
        }
    }

    /// Counts off records that get no report, or the caller that has handed over. Whether that was the last.
    func settle(_ count: Int) -> Bool {
        remaining.wrappingSubtract(count, ordering: .acquiringAndReleasing).newValue == 0
    }

    /// Whether a caller still hands records over.
    var isHandingOver: Bool { !hasHandedOver.load(ordering: .acquiring) }

    func handedOver() { hasHandedOver.store(true, ordering: .releasing) }

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

    /// Lets the caller go on, once; nobody but the caller may use the call from then on.
    func finish(_ handover: Handover = .sent) { continuation.take()?.resume(returning: handover) }

    /// Where the records are; after the call was finished.
    func positions() throws(BusError) -> [LogPosition] {
        if let error = error.withLock({ $0 }) { throw error }
        var isKnown = true
        let positions = [LogPosition](unsafeUninitializedCapacity: count) { positions, filled in
            for index in 0..<count {
                let report = slots?[index].report ?? single
                isKnown = isKnown && report.offset >= 0
                positions.initializeElement(
                    at: index, to: LogPosition(partition: Int(report.partition), offset: report.offset))
            }
            filled = count
        }
        // A broker that has forgotten a repeated batch's place confirms without it (error 46 of the protocol).
        guard isKnown else { throw BusError(.unavailable, "the records are appended, but no broker says where") }
        return positions
    }
}
