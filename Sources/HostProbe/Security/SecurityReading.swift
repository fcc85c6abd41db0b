/// What a host says of its own safety. What is nil could not be read.
package struct SecurityReading: Sendable, Hashable {
    /// What the kernel says of a weakness of the processors.
    package struct Vulnerability: Sendable, Hashable {
        /// Such as `spectre_v2`.
        package var name: String
        /// Begins with `Not affected`, `Vulnerable` or `Mitigation`.
        package var status: String

        package init(name: String, status: String) {
            self.name = name
            self.status = status
        }
    }

    /// Who may do what with a file.
    package struct FileMode: Sendable, Hashable {
        package var path: String
        /// The permission bits.
        package var mode: UInt32

        package init(path: String, mode: UInt32) {
            self.path = path
            self.mode = mode
        }
    }

    /// A program that runs from a file that was replaced or deleted.
    package struct ReplacedProgram: Sendable, Hashable {
        package var pid: Int
        package var path: String

        package init(pid: Int, path: String) {
            self.pid = pid
            self.path = path
        }
    }

    package var vulnerabilities: [Vulnerability]?
    /// Numbers of `/proc/sys`, by their names with dots; those that the kernel has.
    package var settings: [String: Int64] = [:]
    /// Security modules that are active, such as `apparmor`.
    package var modules: [String]?
    package var listeners: [ListeningSocket]?
    package var accounts: LocalAccounts?
    /// Files that attackers look for, those that exist.
    package var files: [FileMode] = []
    package var replacedPrograms: [ReplacedProgram]?
    /// Whether a package asked for a reboot; only Debian and its kin leave a file.
    package var wantsReboot = false

    package init() {}
}
