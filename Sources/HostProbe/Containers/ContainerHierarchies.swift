import Glibc

/// Where control groups are mounted, of version 1, 2 or both, and the containers among them.
struct ContainerHierarchies: Equatable {
    /// A group that is a container.
    struct Found: Hashable {
        var name: ContainerName
        /// In its hierarchy, with a slash before it.
        var path: String
    }

    /// Kubernetes in a container nests deepest: six levels of its own below those of the container.
    private static let maximumDepth = 12
    /// Folders that one search looks into.
    private static let maximumFolders = 4096
    private static let maximumNames = 1024

    /// Folders below the root; of the controllers those of version 1.
    var memory: String?
    var cpu: String?
    var cpuAccounting: String?
    var blockIO: String?
    var tasks: String?
    var unified: String?

    init(_ mounts: [ControlGroupMount]) {
        func mount(_ controller: String) -> String? {
            mounts.first { $0.controllers?.contains(controller) == true }?.path
        }
        memory = mount("memory")
        cpu = mount("cpu")
        cpuAccounting = mount("cpuacct")
        blockIO = mount("blkio")
        tasks = mount("pids")
        unified = mounts.first { $0.controllers == nil }?.path
    }

    /// Where containers are looked for: the hierarchy that counts their memory.
    var searched: String? { memory ?? unified ?? cpu ?? cpuAccounting }

    /// Looks for containers, those of few parents first; those within others too.
    func containers(root: String) -> [Found] {
        guard let searched else { return [] }
        var found: [Found] = []
        var waiting: [[String]] = [[]]
        var place = 0
        while place < waiting.count, place < Self.maximumFolders {
            let parent = waiting[place]
            place += 1
            let folder = root + searched + parent.map { "/" + $0 }.joined()
            for (child, mayHaveChildren) in Self.children(folder) {
                let path = parent + [child]
                if let name = ContainerName(path: path) {
                    found.append(Found(name: name, path: "/" + path.joined(separator: "/")))
                }
                if mayHaveChildren, path.count < Self.maximumDepth, waiting.count < Self.maximumFolders {
                    waiting.append(path)
                }
            }
        }
        return found
    }

    /// The folders in a folder, sorted, and whether they have folders themselves: one link of each leads back to it, so a
    /// folder with two links has none. Control groups have dozens of files, and most have no groups below them.
    private static func children(_ folder: String) -> [(name: String, mayHaveChildren: Bool)] {
        guard let directory = opendir(folder) else { return [] }
        defer { closedir(directory) }
        var children: [(name: String, mayHaveChildren: Bool)] = []
        while children.count < Self.maximumNames, let entry = readdir(directory) {
            let type = entry.pointee.d_type
            guard type == DT_DIR || type == DT_UNKNOWN else { continue }
            withUnsafeBytes(of: &entry.pointee.d_name) { bytes in
                guard let start = bytes.baseAddress?.assumingMemoryBound(to: CChar.self), start.pointee != 0x2e else {
                    return
                }
                var information = stat()
                guard fstatat(dirfd(directory), start, &information, AT_SYMLINK_NOFOLLOW) == 0,
                    information.st_mode & S_IFMT == S_IFDIR
                else { return }
                children.append((String(cString: start), information.st_nlink != 2))
            }
        }
        return children.sorted { $0.name < $1.name }
    }
}
