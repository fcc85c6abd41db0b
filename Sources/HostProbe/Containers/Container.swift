import Glibc

/// The open files of one container's control group, and what they said last. Belongs to one thread.
final class Container {
    let found: ContainerHierarchies.Found
    private let root: String
    private let memory: ControlGroupMemoryFiles?
    private let processor: ControlGroupProcessorFiles?
    private let tasks: KernelFile?
    private let transfers: KernelFile?
    /// Version 2: the limits of the parents, each a folder below the root. Version 1 has them in the group's statistics.
    private let parents: [String]
    private var parentsLimit: UInt64?
    private(set) var latest: ContainerReading?

    init(_ found: ContainerHierarchies.Found, _ places: ContainerHierarchies, root: String) {
        self.found = found
        self.root = root
        let path = found.path
        let unified = places.unified.map { $0 + path }
        if let folder = places.memory {
            memory = ControlGroupMemoryFiles(root: root, lineage: [folder + path], version: .v1)
        } else {
            memory = unified.map { ControlGroupMemoryFiles(root: root, lineage: [$0], version: .v2) }
        }
        if places.cpu != nil || places.cpuAccounting != nil {
            processor = ControlGroupProcessorFiles(
                root: root, cpu: places.cpu.map { [$0 + path] } ?? [],
                accounting: places.cpuAccounting.map { [$0 + path] } ?? [])
        } else {
            processor = unified.map { ControlGroupProcessorFiles(root: root, lineage: [$0]) }
        }
        tasks = (places.tasks.map { $0 + path } ?? unified).map { KernelFile(root: root, $0 + "/pids.current") }
        if let folder = places.blockIO {
            // Kernels before 5.0 have the group's own only.
            let file = folder + path + "/blkio.throttle.io_service_bytes"
            let hasSum = access(root + file + "_recursive", F_OK) == 0
            transfers = KernelFile(root: root, hasSum ? file + "_recursive" : file)
        } else {
            transfers = unified.map { KernelFile(root: root, $0 + "/io.stat") }
        }
        if places.memory == nil, let unified = places.unified {
            let names = path.split(separator: "/").dropLast()
            parents = names.indices.map { unified + "/" + names[...$0].joined(separator: "/") }
        } else {
            parents = []
        }
    }

    /// Reads what its parents allow; they change seldom.
    func readParents(_ buffer: ReadBuffer) {
        parentsLimit = parents.compactMap { KernelFile(root: root, $0 + "/memory.max").integer(buffer) }.min()
    }

    /// Reads what it uses. False when it is gone.
    func read(_ buffer: ReadBuffer, at now: Duration) -> Bool {
        var reading = ContainerReading(
            runtime: found.name.runtime, id: found.name.id, name: found.name.name, path: found.path, at: now)
        reading.memory = memory?.read(buffer)
        if let parentsLimit, parentsLimit < reading.memory?.limit ?? .max { reading.memory?.limit = parentsLimit }
        reading.processor = processor?.read(buffer)
        reading.tasks = tasks?.integer(buffer)
        if reading.memory == nil, reading.processor == nil, reading.tasks == nil { return false }
        reading.transfers = try? transfers?.read(buffer) { bytes throws(ProbeError) in BlockTransfers(bytes) }
        reading.rates = latest.flatMap { ContainerRates.between($0, reading) }
        latest = reading
        return true
    }

    /// Forgets the last reading.
    func reset() { latest = nil }
}
