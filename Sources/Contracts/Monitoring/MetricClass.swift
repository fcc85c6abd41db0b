/// A part of a sample that can be switched off, and has an interval of its own.
package enum MetricClass: String, Sendable, Hashable, CaseIterable {
    /// With the load.
    case cpu
    /// With swap and paging.
    case memory
    /// What devices read and write.
    case disk
    /// How full mounted file systems are.
    case fileSystems = "file_systems"
    /// With TCP.
    case network
    case gpu
    case temperatures
    /// PSI.
    case pressure
    /// Of the worker itself.
    case controlGroup = "control_group"
    case containers

    package static let names = allCases.map(\.rawValue)
}
