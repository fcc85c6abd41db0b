import CHTTP
import Glibc

/// A bound, listening TCP socket; closed when it goes.
final class ListenSocket: Sendable {
    /// Connections that wait to be accepted; the kernel caps it at net.core.somaxconn.
    private static let backlog: Int32 = 511

    let descriptor: Int32
    let port: Int

    init(host: String, port: Int) throws(HTTPServerError) {
        guard (0...65_535).contains(port) else {
            throw HTTPServerError(code: .badAddress, message: "\(port) is not a TCP port.", errno: 0)
        }
        let name = host == "localhost" ? "127.0.0.1" : host
        var ipv4 = sockaddr_in()
        var ipv6 = sockaddr_in6()
        if inet_pton(AF_INET, name, &ipv4.sin_addr) == 1 {
            ipv4.sin_family = sa_family_t(AF_INET)
            ipv4.sin_port = in_port_t(UInt16(port).bigEndian)
            descriptor = try Self.bind(ipv4, AF_INET, "\(host):\(port)")
        } else if inet_pton(AF_INET6, name, &ipv6.sin6_addr) == 1 {
            ipv6.sin6_family = sa_family_t(AF_INET6)
            ipv6.sin6_port = in_port_t(UInt16(port).bigEndian)
            descriptor = try Self.bind(ipv6, AF_INET6, "[\(host)]:\(port)")
        } else {
            throw HTTPServerError(code: .badAddress, message: "\(host) is not an IP address.", errno: 0)
        }
        self.port = Self.port(of: descriptor)
    }

    deinit {
        close(descriptor)
    }

    /// Refuses connections from now on; the descriptor stays valid for the library.
    func refuse() {
        chttp_shutdown_input(descriptor)
    }

    private static func bind<Address>(
        _ address: Address, _ family: Int32, _ name: String
    ) throws(HTTPServerError) -> Int32 {
        let descriptor = chttp_listening_socket(family)
        guard descriptor >= 0 else { throw failure(.bindFailed, name) }
        let isListening = withUnsafePointer(to: address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                Glibc.bind(descriptor, $0, socklen_t(MemoryLayout<Address>.size)) == 0
            } && listen(descriptor, backlog) == 0
        }
        guard isListening else {
            let error = failure(errno == EADDRINUSE ? .addressInUse : .bindFailed, name)
            close(descriptor)
            throw error
        }
        return descriptor
    }

    private static func failure(_ code: HTTPServerError.Code, _ name: String) -> HTTPServerError {
        let reason = errno
        let text = strerror(reason).map { String(cString: $0) } ?? "error \(reason)"
        return HTTPServerError(code: code, message: "Can't listen on \(name): \(text).", errno: reason)
    }

    private static func port(of descriptor: Int32) -> Int {
        var address = sockaddr_storage()
        var size = socklen_t(MemoryLayout<sockaddr_storage>.size)
        return withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) {
                getsockname(descriptor, $0, &size) == 0 ? PeerAddress($0).port : 0
            }
        }
    }
}
