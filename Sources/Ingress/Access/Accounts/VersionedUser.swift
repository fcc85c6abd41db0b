/// A user, and the version of it that this is.
package struct VersionedUser: Sendable {
    package let user: User
    /// The version as a strong entity tag (RFC 9110, section 8.8.3).
    let entityTag: String

    /// - Throws: `AccountError.unknownUser` when the setting was deleted, what `User.init(json:)` throws.
    init(_ setting: FleetSetting) throws {
        guard let value = setting.value, let tag = setting.entityTag else { throw AccountError.unknownUser }
        user = try User(json: value)
        entityTag = tag
    }
}
