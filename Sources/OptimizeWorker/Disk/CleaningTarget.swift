/// A folder to look through and what to look for in it.
struct CleaningTarget: Sendable, Hashable {
    /// What is cleaned away.
    enum Kind: String, Sendable {
        /// Regular files in a temporary folder that nobody has written or read for days.
        case oldFiles = "old_files"
        /// Packages that apt can load again.
        case packageArchives = "package_archives"
    }

    var kind: Kind
    /// Absolute and without links, or as configured when it cannot be resolved.
    var path: String
    /// Why it is not to be looked at; nil when it is.
    var objection: String?

    var stepName: String { "\(kind.rawValue):\(path)" }

    var title: String {
        switch kind {
        case .oldFiles: "Old temporary files in \(path)"
        case .packageArchives: "Package archives in \(path)"
        }
    }

    /// The targets of a configuration: what lies both in a root and in a place of their kind. No folder twice, and
    /// none within another of the same kind.
    static func all(_ configuration: DiskConfiguration, _ policy: PathPolicy) -> [CleaningTarget] {
        var targets: [CleaningTarget] = []
        for root in configuration.roots {
            if let fault = PathPolicy.fault(in: root) {
                targets.append(CleaningTarget(kind: .oldFiles, path: root, objection: fault))
                continue
            }
            guard let resolved = PathPolicy.resolve(root) else { continue }
            for (kind, places) in [
                (Kind.oldFiles, configuration.temporaryRoots), (.packageArchives, configuration.archiveFolders),
            ] {
                for place in places.compactMap(PathPolicy.resolve) {
                    // The smaller of the two: nothing outside a root, nothing outside a place of the kind.
                    let path = PathPolicy.contains(place, resolved) ? resolved : place
                    guard PathPolicy.contains(resolved, path) else { continue }
                    targets.append(CleaningTarget(kind: kind, path: path, objection: policy.objection(to: path)))
                }
            }
        }
        var kept: [CleaningTarget] = []
        for target in targets where !kept.contains(target) {
            let isWithin = targets.contains {
                $0.kind == target.kind && $0.path != target.path && $0.objection == nil
                    && PathPolicy.contains($0.path, target.path)
            }
            if !isWithin { kept.append(target) }
        }
        return kept
    }
}
