/// What is read of a process beyond its `stat`, where somebody asks for it.
package struct ProcessDetails: Sendable, Hashable {
    /// The arguments with a space between them, at most `ProcessTable.commandLineBytes`; nil where there are none.
    package var commandLine: String?
    /// The effective user's name, or the number of a user without one.
    package var user: String?
    /// Nil where this process may not read it.
    package var transfers: ProcessTransfers?
    /// Descriptors; nil where this process may not list them.
    package var openFiles: Int?

    package init(
        commandLine: String? = nil, user: String? = nil, transfers: ProcessTransfers? = nil, openFiles: Int? = nil
    ) {
        self.commandLine = commandLine
        self.user = user
        self.transfers = transfers
        self.openFiles = openFiles
    }

    /// What to read: each costs at least a file.
    package struct Parts: OptionSet, Sendable {
        package let rawValue: Int

        package init(rawValue: Int) { self.rawValue = rawValue }

        package static let commandLine = Parts(rawValue: 1)
        package static let user = Parts(rawValue: 2)
        package static let transfers = Parts(rawValue: 4)
        package static let openFiles = Parts(rawValue: 8)
    }
}
