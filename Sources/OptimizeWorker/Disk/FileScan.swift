internal import Glibc
internal import Runtime
internal import Synchronization

/// A walk through a folder that finds what may be cleaned away.
///
/// Follows no link, crosses no mount, and keeps the times of access where the system permits. Handed out in parts, so
/// that whoever walks can stop. Safe to use from any thread; calls block.
final class FileScan: Sendable {
    /// What to find.
    struct Rule: Sendable {
        var kind: CleaningTarget.Kind
        /// Neither written nor read after this, in nanoseconds since 1970.
        var unusedSince: Int
        /// Only files of this user; nil for everyone's, which takes root.
        var owner: UInt32?
    }

    /// A file that may be cleaned away, by its path beneath the folder.
    struct FoundFile: Sendable {
        var path: [UInt8]
        var status: FileStatus
    }

    /// What the walk came by.
    struct Counts: Sendable {
        var entries = 0
        /// On the disk, of the regular files that were looked at.
        var bytes = 0
        var unreadableFolders = 0
        var openFiles = 0
        var linkedFiles = 0
        var othersFiles = 0
        var recentFiles = 0
        var isTruncated = false
    }

    private struct State {
        /// Folders to look through, by their paths beneath the root. Bounded by the entries.
        var folders: [[UInt8]] = [[]]
        var counts = Counts()
    }

    /// Names of folders and files in temporary folders that belong to running programs, whatever their age
    /// (tmpfiles.d(5), `x11.conf` and `systemd-tmp.conf`).
    private static let keptPrefixes = [
        "systemd-private-", "snap-private-tmp", ".X", ".ICE-unix", ".font-unix", ".Test-unix",
    ]

    private let root: Folder
    private let rootPath: String
    private let rule: Rule
    private let isOpen: OpenFiles
    private let policy: PathPolicy
    private let excluded: Set<FileKey>
    private let maximumEntries: Int
    private let deadline: Duration
    private let time: any TimeSource
    private let state = Mutex(State())

    init(
        _ root: Folder, at path: String, rule: Rule, openFiles: OpenFiles, policy: PathPolicy, excluded: Set<FileKey>,
        configuration: DiskConfiguration, time: any TimeSource
    ) {
        self.root = root
        rootPath = path
        self.rule = rule
        isOpen = openFiles
        self.policy = policy
        self.excluded = excluded
        maximumEntries = configuration.maximumEntries
        deadline = time.uptime + configuration.maximumScan
        self.time = time
    }

    var counts: Counts { state.withLock { $0.counts } }

    /// Goes on for about 2,000 entries; nil when the walk is over.
    func next() -> [FoundFile]? {
        state.withLock { state in
            guard !state.folders.isEmpty else { return nil }
            var found: [FoundFile] = []
            let end = state.counts.entries + 2000
            while state.counts.entries < end, let path = state.folders.popLast() {
                guard state.counts.entries < maximumEntries, time.uptime < deadline else {
                    state.counts.isTruncated = true
                    state.folders = []
                    break
                }
                look(into: path, &state, &found)
            }
            return found
        }
    }

    private func look(into path: [UInt8], _ state: inout State, _ found: inout [FoundFile]) {
        do {
            let folder = try root.folder(path)
            guard !excluded.contains(try folder.status().key) else { return }
            let (names, isCut) = try folder.names(limit: maximumEntries - state.counts.entries)
            state.counts.isTruncated = state.counts.isTruncated || isCut
            state.counts.entries += names.count
            var folders: [[UInt8]] = []
            for name in names where !isKept(name, in: path) {
                // Gone again, or not to be seen: not a candidate either way.
                guard let status = try? folder.status(of: name) else { continue }
                let full = path.isEmpty ? name : path + [UInt8(ascii: "/")] + name
                if status.isFolder {
                    if rule.kind == .oldFiles { folders.append(full) }
                } else if isCandidate(name, status, &state.counts) {
                    found.append(FoundFile(path: full, status: status))
                }
            }
            // The last is taken first.
            state.folders += folders.reversed()
        } catch {
            state.counts.unreadableFolders += 1
        }
    }

    private func isKept(_ name: [UInt8], in path: [UInt8]) -> Bool {
        if name == Quarantine.folderName { return true }
        let full = (path.isEmpty ? [] : path + [UInt8(ascii: "/")]) + name
        if policy.objection(to: "\(rootPath)/\(String(decoding: full, as: UTF8.self))") != nil { return true }
        return path.isEmpty && rule.kind == .oldFiles && Self.keptPrefixes.contains { name.starts(with: $0.utf8) }
    }

    private func isCandidate(_ name: [UInt8], _ status: FileStatus, _ counts: inout Counts) -> Bool {
        guard status.isRegularFile else { return false }
        counts.bytes += status.diskBytes
        if rule.kind == .packageArchives, !name.suffix(4).elementsEqual(".deb".utf8) { return false }
        guard max(status.modified, status.accessed) <= rule.unusedSince else {
            counts.recentFiles += 1
            return false
        }
        if let owner = rule.owner, status.owner != owner {
            counts.othersFiles += 1
            return false
        }
        guard status.links == 1 else {
            counts.linkedFiles += 1
            return false
        }
        guard !isOpen.contains(status.key) else {
            counts.openFiles += 1
            return false
        }
        return true
    }
}
