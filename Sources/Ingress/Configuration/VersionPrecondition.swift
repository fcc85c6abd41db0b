internal import Contracts
internal import HTTPKit

/// Which version a client's change is based on: the header `If-Match` (RFC 9110, section 13.1.1).
struct VersionPrecondition: Sendable {
    static let parameter = ParameterDescription(
        "If-Match", in: .header,
        .text("\"3\"", "The `ETag` that the change is based on; 409 when it is not the current one any more."))
    static let entityTag = (name: "ETag", schema: Schema.text("\"3\"", "The version."))
    static let conflict = "Somebody changed it first; `details` and `ETag` have the current version."

    /// Nil for `*`: any version, but it must be there.
    private let tags: [String]?

    /// Nil where the client does not care.
    init?(_ request: HTTPRequest) {
        let values = request.headers.all("If-Match")
        guard !values.isEmpty else { return nil }
        let list = values.joined(separator: ",").split(separator: Character(",")).map { value in
            String(value.filter { $0 != " " && $0 != "\t" })
        }
        tags = list.contains("*") ? nil : list
    }

    /// - Throws: 409 with the current version.
    func check(_ setting: FleetSetting?) throws(HTTPError) {
        let current = setting?.entityTag
        guard let tags else {
            if current == nil { throw conflict(nil) }
            return
        }
        guard let current, tags.contains(current) else { throw conflict(setting) }
    }

    private func conflict(_ setting: FleetSetting?) -> HTTPError {
        var writer = JSONWriter(capacity: 96)
        writer.object { writer in
            writer.member("current_version", setting?.version)
            writer.member("updated_at", setting?.changedAt)
        }
        var error = HTTPError.conflict("It was changed since the version that the change is based on.")
        error.details = writer.bytes
        if let tag = setting?.entityTag { error.headers.set("ETag", tag) }
        return error
    }
}

extension FleetSetting {
    /// Strong: a version is one value. Nil for a setting that was deleted.
    var entityTag: String? { value == nil ? nil : "\"\(version)\"" }
}
