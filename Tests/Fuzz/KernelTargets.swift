@testable import HostProbe

/// Files of `/proc` and `/sys`, each with the parser that reads it. No kernel writes such things, but a container's
/// root may be anyone's.
enum KernelTargets {
    static var all: [FuzzTarget] {
        [
            stat, meminfo, vmstat, zoneinfo, pressure, diskstats, interfaces, mounts, groups, snmp, sockstat, loads,
            values, listeners, accounts, processors, information, containers, transfers,
        ]
    }

    private static let stat = FuzzTarget(
        "proc_stat",
        texts: [
            "cpu  10 2 3 400 5 6 7 8 9 10\ncpu0 1 2 3 4\ncpu7 9 9 9 9 9 9 9 9 9 9\nprocs_running 3\nprocs_blocked 1\n"
        ]
    ) { input in
        guard let reading = input.withUnsafeBytes({ CPUReading(stat: $0, expectedCores: 1) }) else { throw Refused() }
        let ids = reading.cores.map(\.id)
        try Finding.unless(ids == ids.sorted() && Set(ids).count == ids.count, "cores are not in order")
        if let usage = CPUUsage.between(CPUTimes(), reading.total, ticksPerSecond: 100) {
            try Finding.unless((0...100).contains(usage.busy), "busy for \(usage.busy) percent")
        }
    }

    private static let listeners = FuzzTarget(
        "proc_net_tcp",
        texts: [
            "sl local_address\n 0: 0100007F:1F90 00000000:0000 0A 00000000:00000000 00:00000000 00000000 1000 0 1\n",
            "0: 00000000000000000000000001000000:18EB 0:0 0A 0:0 0:0 0 33 0 4\n",
        ]
    ) { input in
        let sockets = input.withUnsafeBytes { ListeningSocket.all($0) }
        try Finding.unless(sockets.allSatisfy { !$0.address.isEmpty }, "a socket without an address")
    }

    private static let accounts = FuzzTarget(
        "etc_passwd", texts: ["root:x:0:0::/root:/bin/sh\n", "ann::1:0\n:::\n", "a:b"]
    ) { input in
        let names = input.withUnsafeBytes { LocalAccounts.names($0, whereField: 2) { !$0.isAtEnd } }
        try Finding.unless(names.count <= 64 && names.allSatisfy { !$0.isEmpty }, "an account without a name")
    }

    private static let meminfo = FuzzTarget(
        "proc_meminfo",
        texts: ["MemTotal: 16 kB\nMemFree: 1 kB\nActive(file): 3 kB\nInactive(file): 4 kB\nSReclaimable: 5 kB\n"]
    ) { input in
        let fields = input.withUnsafeBytes { MemoryFields($0) }
        _ = (fields.estimatedAvailable(low: nil), fields.estimatedAvailable(low: .max))
    }

    private static let zoneinfo = FuzzTarget(
        "proc_zoneinfo", texts: ["Node 0, zone DMA\n  pages free 10\n        low      100\n        low 12\n"]
    ) { input in
        guard input.withUnsafeBytes({ MemoryFields.lowWatermarkPages(zoneinfo: $0) }) != nil else { throw Refused() }
    }

    private static let vmstat = FuzzTarget(
        "proc_vmstat",
        texts: ["pgpgin 4134\npgpgout 28\npswpin 1\npswpout 2\npgmajfault 9\noom_kill 18446744073709551615\n"]
    ) { input in
        guard let counters = input.withUnsafeBytes({ VirtualMemoryCounters(vmstat: $0) }) else { throw Refused() }
        let rates = VirtualMemoryRates.between(VirtualMemoryCounters(), counters, seconds: 1, pageSize: 4096)
        try Finding.unless(rates == VirtualMemoryRates(), "a rate of nothing")
    }

    private static let pressure = FuzzTarget(
        "proc_pressure",
        texts: ["some avg10=1.50 avg60=0.75 avg300=0.10 total=1\nfull avg10=0.5 avg60=0 avg300=0 total=2\n"]
    ) { input in
        guard input.withUnsafeBytes({ Pressure($0) }) != nil else { throw Refused() }
    }

    private static let diskstats = FuzzTarget(
        "proc_diskstats",
        texts: ["8 0 sda 100 5 800 30 200 6 1600 40 0 4294967295 70 0 0\n259 1 nvme0n1p1 1 0 8 3 2 0 6 4 0 5 7\n"]
    ) { input in
        let disks = lines(input) { DiskCounters(&$0) }
        for disk in disks {
            _ = DeviceName.kind(of: disk.name)
            for other in disks {
                guard let rates = DiskRates.between(disk, other, seconds: 1) else { continue }
                try Finding.unless((0...100).contains(rates.utilizationPercent), "used \(rates.utilizationPercent) %")
            }
        }
    }

    private static let interfaces = FuzzTarget(
        "proc_net_dev",
        texts: ["Inter-| Receive\n  eth0: 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16\n eth0:1: 1 2 3 4 5 6 7 8 9 1 1 1\n"]
    ) { input in
        let reading = NetworkReading(interfaces: lines(input) { InterfaceCounters(&$0) })
        _ = (reading.receivedBytes, reading.sentBytes)
    }

    private static let mounts = FuzzTarget(
        "proc_mountinfo",
        texts: [
            "36 35 98:0 / /mnt\\040x rw shared:1 - ext4 /dev/sda1 rw\n24 22 0:21 /a /sys/fs/cgroup rw - cgroup2 none rw\n"
                + "25 22 0:22 / /m rw - cgroup cgroup rw,memory,cpu\n"
        ]
    ) { input in
        let devices = input.withUnsafeBytes { MountTable.mounts($0) }.map(\.device)
        try Finding.unless(Set(devices).count == devices.count, "a file system stands twice")
        _ = input.withUnsafeBytes { ControlGroupMount.mounts($0) }
    }

    private static let groups = FuzzTarget(
        "proc_cgroup", texts: ["4:memory:/jobs/7\n3:cpu,cpuacct:/a:b\n1:name=systemd:/\n0::/../x\n", "0::/a.slice/b\n"]
    ) { input in
        let mounts = [
            ControlGroupMount(path: "/g/m", folder: "/jobs", controllers: ["memory"]),
            ControlGroupMount(path: "/g/c", folder: "/", controllers: ["cpu", "cpuacct"]),
            ControlGroupMount(path: "/g/u", folder: "/", controllers: nil),
        ]
        let places = input.withUnsafeBytes { bytes in
            ControlGroupPlaces(membership: bytes, mounts: mounts) { _ in true }
        }
        for lineage in [places.memory, places.cpu, places.cpuAccounting, places.unified] {
            for folder in lineage ?? [] {
                let isInside = folder.hasPrefix("/g/") && !folder.split(separator: "/").contains("..")
                try Finding.unless(isInside, "\(folder) is outside of the mount")
            }
        }
    }

    private static let snmp = FuzzTarget(
        "proc_net_snmp", texts: ["Tcp: MaxConn CurrEstab OutSegs RetransSegs\nTcp: -1 5 100 7\nUdp: A\nUdp: 1\n"]
    ) { input in
        guard let counters = input.withUnsafeBytes({ TCPCounters(snmp: $0) }) else { throw Refused() }
        var start = TCPCounters()
        start.sentSegments = 0
        start.retransmittedSegments = 0
        if let percent = TCPRates.between(start, counters, seconds: 1).retransmittedPercent {
            try Finding.unless((0...100).contains(percent), "\(percent) percent sent again")
        }
    }

    private static let sockstat = FuzzTarget(
        "proc_net_sockstat", texts: ["sockets: used 23\nTCP: inuse 1 orphan 0 tw 75 alloc 1 mem 300\n"]
    ) { input in
        guard input.withUnsafeBytes({ SocketCounts(sockstat: $0) }) != nil else { throw Refused() }
    }

    private static let loads = FuzzTarget("proc_loadavg", texts: ["0.53 1.20 12.07 3/95 13752\n", "439\t0\t2466170\n"])
    {
        input in
        let load = input.withUnsafeBytes { LoadAverage($0) }
        let files = input.withUnsafeBytes { OpenFiles($0) }
        if load == nil, files == nil { throw Refused() }
    }

    private static let values = FuzzTarget("sysfs_value", texts: ["-5250\n", "250000 100000\n", "1.5\n"]) { input in
        _ = lines(input) { line in
            var copies = (line, line, line)
            let whole = copies.0.signedInteger()
            _ = (copies.1.integer(), copies.2.decimal())
            return Temperature.celsius(thousandths: whole)
        }
    }

    private static let processors = FuzzTarget(
        "sysfs_cpulist", texts: ["0-3,8\n", "0,2,4-255\n", "2147483647\n", "7-9,10"]
    ) { input in
        let lists = lines(input) { CPUList(&$0) }
        if lists.isEmpty { throw Refused() }
        for list in lists {
            for other in lists {
                try Finding.unless(
                    list.count(alsoIn: other) == other.count(alsoIn: list) && list.count(alsoIn: other) <= list.count,
                    "lists have more in common than they have")
            }
            let text = list.text
            let again = Array(text.utf8).withUnsafeBytes { bytes in
                var cursor = ByteCursor(bytes)
                return CPUList(&cursor)
            }
            try Finding.unless(again == list, "\(text) is another list")
        }
    }

    private static let information = FuzzTarget(
        "proc_cpuinfo",
        texts: [
            "processor\t: 0\ncpu MHz\t\t: 2596.140\nphysical id\t: 0\ncore id\t\t: 0\n\nprocessor\t: 1\n"
                + "cpu MHz\t\t: 800.000\nphysical id\t: 0\ncore id\t\t: 0\n",
            "processor : 7\ncpu MHz dynamic : 5\ncpu MHz : 1.5\n",
        ]
    ) { input in
        let information = input.withUnsafeBytes { CPUInformation($0) }
        if information.megahertz == nil, information.physicalCores == nil { throw Refused() }
        try Finding.unless((information.megahertz ?? 0) >= 0, "a frequency below 0")
        try Finding.unless((information.physicalCores ?? 1) >= 1, "no core")
    }

    /// The names of groups, which whoever makes groups chooses.
    private static let containers = FuzzTarget(
        "cgroup_name",
        texts: ["docker-ID.scope", "docker/ID", "a.slice:cri-containerd:ID", "kubepods/pod1/ID"].map {
            let id = String(repeating: "0123456789abcdef", count: 4)
            return $0.split(separator: "ID", omittingEmptySubsequences: false).joined(separator: id)
        } + [
            "lxc/web", "lxc.payload.web", "machine.slice/systemd-nspawn@a\\x2db.service",
            "a\\x/systemd-nspawn@\\xff.service",
        ]
    ) { input in
        let path = String(decoding: input, as: UTF8.self).split(separator: "/").map(String.init)
        guard let name = ContainerName(path: path) else { throw Refused() }
        try Finding.unless(!name.id.isEmpty, "a container without an identifier")
        try Finding.unless(name.name.map { $0 == name.id } ?? (name.id.utf8.count == 64), "an identifier that is none")
    }

    private static let transfers = FuzzTarget(
        "cgroup_io",
        texts: [
            "8:0 rbytes=4096 wbytes=8192 rios=1 wios=2 dbytes=0 dios=0\n",
            "8:0 Read 4096\n8:0 Write 18446744073709551615\n8:16 Write 1\nTotal 12288\n",
        ]
    ) { input in
        if input.withUnsafeBytes({ BlockTransfers($0) }) == BlockTransfers() { throw Refused() }
    }

    private static func lines<T>(_ input: [UInt8], _ read: (inout ByteCursor) -> T?) -> [T] {
        input.withUnsafeBytes { bytes in
            var cursor = ByteCursor(bytes)
            var values: [T] = []
            while values.count < 64, var line = cursor.line() {
                if let value = read(&line) { values.append(value) }
            }
            return values
        }
    }
}
