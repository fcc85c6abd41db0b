import Ingress
import Runtime

/// Says where the ingress listens, once it does: in the lock file, and to whoever started it.
struct AnnouncingService: Service {
    let name = "announcement"
    let ingress: IngressService
    let address: ServiceURL
    let isTLS: Bool
    let isOpen: Bool
    let announcement: Announcement?
    let console: Console
    let logger: Logger

    func run(_ lifecycle: Lifecycle) async throws {
        if let port = ingress.boundPort { try announce(address.text(port: port, isTLS: isTLS)) }
        lifecycle.started()
        await lifecycle.waitForStop()
    }

    private func announce(_ url: String) throws {
        if var holder = announcement?.holder {
            holder.url = url
            try announcement?.lock.announce(holder)
        }
        // The code is good once, for a quarter of an hour: whoever keeps the output keeps no key.
        let line =
            isOpen
            ? "Open to everyone on this machine: \(url)/"
            : "Sign in: \(url)/sign-in?code=\(ingress.signInCodes.make())"
        do { try console.line(line) } catch { logger.warning("sign_in_link_not_shown") }
    }
}
