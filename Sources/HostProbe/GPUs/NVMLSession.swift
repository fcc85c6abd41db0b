internal import CNVML

/// NVIDIA's library between its `init` and `shutdown`, and the GPUs that it found. Belongs to one thread.
final class NVMLSession {
    /// Why there is no session.
    struct Failure: Error {
        var reason: String
    }

    private struct Device {
        /// Nil where the library gave none: the GPU was lost before.
        var handle: UnsafeMutableRawPointer?
        /// What does not change, and the reason for having no handle.
        var known: GPUReading
    }

    static let maximumDevices = 64
    static let maximumProcesses = 1024

    private let functions: flotilla_nvml
    private var devices: [Device] = []
    /// Whether the library must be started again, as after the driver was loaded anew.
    private(set) var isStale = false

    init(_ functions: flotilla_nvml) throws(Failure) {
        self.functions = functions
        guard let start = functions.`init`, let deviceCount = functions.device_count else {
            throw Failure(reason: "the NVIDIA library lacks a function")
        }
        let result = start()
        guard result == success else { throw Failure(reason: Self.text(functions, result)) }
        var count: UInt32 = 0
        let counted = deviceCount(&count)
        guard counted == success else {
            _ = functions.shutdown?()
            throw Failure(reason: Self.text(functions, counted))
        }
        devices = (0..<min(count, UInt32(Self.maximumDevices))).map(device)
    }

    deinit { _ = functions.shutdown?() }

    /// A GPU that was lost keeps its place, with the problem.
    func read() -> [GPUReading] { devices.map(read) }

    private func device(_ index: UInt32) -> Device {
        var known = GPUReading(vendor: .nvidia, id: String(index))
        var handle: UnsafeMutableRawPointer?
        let result = functions.device?(index, &handle) ?? FLOTILLA_NVML_NO_FUNCTION.rawValue
        guard result == success, let handle else {
            known.problem = Self.text(functions, result)
            return Device(handle: nil, known: known)
        }
        known.name = Self.string { functions.name?(handle, $0, $1) }
        known.uuid = Self.string { functions.uuid?(handle, $0, $1) }
        if let uuid = known.uuid { known.id = uuid }
        return Device(handle: handle, known: known)
    }

    private func read(_ device: Device) -> GPUReading {
        var gpu = device.known
        guard let handle = device.handle else { return gpu }
        var memory = flotilla_nvml_memory()
        var utilization = flotilla_nvml_utilization()
        var value: UInt32 = 0
        if isAnswered(functions.temperature?(handle, 0, &value), &gpu) { gpu.celsius = Double(value) }
        // A GPU that is lost is lost to every question, and some of them take long to fail.
        if gpu.problem != nil { return gpu }
        if isAnswered(functions.memory?(handle, &memory), &gpu) {
            gpu.memoryTotal = memory.total
            gpu.memoryUsed = memory.used
        }
        if isAnswered(functions.utilization?(handle, &utilization), &gpu) {
            gpu.busyPercent = Double(min(utilization.gpu, 100))
        }
        if isAnswered(functions.power?(handle, &value), &gpu) { gpu.watts = Double(value) / 1000 }
        if isAnswered(functions.power_limit?(handle, &value), &gpu) { gpu.wattsLimit = Double(value) / 1000 }
        if isAnswered(functions.clock?(handle, 1, &value), &gpu) { gpu.megahertz = Double(value) }
        gpu.processes = processes(handle, &gpu)
        return gpu
    }

    /// What the GPU or the driver cannot say is unknown; a GPU that is lost is its problem.
    private func isAnswered(_ result: Int32?, _ gpu: inout GPUReading) -> Bool {
        guard let result, result != success else { return result != nil }
        if result == FLOTILLA_NVML_UNINITIALIZED.rawValue { isStale = true }
        if result == FLOTILLA_NVML_GPU_IS_LOST.rawValue || result == FLOTILLA_NVML_RESET_REQUIRED.rawValue
            || result == FLOTILLA_NVML_UNINITIALIZED.rawValue
        {
            gpu.problem = Self.text(functions, result)
        }
        return false
    }

    private func processes(_ handle: UnsafeMutableRawPointer, _ gpu: inout GPUReading) -> [GPUProcess]? {
        guard let ask = functions.processes else { return nil }
        var room = 64
        // Twice: the first answer may say how much room it takes.
        for _ in 0..<2 {
            var count = UInt32(room)
            var processes = [flotilla_nvml_process](repeating: flotilla_nvml_process(), count: room)
            let result = ask(handle, &count, &processes)
            if result == FLOTILLA_NVML_INSUFFICIENT_SIZE.rawValue, count > room {
                room = min(Int(count) + 16, Self.maximumProcesses)
                continue
            }
            guard isAnswered(result, &gpu) else { return nil }
            return processes.prefix(min(Int(count), room)).map {
                GPUProcess(pid: Int($0.pid), memory: $0.memory == .max ? nil : $0.memory)
            }
        }
        return nil
    }

    /// At most 95 bytes, more than names and UUIDs have.
    private static func string(_ fill: (UnsafeMutablePointer<CChar>, UInt32) -> Int32?) -> String? {
        let bytes = [CChar](unsafeUninitializedCapacity: 96) { buffer, count in
            buffer.initialize(repeating: 0)
            guard let start = buffer.baseAddress, fill(start, 96) == success else { return }
            count = buffer.firstIndex(of: 0) ?? 96
        }
        return bytes.isEmpty ? nil : String(decoding: bytes.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }

    private static func text(_ functions: flotilla_nvml, _ result: Int32) -> String {
        guard let text = functions.error_string?(result) else { return "NVML error \(result)" }
        return String(cString: text)
    }
}

private let success = FLOTILLA_NVML_OK.rawValue
