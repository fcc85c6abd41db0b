import Glibc

/// Nanoseconds of CLOCK_MONOTONIC, for deadlines and durations inside the server.
enum Monotonic {
    static var now: Int64 {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
    }
}
