import CNVML
import Synchronization

/// What NVIDIA's library says in a test. C functions have no context, so there is one for all: its suite is serialized.
struct FakeNVML: Sendable {
    /// A GPU; a value that is nil is not supported.
    struct GPU: Sendable {
        var name = "NVIDIA H100 80GB HBM3"
        var uuid = "GPU-0"
        var busy: UInt32?
        var memory: (total: UInt64, used: UInt64)?
        var celsius: UInt32?
        var milliwatts: UInt32?
        var megahertz: UInt32?
        var processes: [(pid: UInt32, memory: UInt64)]?
        /// What every question about it comes to instead.
        var failure: Int32?
    }

    var gpus: [GPU] = []
    /// What `init` comes to.
    var start: Int32 = 0
    var starts = 0
    var stops = 0

    static let state = Mutex(FakeNVML())
    static let notSupported: Int32 = 3

    static func set(_ change: (inout FakeNVML) -> Void) { state.withLock { change(&$0) } }
    static var starts: Int { state.withLock { $0.starts } }
    static var stops: Int { state.withLock { $0.stops } }

    /// Looks a GPU up by its handle and hands over one of its values.
    private static func answer<T: Sendable>(
        _ handle: UnsafeMutableRawPointer?, _ value: (GPU) -> T?, _ take: (T) -> Void
    ) -> Int32 {
        let gpu: GPU? = state.withLock { state in
            let index = Int(bitPattern: handle) - 1
            return state.gpus.indices.contains(index) ? state.gpus[index] : nil
        }
        guard let gpu else { return 2 }
        if let failure = gpu.failure { return failure }
        guard let value = value(gpu) else { return notSupported }
        take(value)
        return 0
    }

    private static func copy(_ text: String, _ target: UnsafeMutablePointer<CChar>?, _ length: UInt32) {
        guard let target else { return }
        var count = 0
        for byte in text.utf8.prefix(Int(length) - 1) {
            target[count] = CChar(bitPattern: byte)
            count += 1
        }
        target[count] = 0
    }

    static func functions() -> flotilla_nvml {
        var table = flotilla_nvml()
        table.`init` = {
            FakeNVML.state.withLock { state in
                state.starts += 1
                return state.start
            }
        }
        table.shutdown = {
            FakeNVML.set { $0.stops += 1 }
            return 0
        }
        table.device_count = { count in
            count?.pointee = FakeNVML.state.withLock { UInt32($0.gpus.count) }
            return 0
        }
        table.device = { index, handle in
            let pointer = UnsafeMutableRawPointer(bitPattern: Int(index) + 1)
            return FakeNVML.answer(pointer, { _ in true }, { _ in handle?.pointee = pointer })
        }
        table.error_string = { result in
            let text: StaticString =
                switch result {
                case 15: "GPU is lost"
                case 18: "Driver/library version mismatch"
                default: "Unknown Error"
                }
            return UnsafeRawPointer(text.utf8Start).assumingMemoryBound(to: CChar.self)
        }
        table.name = { handle, text, length in
            FakeNVML.answer(handle, \.name) { FakeNVML.copy($0, text, length) }
        }
        table.uuid = { handle, text, length in
            FakeNVML.answer(handle, \.uuid) { FakeNVML.copy($0, text, length) }
        }
        table.utilization = { handle, value in FakeNVML.answer(handle, \.busy) { value?.pointee.gpu = $0 } }
        table.memory = { handle, value in
            FakeNVML.answer(handle, \.memory) { memory in
                value?.pointee = flotilla_nvml_memory(
                    total: memory.total, free: memory.total - memory.used, used: memory.used)
            }
        }
        table.temperature = { handle, _, value in FakeNVML.answer(handle, \.celsius) { value?.pointee = $0 } }
        table.power = { handle, value in FakeNVML.answer(handle, \.milliwatts) { value?.pointee = $0 } }
        table.power_limit = { _, _ in FakeNVML.notSupported }
        table.clock = { handle, clock, value in
            clock == 1 ? FakeNVML.answer(handle, \.megahertz) { value?.pointee = $0 } : 2
        }
        table.processes = { handle, count, values in
            var result: Int32 = 0
            let answer = FakeNVML.answer(handle, \.processes) { processes in
                guard let count, let values else { return }
                let room = Int(count.pointee)
                count.pointee = UInt32(processes.count)
                guard processes.count <= room else {
                    result = FLOTILLA_NVML_INSUFFICIENT_SIZE.rawValue
                    return
                }
                for (index, process) in processes.enumerated() {
                    values[index].pid = process.pid
                    values[index].memory = process.memory
                }
            }
            return answer == 0 ? result : answer
        }
        return table
    }
}
