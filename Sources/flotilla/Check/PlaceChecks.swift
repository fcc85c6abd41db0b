import HTTPKit
import Runtime

/// Whether the state folder, the port and the certificate of some settings can be used now. Changes nothing.
struct PlaceChecks: Sendable {
    let settings: FleetSettings
    let now: Timestamp

    /// A certificate that ends sooner is worth a warning.
    private static let renewalTime = Duration.seconds(30 * 86_400)

    /// The state folder.
    var stateFolder: CheckReport.Finding {
        let folder = settings.stateFolder
        if let obstacle = folder.obstacle { return .init("state folder", .problem, obstacle) }
        if let holder = StateFolderLock.holder(of: folder) {
            return .init(
                "state folder", .warning,
                "\(folder.path) is held by process \(holder.pid) (flotilla \(holder.role)), which must stop first")
        }
        return .init("state folder", .ok, folder.path + (folder.exists ? "" : " will be made"))
    }

    /// The address to listen on.
    var port: CheckReport.Finding {
        do throws(HTTPServerError) {
            try HTTPServer.probe(host: settings.apiHost, port: settings.apiPort)
            let port = settings.apiPort == 0 ? "a free port" : "port \(settings.apiPort)"
            return .init("port", .ok, "\(port) of \(settings.apiHost) can be listened on")
        } catch {
            let holder = StateFolderLock.holder(of: settings.stateFolder)
            guard error.code == .addressInUse, holder?.url?.hasSuffix(":\(settings.apiPort)") == true else {
                return .init("port", .problem, error.message)
            }
            return .init(
                "port", .warning, "port \(settings.apiPort) is used by the fleet that runs on the state folder")
        }
    }

    /// The certificate; nil where plain HTTP is served, or the settings already say what is wrong.
    var certificate: CheckReport.Finding? {
        guard let files = settings.tls, let leaf = try? files.load(now: now).certificate else { return nil }
        let text = "for \(leaf.names.joined(separator: ", ")), until \(leaf.notAfter.rfc3339)"
        guard leaf.notAfter.duration(since: now) >= Self.renewalTime else {
            return .init("certificate", .warning, text + ", which is less than 30 days away")
        }
        return .init("certificate", .ok, text)
    }
}
