import Glibc

/// The folder that holds what the fleet keeps on this machine: databases, secret, quarantine.
struct StateFolder: Sendable, Hashable {
    var path: String

    /// `$XDG_STATE_HOME/flotilla`, or `~/.local/state/flotilla` (XDG Base Directory Specification 0.8); nil where
    /// neither variable says where that is.
    static func standardPath(environment: [String: String]) -> String? {
        // A relative path in XDG_STATE_HOME is to be ignored, says the specification.
        if let base = environment["XDG_STATE_HOME"], base.hasPrefix("/") { return base + "/flotilla" }
        if let home = environment["HOME"], home.hasPrefix("/") { return home + "/.local/state/flotilla" }
        return nil
    }

    /// Whether a bus was ever opened in it.
    var hasBus: Bool { access(path + "/bus.db", F_OK) == 0 }

    /// Makes the folder, readable by its owner alone, and those above it.
    /// - Throws: `CommandFailure` with `ExitCode.configuration` when it cannot be made or written to.
    func create() throws(CommandFailure) {
        var partial = path.hasPrefix("/") ? "" : "."
        for part in path.split(separator: "/") {
            partial += "/" + part
            if mkdir(partial, 0o700) != 0, errno != EEXIST, errno != EISDIR, errno != EROFS, errno != EACCES {
                throw failure("cannot be made")
            }
        }
        guard access(path, W_OK | X_OK) == 0 else { throw failure("cannot be written to") }
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT == S_IFDIR else {
            throw CommandFailure(.configuration, "state_folder", "the state folder \(path) is not a folder")
        }
    }

    /// Whether it is there.
    var exists: Bool { access(path, F_OK) == 0 }

    /// What keeps `create` from making or using it, as far as can be told without trying; nil for nothing.
    var obstacle: String? {
        // The folder, or the nearest one above it that is there.
        var place = path.hasPrefix("/") ? path : "./" + path
        while access(place, F_OK) != 0, let slash = place.lastIndex(of: "/") {
            place = slash == place.startIndex ? "/" : String(place[..<slash])
            if place == "/" { break }
        }
        var status = stat()
        guard stat(place, &status) == 0 else { return "\(place): \(String(cString: strerror(errno)))" }
        guard status.st_mode & S_IFMT == S_IFDIR else { return "\(place) is not a folder" }
        guard access(place, W_OK | X_OK) == 0 else {
            return "\(place) cannot be written to: \(String(cString: strerror(errno)))"
        }
        return nil
    }

    private func failure(_ what: String) -> CommandFailure {
        let reason = String(cString: strerror(errno))
        return CommandFailure(
            .configuration, "state_folder", "the state folder \(path) \(what): \(reason)",
            hint: "Another folder is given with --state or FLOTILLA_STATE.")
    }
}
