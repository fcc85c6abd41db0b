import Contracts
import Ingress
import Runtime

/// Sessions of a week, each asked for and then, but for one of twenty, ended: what `optimization_events` says of them.
struct SessionFill {
    /// A quarter of the sessions is of this owner, the others are of about a thousand more.
    static let owner = "7"
    /// Sessions that begin before one ends.
    private static let overlap = 200
    /// Less than the week for which sessions are kept, so that none is deleted while reads are measured.
    private static let span: Int64 = 6 * 86_400_000_000

    let path: String
    let sessions: Int

    func run() async throws -> FillResult {
        let time = SystemTime()
        let begin = time.now.microseconds - Self.span
        var fill = try await Fill(path: path, projection: OptimizationProjection(time: time))
        for number in 0..<(sessions + Self.overlap) {
            let at = begin + Int64(number) * (Self.span / Int64(sessions + Self.overlap))
            if number < sessions {
                try await fill.add(key: "", body: request(number, at), at: Timestamp(microseconds: at))
            }
            if number >= Self.overlap, let body = ending(number - Self.overlap, at) {
                try await fill.add(key: "", body: body, at: Timestamp(microseconds: at))
            }
        }
        try await fill.flush()
        return try await fill.finish(tables: ["optimizations"])
    }

    private func request(_ number: Int, _ at: Int64) -> [UInt8] {
        let order = OptimizationRequest(
            id: Self.id(number), type: type(number), host: "host-\(number % 100)", rollbackTimeout: .seconds(3600),
            requestedBy: owner(number), requestedAt: Timestamp(microseconds: at))
        return event("session.requested", order.json, at)
    }

    /// Nil for one that still runs.
    private func ending(_ number: Int, _ at: Int64) -> [UInt8]? {
        // The owners' turn has a period of four, so the statuses are taken from what is left of it.
        let status: OptimizationResult.Status
        switch number / 4 % 20 {
        case 0: return nil
        case 1: status = .cancelled
        case 2...5: status = .failed
        default: status = .completed
        }
        let now = Timestamp(microseconds: at)
        let result = OptimizationResult(
            taskID: Self.id(number), status: status, type: type(number), startedAt: now.advanced(by: .seconds(-30)),
            completedAt: now, duration: 30, changes: ["would release 3 MiB of page cache", "would delete 12 files"],
            isDryRun: true, errorMessage: status == .failed ? "the memory cgroup cannot be written" : nil)
        var data = JSONWriter(capacity: 512)
        data.object { data in
            data.member("task_id", result.taskID)
            data.member("optimization_type", result.type)
            data.member("requested_by", owner(number))
            data.member("result", raw: result.json)
        }
        return event("session.\(status.rawValue)", data.bytes, at)
    }

    private func event(_ type: String, _ data: [UInt8], _ at: Int64) -> [UInt8] {
        OptimizationEvent(type: type, agent: "benchmark", data: data, timestamp: Timestamp(microseconds: at)).json
    }

    private func type(_ number: Int) -> String { number.isMultiple(of: 3) ? "memory" : "disk" }

    private func owner(_ number: Int) -> String {
        number.isMultiple(of: 4) ? Self.owner : "\(1000 + number / 4 * 3 % 999 + number % 4)"
    }

    /// A UUID's text without any order, as the ingress gives out; the same for the same number.
    private static func id(_ number: Int) -> String {
        let high = hexadecimal(mixed(UInt64(number) &* 2))
        let low = hexadecimal(mixed(UInt64(number) &* 2 &+ 1))
        return "\(high.prefix(8))-\(high.dropFirst(8).prefix(4))-4\(high.dropFirst(13))-8\(low.dropFirst(1).prefix(3))-"
            + "\(low.dropFirst(4))"
    }

    private static func hexadecimal(_ number: UInt64) -> String {
        let digits = String(number, radix: 16)
        return String(repeating: "0", count: 16 - digits.utf8.count) + digits
    }

    /// SplitMix64's output function (Steele, Lea, Flood 2014).
    private static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number &* 0x9e37_79b9_7f4a_7c15
        mixed = (mixed ^ (mixed >> 30)) &* 0xbf58_476d_1ce4_e5b9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94d0_49bb_1331_11eb
        return mixed ^ (mixed >> 31)
    }
}
