/// The user that a token is made for.
package struct TokenUser: Sendable, Hashable {
    /// The claim `sub`: the user's id as text.
    package let id: String
    package let username: String
    package let isAdministrator: Bool
    package let permissions: [String]
    /// The claim `sid`; nil for a token that no sign-in ends.
    let signIn: String?

    package init(
        id: String, username: String, isAdministrator: Bool, permissions: [String] = [], signIn: String? = nil
    ) {
        self.id = id
        self.username = username
        self.isAdministrator = isAdministrator
        self.permissions = permissions
        self.signIn = signIn
    }

    /// Who sits at the machine that runs `flotilla up`.
    package static let localAdministrator = TokenUser(id: "0", username: "administrator", isAdministrator: true)
}
