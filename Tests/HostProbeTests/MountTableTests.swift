import Testing

@testable import HostProbe

@Suite struct MountTableTests {
    private func mounts(_ text: String) -> [Mount] { withBytes(text) { MountTable.mounts($0) } }

    @Test func keepsStorageAndLeavesTheRest() {
        let table = """
            22 27 0:21 / /proc rw,relatime - proc proc rw
            24 27 0:6 / /dev rw,relatime - devtmpfs devtmpfs rw,size=12334492k
            25 24 0:23 / /dev/shm rw,relatime shared:2 - tmpfs tmpfs rw
            27 1 254:0 / / rw,relatime - ext4 /dev/vda rw,discard
            28 27 7:1 / /snap/core/1 ro - squashfs /dev/loop1 ro
            31 27 0:28 / /sys/fs/cgroup rw - cgroup2 cgroup2 rw
            40 27 0:50 / /var/lib/docker/overlay2/x/merged rw - overlay overlay rw
            41 27 0:51 / /mnt/nfs rw shared:3 master:1 - nfs4 server:/export rw
            42 27 0:52 / /mnt/pool rw - zfs pool/data rw
            43 27 0:53 /sub /home rw - btrfs /dev/sdb rw

            """
        #expect(mounts(table).map(\.path) == ["/", "/mnt/nfs", "/mnt/pool", "/home"])
    }

    @Test func keepsTheRootOfAContainer() {
        #expect(mounts("1 0 0:50 / / rw - overlay overlay rw\n").map(\.path) == ["/"])
    }

    @Test func showsEachFileSystemOnce() {
        let table = """
            1 0 8:1 /etc/hosts /etc/hosts rw - ext4 /dev/sda1 rw
            2 0 8:1 / /data rw - ext4 /dev/sda1 rw
            3 0 8:1 / /d rw - ext4 /dev/sda1 rw
            4 0 8:2 /a /long/bind rw - ext4 /dev/sda2 rw
            5 0 8:2 /a /bind rw - ext4 /dev/sda2 rw

            """
        #expect(mounts(table).map(\.path) == ["/d", "/bind"])
    }

    @Test func leavesAMountThatIsHidden() {
        let table = "1 0 8:1 / /data rw - ext4 /dev/sda1 rw\n2 0 8:2 / /data rw - ext4 /dev/sda2 rw\n"
        #expect(mounts(table).map(\.source) == ["/dev/sda2"])
    }

    @Test func decodesEscapes() {
        let table = #"1 0 8:1 / /my\040disk\134x\09 rw - ext4 /dev/disk\040one rw"#
        let found = mounts(table)
        #expect(found.map(\.path) == [#"/my disk\x\09"#])
        #expect(found.map(\.source) == ["/dev/disk one"])
    }

    @Test func ignoresMalformedLines() {
        let table = """
            1 0 8:1 / /a rw ext4 /dev/sda1 rw
            1 0 8:1 / /b rw - ext4
            x 0 8:1 / /c rw - ext4 /dev/sda1 rw
            1 0 8:1 /
            -

            """
        #expect(mounts(table).isEmpty)
    }
}
