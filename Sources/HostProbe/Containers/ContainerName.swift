/// Which container a control group is, by its path: what each runtime calls its groups.
struct ContainerName: Hashable {
    /// Nil where Kubernetes chose the name, which leaves out the runtime.
    var runtime: ContainerReading.Runtime?
    /// 64 hexadecimal digits, or the name where the runtime has no other identifier.
    var id: String
    /// Only where it is the identifier: control groups do not tell it otherwise.
    var name: String?

    private static let prefixes: [(text: String, runtime: ContainerReading.Runtime)] = [
        ("docker-", .docker), ("cri-containerd-", .containerd), ("nerdctl-", .containerd), ("crio-", .crio),
        ("libpod-", .podman),
    ]

    /// - Parameter path: the names of the groups from the root on.
    /// - Returns: Nil for a group that is no container.
    init?(path: [String]) {
        guard let last = path.last else { return nil }
        let parents = path.dropLast()
        let unit = last.hasSuffix(".scope") ? last.dropLast(".scope".count) : last[...]
        if let (prefix, runtime) = Self.prefixes.first(where: { unit.hasPrefix($0.text) }) {
            self.init(runtime, identifier: unit.dropFirst(prefix.count))
        } else if last.contains(":") {
            // A driver of systemd's that found no systemd: `slice:prefix:id`.
            let parts = last.split(separator: ":", omittingEmptySubsequences: false)
            guard parts.count == 3, let (_, runtime) = Self.prefixes.first(where: { $0.text == parts[1] + "-" }) else {
                return nil
            }
            self.init(runtime, identifier: parts[2])
        } else if last.hasPrefix("lxc.payload.") {
            self.init(.lxc, name: last.dropFirst("lxc.payload.".count))
        } else if parents.last == "lxc" || parents.last == "lxc.payload" {
            self.init(.lxc, name: unit)
        } else if last.hasPrefix("systemd-nspawn@"), last.hasSuffix(".service") {
            let instance = last.dropFirst("systemd-nspawn@".count).dropLast(".service".count)
            self.init(.nspawn, name: Self.unescaped(instance)[...])
        } else if parents.last == "docker" {
            self.init(.docker, identifier: unit)
        } else if parents.contains(where: { $0.hasPrefix("kubepods") }) {
            self.init(nil, identifier: unit)
        } else {
            return nil
        }
    }

    private init?(_ runtime: ContainerReading.Runtime?, identifier: Substring) {
        let digits = identifier.utf8
        guard digits.count == 64,
            digits.allSatisfy({ (0x30...0x39).contains($0) || (0x61...0x66).contains($0) })
        else { return nil }
        self.runtime = runtime
        id = String(identifier)
    }

    private init?(_ runtime: ContainerReading.Runtime, name: Substring) {
        guard !name.isEmpty else { return nil }
        self.runtime = runtime
        id = String(name)
        self.name = id
    }

    /// A name of systemd's without its escapes: `\x2d` is a hyphen (systemd-escape(1)).
    private static func unescaped(_ text: Substring) -> String {
        var bytes: [UInt8] = []
        var rest = text.utf8[...]
        while let byte = rest.popFirst() {
            if byte == UInt8(ascii: "\\"), rest.first == UInt8(ascii: "x"),
                let digits = String(rest.dropFirst().prefix(2)), digits.utf8.count == 2,
                let value = UInt8(digits, radix: 16)
            {
                bytes.append(value)
                rest = rest.dropFirst(3)
            } else {
                bytes.append(byte)
            }
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
