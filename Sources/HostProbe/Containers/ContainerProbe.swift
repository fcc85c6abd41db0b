/// Finds the containers of the host by their control groups and reads what they use. Belongs to one thread.
///
/// They are looked for each 10 s, or up to a minute apart where there are so many groups that it takes long. One that
/// ended is gone at once.
package final class ContainerProbe {
    /// A host with more shows the first ones. Each has up to nine files open.
    package static let maximumContainers = 64
    /// Containers of one reading, in turn: each takes some 15 µs, and the rest of a sample 120.
    static let containersPerReading = 5

    private let root: String
    private let mountinfo: KernelFile
    private let monotonic: () -> Duration
    private var schedule = SparseSchedule(longest: .seconds(60))
    private var places: ContainerHierarchies?
    private var containers: [Container] = []
    private var total = 0
    private var turn = 0

    /// - Parameter monotonic: CLOCK_MONOTONIC, which tells how long a search takes.
    package init(root: String = "", monotonic: @escaping () -> Duration = HostSampler.monotonicClock) {
        self.root = root
        self.monotonic = monotonic
        mountinfo = KernelFile(root: root, "/proc/self/mountinfo", hasLongRecords: true)
    }

    /// The containers in the order of their paths, and how many there are: more than are shown, where there are too many.
    /// Nil without control groups.
    /// - Parameter now: CLOCK_MONOTONIC.
    package func read(_ buffer: ReadBuffer, at now: Duration) -> (containers: [ContainerReading], total: Int)? {
        let isDue = schedule.isDue(at: now)
        if isDue {
            let start = monotonic()
            search(buffer)
            schedule.finish(at: now, cost: monotonic() - start)
        }
        guard places?.searched != nil else { return nil }
        var gone: Set<ObjectIdentifier> = []
        for (place, container) in containers.enumerated() where container.latest == nil || isInTurn(place) {
            if !container.read(buffer, at: now) { gone.insert(ObjectIdentifier(container)) }
        }
        turn += Self.containersPerReading
        if !gone.isEmpty {
            containers.removeAll { gone.contains(ObjectIdentifier($0)) }
            total -= gone.count
        }
        return (containers.compactMap(\.latest), total)
    }

    /// Forgets the last readings, so that the next rates do not span a time in which nothing was sampled.
    package func reset() { for container in containers { container.reset() } }

    private func isInTurn(_ place: Int) -> Bool {
        guard containers.count > Self.containersPerReading else { return true }
        let distance = (place - turn % containers.count + containers.count) % containers.count
        return distance < Self.containersPerReading
    }

    private func search(_ buffer: ReadBuffer) {
        if places == nil || mountinfo.mayHaveChanged() {
            let mounts = try? mountinfo.read(buffer) { bytes throws(ProbeError) in ControlGroupMount.mounts(bytes) }
            let found = mounts.map(ContainerHierarchies.init)
            if found != places { containers = [] }
            places = found
        }
        guard let places else { return }
        let found = places.containers(root: root)
        total = found.count
        let known = Dictionary(containers.map { ($0.found, $0) }) { first, _ in first }
        containers = found.prefix(Self.maximumContainers)
            .map { known[$0] ?? Container($0, places, root: root) }
            .sorted { $0.found.path < $1.found.path }
        for container in containers { container.readParents(buffer) }
    }
}
