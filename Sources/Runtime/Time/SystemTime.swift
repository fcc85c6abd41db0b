import CSystem
import Glibc

/// The machine's own clocks: `CLOCK_REALTIME` and `CLOCK_BOOTTIME`.
package struct SystemTime: TimeSource {
    package init() {}

    package var now: Timestamp {
        let time = Self.read(CLOCK_REALTIME)
        return Timestamp(microseconds: Int64(time.tv_sec) * 1_000_000 + Int64(time.tv_nsec) / 1000)
    }

    package var uptime: Duration {
        let time = Self.read(CLOCK_BOOTTIME)
        return .seconds(time.tv_sec) + .nanoseconds(time.tv_nsec)
    }

    package func sleep(until deadline: Duration) async throws {
        let remaining = deadline - uptime
        guard remaining > .zero else { return try Task.checkCancellation() }
        try await Task.sleep(for: remaining)
    }

    private static func read(_ clock: clockid_t) -> timespec {
        var time = timespec()
        // Cannot fail: both clocks exist since Linux 2.6.39 and the pointer is valid.
        clock_gettime(clock, &time)
        return time
    }
}
