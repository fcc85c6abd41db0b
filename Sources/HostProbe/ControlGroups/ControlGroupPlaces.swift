import Glibc

/// Where the files of this process's control groups are: `/proc/self/cgroup` and `/proc/self/mountinfo` together
/// (cgroups(7)).
struct ControlGroupPlaces: Equatable {
    /// Folders below the root, the group first and then each of its parents up to the one that is mounted.
    typealias Lineage = [String]

    /// Of version 2, with what it controls where version 1 does not.
    var unified: Lineage?
    /// Of version 1.
    var memory: Lineage?
    var cpu: Lineage?
    var cpuAccounting: Lineage?
    var cpuset: Lineage?
    /// The path of the group in its hierarchy: of the memory controller, of version 2, or of the
    /// processor's.
    var path: String?

    /// Deeper groups are looked at only this far up.
    private static let maximumDepth = 32

    /// - Parameter exists: whether there is a folder, below the root.
    init(
        membership: UnsafeRawBufferPointer, mounts: [ControlGroupMount], exists: (String) -> Bool
    ) {
        var cursor = ByteCursor(membership)
        var memoryPath: String?
        var unifiedPath: String?
        var processorPath: String?
        var cpusetPath: String?
        // A line is `hierarchy:controllers:path`; version 2 has the hierarchy 0 and no controllers.
        while var line = cursor.line() {
            guard let hierarchy = line.upTo(UInt8(ascii: ":")), let controllers = line.upTo(UInt8(ascii: ":")) else {
                continue
            }
            let path = line.text
            if hierarchy.equals("0") {
                let mount = mounts.first { $0.controllers == nil }
                unified = mount.map { Self.lineage($0, path, exists) }
                unifiedPath = unified == nil ? nil : path
                continue
            }
            for controller in controllers.text.split(separator: ",") {
                guard let mount = mounts.first(where: { $0.controllers?.contains(String(controller)) == true }) else {
                    continue
                }
                let lineage = Self.lineage(mount, path, exists)
                switch controller {
                case "memory":
                    memory = lineage
                    memoryPath = path
                case "cpu":
                    cpu = lineage
                    processorPath = path
                case "cpuacct":
                    cpuAccounting = lineage
                    processorPath = processorPath ?? path
                case "cpuset":
                    cpuset = lineage
                    cpusetPath = path
                default: break
                }
            }
        }
        path = memoryPath ?? unifiedPath ?? processorPath ?? cpusetPath
    }

    /// A container may see a path of the host that is not below what is mounted for it: then the mount is its group.
    private static func lineage(_ mount: ControlGroupMount, _ path: String, _ exists: (String) -> Bool) -> Lineage {
        var rest = path[...]
        if mount.folder != "/" {
            let isBelow = path == mount.folder || path.hasPrefix(mount.folder + "/")
            rest = isBelow ? path.dropFirst(mount.folder.count) : ""
        }
        var names = rest.split(separator: "/").map(String.init)
        if names.contains("..") || !exists(([mount.path] + names).joined(separator: "/")) { names = [] }
        var lineage: Lineage = []
        while lineage.count < maximumDepth {
            lineage.append(([mount.path] + names).joined(separator: "/"))
            if names.popLast() == nil { break }
        }
        return lineage
    }
}

/// A mounted hierarchy of control groups.
struct ControlGroupMount: Equatable {
    var path: String
    /// The group of the hierarchy that is mounted; not `/` inside some containers.
    var folder: String
    /// Of version 1; nil for version 2.
    var controllers: Set<String>?

    /// Those of `/proc/self/mountinfo`; malformed lines are ignored.
    static func mounts(_ bytes: UnsafeRawBufferPointer) -> [ControlGroupMount] {
        var cursor = ByteCursor(bytes)
        var mounts: [ControlGroupMount] = []
        while var line = cursor.line() {
            guard let mount = Mount(&line), mount.type == "cgroup" || mount.type == "cgroup2" else { continue }
            let options = line.word()?.text.split(separator: ",").map(String.init) ?? []
            mounts.append(
                ControlGroupMount(
                    path: mount.path, folder: mount.folder, controllers: mount.type == "cgroup" ? Set(options) : nil))
        }
        return mounts
    }
}
