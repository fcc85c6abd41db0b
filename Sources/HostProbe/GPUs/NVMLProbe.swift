internal import CNVML
import Glibc

/// Reads NVIDIA's GPUs through the driver's library. Belongs to one thread.
///
/// The library is loaded once the driver is there. What fails is tried again after a pause that doubles up to ten
/// minutes; a GPU that is lost is asked again and, after such a pause, the library started anew.
package final class NVMLProbe {
    static let noDriver = "no NVIDIA driver"
    private static let firstPause: Duration = .seconds(10)
    private static let longestPause: Duration = .seconds(600)

    private let hasDriver: () -> Bool
    private let load: () -> flotilla_nvml?
    private var session: NVMLSession?
    private var reason: String?
    private var pause = NVMLProbe.firstPause
    private var nextTry: Duration?

    /// Whether the driver is loaded.
    static func hasDriver(root: String) -> Bool { access(root + "/proc/driver/nvidia/version", F_OK) == 0 }

    package convenience init(root: String = "") {
        self.init(hasDriver: { Self.hasDriver(root: root) }) {
            var functions = flotilla_nvml()
            let result = flotilla_nvml_load("libnvidia-ml.so.1", &functions)
            return result == FLOTILLA_NVML_OK.rawValue ? functions : nil
        }
    }

    /// - Parameter load: the library's functions, or a test's; nil where there is none.
    init(hasDriver: @escaping () -> Bool, load: @escaping () -> flotilla_nvml?) {
        self.hasDriver = hasDriver
        self.load = load
    }

    /// The GPUs, and why there are none.
    /// - Parameter now: CLOCK_MONOTONIC.
    package func read(at now: Duration) -> (gpus: [GPUReading], reason: String?) {
        if session == nil { open(now) }
        guard let session else { return ([], reason) }
        let gpus = session.read()
        guard session.isStale || gpus.contains(where: { $0.problem != nil }) else {
            pause = Self.firstPause
            nextTry = nil
            return (gpus, gpus.isEmpty ? "the NVIDIA driver has no GPU" : nil)
        }
        if let nextTry {
            if now >= nextTry { close(now) }
        } else {
            nextTry = now + pause
        }
        return (gpus, nil)
    }

    private func open(_ now: Duration) {
        guard hasDriver() else {
            reason = Self.noDriver
            return
        }
        if let nextTry, now < nextTry { return }
        nextTry = nil
        guard let functions = load() else {
            reason = "the NVIDIA driver's library cannot be loaded"
            postpone(now)
            return
        }
        do throws(NVMLSession.Failure) {
            session = try NVMLSession(functions)
            reason = nil
        } catch {
            reason = error.reason
            postpone(now)
        }
    }

    private func postpone(_ now: Duration) {
        nextTry = now + pause
        pause = min(pause * 2, Self.longestPause)
    }

    /// Ends the session; the next reading begins another one.
    private func close(_ now: Duration) {
        session = nil
        nextTry = nil
        pause = min(pause * 2, Self.longestPause)
    }
}
