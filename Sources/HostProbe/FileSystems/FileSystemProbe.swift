/// Reads how full every mounted storage is, without ever waiting long for one. Belongs to one thread.
///
/// A hung network mount blocks `statvfs` for ever, so another thread calls it. A mount that does not answer within
/// the patience is given up together with its thread and not asked again until that call returns. At most
/// `maximumStuckThreads` are given up; beyond, nothing is asked until one returns.
package final class FileSystemProbe {
    package static let maximumStuckThreads = 4
    /// Readings after which the table is read again, should the kernel not report its changes.
    private static let readingsPerTable = 60

    private typealias SpaceThread = AnsweringThread<String, Result<FileSystemSpace, ProbeError>>

    private let mountinfo: KernelFile
    private let root: String
    private let patience: Int
    private let question: @Sendable (String) throws(ProbeError) -> FileSystemSpace
    private var mounts: [Mount] = []
    private var readings = 0
    private var thread: SpaceThread?
    private var stuck: [(path: String, thread: SpaceThread)] = []

    /// - Parameters:
    ///   - patience: nanoseconds that a reading waits for a mount before it gives it up.
    ///   - question: `statvfs`, or what a test puts in its place.
    package init(
        root: String = "", patience: Int = 100_000_000,
        question: @escaping @Sendable (String) throws(ProbeError) -> FileSystemSpace = FileSystemSpace.of
    ) {
        mountinfo = KernelFile(root: root, "/proc/self/mountinfo", hasLongRecords: true)
        self.root = root
        self.patience = patience
        self.question = question
    }

    deinit { thread?.end() }

    /// File systems without blocks are left out.
    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> [FileSystemUsage] {
        if readings % Self.readingsPerTable == 0 || mountinfo.mayHaveChanged() {
            mounts = try mountinfo.read(buffer) { bytes throws(ProbeError) in MountTable.mounts(bytes) }
            readings = 0
        }
        readings += 1
        stuck.removeAll { !$0.thread.isAlive }
        var usages: [FileSystemUsage] = []
        usages.reserveCapacity(mounts.count)
        var asked: [Mount] = []
        for mount in mounts {
            if stuck.contains(where: { $0.path == mount.path }) {
                usages.append(silent(mount))
            } else {
                asked.append(mount)
            }
        }
        while !asked.isEmpty {
            guard stuck.count < Self.maximumStuckThreads, let thread = thread ?? startThread() else {
                usages += asked.map(silent)
                break
            }
            self.thread = thread
            let answers = thread.ask(asked.map { root + $0.path }, patience: patience)
            for (mount, answer) in zip(asked, answers) { append(answer, of: mount, to: &usages) }
            asked.removeFirst(answers.count)
            guard let hung = asked.first else { break }
            thread.end()
            self.thread = nil
            stuck.append((hung.path, thread))
            usages.append(silent(hung))
            asked.removeFirst()
        }
        return usages
    }

    private func startThread() -> SpaceThread? {
        SpaceThread.start { [question] path in Result { () throws(ProbeError) in try question(path) } }
    }

    private func append(
        _ answer: Result<FileSystemSpace, ProbeError>, of mount: Mount, to usages: inout [FileSystemUsage]
    ) {
        switch answer {
        case .success(let space):
            if space.total > 0 { usages.append(FileSystemUsage(mount: mount, space: space)) }
        case .failure(var problem):
            problem.source = mount.path
            usages.append(FileSystemUsage(mount: mount, space: nil, problem: problem))
        }
    }

    private func silent(_ mount: Mount) -> FileSystemUsage {
        FileSystemUsage(mount: mount, space: nil, problem: ProbeError(.notAnswering, source: mount.path))
    }
}
