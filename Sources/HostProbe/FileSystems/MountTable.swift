/// The mounts of `/proc/self/mountinfo` that hold files on storage, each file system once.
enum MountTable {
    /// Reads the table; malformed lines are ignored.
    static func mounts(_ bytes: UnsafeRawBufferPointer) -> [Mount] {
        var cursor = ByteCursor(bytes)
        var visible: [Mount] = []
        while var line = cursor.line() {
            guard let mount = Mount(&line) else { continue }
            // A later mount on the same folder hides the earlier one.
            if let hidden = visible.firstIndex(where: { $0.path == mount.path }) { visible.remove(at: hidden) }
            visible.append(mount)
        }
        var chosen: [Mount] = []
        for mount in visible where isStorage(mount) {
            guard let same = chosen.firstIndex(where: { $0.device == mount.device }) else {
                chosen.append(mount)
                continue
            }
            if isBetter(mount, than: chosen[same]) { chosen[same] = mount }
        }
        return chosen
    }

    /// Whether a mount shows its file system better than another of the same: whole, then nearest to `/`.
    private static func isBetter(_ mount: Mount, than other: Mount) -> Bool {
        if (mount.folder == "/") != (other.folder == "/") { return mount.folder == "/" }
        return mount.path.utf8.count < other.path.utf8.count
    }

    private static func isStorage(_ mount: Mount) -> Bool {
        if readOnlyImages.contains(mount.type) { return false }
        // A container's own root is an overlay; other overlays are other containers on the same disk.
        if mount.type == "overlay" || mount.type == "aufs" { return mount.path == "/" }
        return mount.source.hasPrefix("/dev/") && mount.type != "devtmpfs" || withoutDevice.contains(mount.type)
    }

    /// Always full by their nature.
    private static let readOnlyImages: Set<String> = ["squashfs", "iso9660", "erofs", "cramfs", "romfs", "udf"]

    /// Types that hold files without a device node as their source: pools, networks and shared folders.
    private static let withoutDevice: Set<String> = [
        "btrfs", "zfs", "bcachefs", "nfs", "nfs4", "cifs", "smb3", "ceph", "lustre", "gpfs", "9p", "virtiofs",
        "vboxsf", "fuse.sshfs", "fuse.glusterfs", "fuse.s3fs", "fuse.ceph", "fuse.rclone",
    ]
}
