internal import Glibc

/// Which folders may be cleaned: component by component, never by a prefix of text.
struct PathPolicy: Sendable {
    /// Never touched, nor anything below.
    private static let system = [
        "/etc", "/boot", "/usr", "/bin", "/sbin", "/lib", "/lib32", "/lib64", "/proc", "/sys", "/dev",
    ]
    private static let ofHome = ["Documents", "Desktop", "Pictures"]

    let protected: [String]

    init(stateFolder: String, homeFolder: String?) {
        let home = homeFolder.map { home in Self.ofHome.map { "\(home)/\($0)" } } ?? []
        protected = (Self.system + home + [stateFolder]).map { Self.resolve($0) ?? $0 }
    }

    /// Why a folder may not be cleaned; nil when it may.
    func objection(to path: String) -> String? {
        if path == "/" { return "the root of the whole system is never cleaned" }
        if let folder = protected.first(where: { Self.contains($0, path) }) { return "\(folder) is protected" }
        return nil
    }

    /// Why a configured path is unusable; nil when it is absolute and plain.
    static func fault(in path: String) -> String? {
        guard path.hasPrefix("/") else { return "it is not an absolute path" }
        guard !path.utf8.contains(0) else { return "it contains a NUL" }
        guard !path.split(separator: "/").contains("..") else { return "it contains .." }
        return nil
    }

    /// The path without links; nil when it does not exist.
    static func resolve(_ path: String) -> String? {
        guard let resolved = realpath(path, nil) else { return nil }
        defer { free(resolved) }
        return String(cString: resolved)
    }

    /// Whether a path is a folder or lies in it.
    static func contains(_ folder: String, _ path: String) -> Bool {
        path == folder || path.hasPrefix(folder.hasSuffix("/") ? folder : folder + "/")
    }
}
