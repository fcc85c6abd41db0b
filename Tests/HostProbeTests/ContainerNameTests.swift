import Testing

@testable import HostProbe

@Suite struct ContainerNameTests {
    private static let id = String(repeating: "4f0c2a1b", count: 8)

    private func name(_ path: String) -> ContainerName? {
        ContainerName(path: path.split(separator: "/").map(String.init))
    }

    @Test(
        arguments: [
            ("/docker/ID", .docker), ("/system.slice/docker-ID.scope", .docker),
            ("/kubepods.slice/kubepods-burstable.slice/kubepods-burstable-pod1_2.slice/docker-ID.scope", .docker),
            ("/kubepods.slice/kubepods-pod1_2.slice/cri-containerd-ID.scope", .containerd),
            ("/system.slice/containerd.service/kubepods-burstable-pod1.slice:cri-containerd:ID", .containerd),
            ("/system.slice/nerdctl-ID.scope", .containerd),
            ("/kubepods.slice/kubepods-besteffort.slice/kubepods-besteffort-pod7.slice/crio-ID.scope", .crio),
            ("/machine.slice/libpod-ID.scope", .podman), ("/libpod_parent/libpod-ID", .podman),
            ("/user.slice/user-1000.slice/user@1000.service/user.slice/libpod-ID.scope", .podman),
            ("/docker/0000/docker/ID", .docker), ("/kubepods/burstable/pod1-2/ID", nil), ("/kubepods/pod1-2/ID", nil),
        ] as [(String, ContainerReading.Runtime?)])
    func knowsTheGroupsOfRuntimes(path: String, runtime: ContainerReading.Runtime?) throws {
        let path = path.split(separator: "ID", omittingEmptySubsequences: false).joined(separator: Self.id)
        let found = try #require(name(path))
        #expect(found.runtime == runtime)
        #expect(found.id == Self.id)
        #expect(found.name == nil)
    }

    @Test(
        arguments: [
            ("/lxc.payload.web", .lxc, "web"), ("/lxc/101", .lxc, "101"), ("/lxc.payload/db.1", .lxc, "db.1"),
            ("/machine.slice/systemd-nspawn@build\\x2dbox.service", .nspawn, "build-box"),
            ("/machine.slice/systemd-nspawn@a\\x2.service", .nspawn, "a\\x2"),
        ] as [(String, ContainerReading.Runtime, String)])
    func knowsContainersThatHaveNames(path: String, runtime: ContainerReading.Runtime, expected: String) throws {
        let found = try #require(name(path))
        #expect(found.runtime == runtime)
        #expect(found.id == expected)
        #expect(found.name == expected)
    }

    @Test(arguments: [
        "/", "/docker", "/lxc", "/lxc.monitor.web", "/lxc.payload.", "/system.slice/docker.service",
        "/machine.slice/libpod-conmon-ID.scope", "/kubepods.slice/crio-conmon-ID.scope", "/kubepods/burstable/pod1-2",
        "/machine.slice/libpod-ID.scope/container", "/user.slice/ID", "/docker/ID0", "/a:cri-containerd:ID:b",
        "/a:x:ID",
        "/machine.slice/systemd-nspawn@.service", "/docker/SHORT", "/docker/CAPITALS",
        "/system.slice/docker-SHORT.scope",
        "/kubepods/pod1/CAPITALS",
    ])
    func leavesOutOtherGroups(path: String) {
        let words = ["ID": Self.id, "SHORT": String(Self.id.dropLast()), "CAPITALS": Self.id.uppercased()]
        var path = path
        for (word, identifier) in words {
            path = path.split(separator: word, omittingEmptySubsequences: false).joined(separator: identifier)
        }
        #expect(name(path) == nil)
    }
}
