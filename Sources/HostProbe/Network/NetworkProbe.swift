import Glibc

/// Reads `/proc/net/dev`. Belongs to one thread.
package final class NetworkProbe {
    private let dev: KernelFile
    private let root: String
    /// Emptied at 4,096 names, so that passing interfaces cannot fill it.
    private var kinds: [String: InterfaceCounters.Kind] = [:]

    package init(root: String = "") {
        dev = KernelFile(root: root, "/proc/net/dev")
        self.root = root
    }

    package func read(_ buffer: ReadBuffer) throws(ProbeError) -> NetworkReading {
        let interfaces = try dev.read(buffer) { bytes throws(ProbeError) in
            var cursor = ByteCursor(bytes)
            var interfaces: [InterfaceCounters] = []
            while var line = cursor.line() {
                guard var interface = InterfaceCounters(&line) else { continue }
                interface.kind = kind(of: interface.name)
                interfaces.append(interface)
            }
            return interfaces
        }
        return NetworkReading(interfaces: interfaces)
    }

    private func kind(of name: String) -> InterfaceCounters.Kind {
        if let known = kinds[name] { return known }
        let kind: InterfaceCounters.Kind
        if name == "lo" {
            kind = .loopback
        } else {
            // Only an interface with a device behind it has the link.
            let hasDevice =
                !name.contains("/") && !name.hasPrefix(".")
                && access(root + "/sys/class/net/" + name + "/device", F_OK) == 0
            kind = hasDevice ? .hardware : .virtual
        }
        if kinds.count >= 4096 { kinds.removeAll() }
        kinds[name] = kind
        return kind
    }
}
