import Testing

@testable import HostProbe

@Suite struct CPUTopologyTests {
    private let buffer = ReadBuffer()

    private func siblings(_ root: FixtureRoot, _ processor: Int, _ list: String) throws {
        try root.write("/sys/devices/system/cpu/cpu\(processor)/topology/thread_siblings_list", list + "\n")
    }

    @Test func countsCoresByTheirSiblings() throws {
        let root = try FixtureRoot()
        for core in 0..<128 {
            try siblings(root, core, "\(core),\(core + 128)")
            try siblings(root, core + 128, "\(core),\(core + 128)")
        }
        let probe = CPUTopologyProbe(root: root.path)
        #expect(probe.physicalCores(buffer, online: CPUList(0..<256)) == 128)
    }

    @Test func readsAgainWhenOthersAreOnline() throws {
        let root = try FixtureRoot()
        for processor in [0, 1] { try siblings(root, processor, "0-1") }
        for processor in [2, 3] { try siblings(root, processor, "2-3") }
        let probe = CPUTopologyProbe(root: root.path)
        #expect(probe.physicalCores(buffer, online: CPUList(0...3)) == 2)
        try siblings(root, 0, "0")
        #expect(probe.physicalCores(buffer, online: CPUList([0, 2, 3])) == 2)
        #expect(probe.physicalCores(buffer, online: CPUList([0])) == 1)
        #expect(probe.physicalCores(buffer, online: CPUList(0...4)) == nil)
    }

    @Test func takesThoseOfCPUInfoWithoutSysfs() throws {
        let root = try FixtureRoot()
        let block = { (number: Int, package: Int, core: Int) in
            "processor\t: \(number)\nmodel name\t: X\nphysical id\t: \(package)\nsiblings\t: 4\ncore id\t\t: \(core)\n\n"
        }
        try root.write("/proc/cpuinfo", block(0, 0, 0) + block(1, 0, 1) + block(2, 1, 0) + block(3, 1, 0))
        #expect(CPUTopologyProbe(root: root.path).physicalCores(buffer, online: CPUList(0...3)) == 3)
        try root.write("/proc/cpuinfo", block(0, 0, 0) + "processor\t: 1\nBogoMIPS\t: 50.00\n")
        #expect(CPUTopologyProbe(root: root.path).physicalCores(buffer, online: CPUList(0...1)) == nil)
    }

    @Test(arguments: [
        // ARM has no frequency and no core; s390 and PowerPC have lines of other names and forms.
        "processor\t: 0\nBogoMIPS\t: 108.00\nCPU implementer\t: 0x41\n",
        "processor 0: version = FF\ncpu MHz dynamic : 5\n",
        "processor\t: 0\nclock\t\t: 3425.000000MHz\n", "core id\t\t: 0\ncpu MHz\t\t: x\n", "",
    ])
    func knowsNothingOfOtherForms(text: String) {
        let information = withBytes(text) { CPUInformation($0) }
        #expect(information.megahertz == nil)
        #expect(information.physicalCores == nil)
    }
}
