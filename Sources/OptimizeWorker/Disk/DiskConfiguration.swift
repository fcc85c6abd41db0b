/// Where the disk optimization may work, and how long it may look.
package struct DiskConfiguration: Sendable {
    /// `STORAGE_ROOTS`: absolute paths; nothing outside them is ever changed.
    package var roots: [String]
    /// Folders whose old files nobody misses: only what lies in one of these and in a root is cleaned of old files.
    package var temporaryRoots: [String]
    /// Where apt keeps the packages that it has installed from.
    package var archiveFolders: [String]
    /// Flotilla's own; never touched.
    package var stateFolder: String
    /// The user's home folder, of which `Documents`, `Desktop` and `Pictures` are never touched.
    package var homeFolder: String?
    /// Entries that are looked at in one folder and everything below it.
    package var maximumEntries: Int
    /// How long a folder is looked at.
    package var maximumScan: Duration
    package var procFolder: String

    package init(
        roots: [String], temporaryRoots: [String] = ["/tmp", "/var/tmp"],
        archiveFolders: [String] = ["/var/cache/apt/archives"], stateFolder: String, homeFolder: String? = nil,
        maximumEntries: Int = 100_000, maximumScan: Duration = .seconds(30), procFolder: String = "/proc"
    ) {
        self.roots = roots
        self.temporaryRoots = temporaryRoots
        self.archiveFolders = archiveFolders
        self.stateFolder = stateFolder
        self.homeFolder = homeFolder
        self.maximumEntries = maximumEntries
        self.maximumScan = maximumScan
        self.procFolder = procFolder
    }
}
