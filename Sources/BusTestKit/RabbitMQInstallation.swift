internal import Glibc

/// Where Debian has put RabbitMQ and Erlang. `/usr/sbin/rabbitmq-server` would change the user and the folder, so the
/// scripts it calls are used.
struct RabbitMQInstallation: Sendable {
    let server: String
    let control: String

    static let erlangCall = "/usr/bin/erl_call"
    static let portMapper = "/usr/bin/epmd"
    private static let root = "/usr/lib/rabbitmq/lib"

    /// The newest one; nil when there is none.
    static func find() -> RabbitMQInstallation? {
        guard access(erlangCall, X_OK) == 0, access(portMapper, X_OK) == 0 else { return nil }
        var found: [String] = []
        if let folder = opendir(root) {
            while let entry = readdir(folder) {
                let name = withUnsafePointer(to: &entry.pointee.d_name) {
                    $0.withMemoryRebound(to: CChar.self, capacity: 256) { String(cString: $0) }
                }
                if name.hasPrefix("rabbitmq_server-") { found.append("\(root)/\(name)/sbin") }
            }
            closedir(folder)
        }
        return found.sorted().reversed()
            .map { RabbitMQInstallation(server: "\($0)/rabbitmq-server", control: "\($0)/rabbitmqctl") }
            .first { access($0.server, X_OK) == 0 && access($0.control, X_OK) == 0 }
    }
}
