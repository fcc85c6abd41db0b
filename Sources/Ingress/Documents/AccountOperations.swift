internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/auth/…` and `/auth/…`.
struct AccountOperations {
    /// The path that both families have in common behind it.
    let prefix: String

    static let username = BodyField.text("username", .text("alice", "In any case.", length: 1...Int.max))
    static let password = BodyField.text(
        "password", .text("correct-Horse-7-battery", length: 1...Int.max, format: "password"))
    static let email = BodyField.optionalText("email", .text("alice@example.org"))
    static let refreshToken = BodyField.text("refresh_token", .text("eyJhbGciOiJIUzI1NiJ9.e30.c2ln"))
    static let currentPassword = BodyField.text("current_password", .text("correct-Horse-7", format: "password"))
    static let newPassword = BodyField.text(
        "new_password",
        .text(
            "better-Horse-8", "At least 8 characters; upper and lower case, a digit and another.", format: "password"))
    static let isAdministrator = BodyField.flag("is_admin", "Whether the user is one.")
    static let skip = QueryParameter.int("skip", "Users to leave out.", default: 0, in: 0...Int(Int32.max))
    static let limit = QueryParameter.int("limit", "Users of an answer.", default: 100, in: 1...1000)

    private static let grant = Schema.object(
        [
            .init("access_token", .text("eyJhbGciOiJIUzI1NiJ9.e30.c2ln")),
            .init("refresh_token", .text("eyJhbGciOiJIUzI1NiJ9.e30.c2ln", "Works once.")),
            .init("token_type", .words(["bearer"])),
            .init("expires_in", .integer(3600, "Seconds until the access token ends.")),
            .init("user", User.publicSchema),
        ]
    ).named("Grant")

    private static let message = Schema.object([.init("message", .text("Done"))]).named("Message")
    private static let unknown = "There is no such user."
    private static let notTakenBack = "It would take away your own access."

    /// The clients of the sessions family expect 400 where a field is missing or empty.
    var statusOfMissingField: Int { prefix == "/auth" ? 400 : 422 }

    var login: Operation {
        Operation(
            .POST, prefix + "/login", .accounts, "Signs in",
            explanation: "After 5 wrong passwords nobody signs in as the user for 30 minutes.", access: .open,
            body: BodyDescription(.object([Self.username.property, Self.password.property])),
            answers: [.json("Signed in.", Self.grant)],
            errors: [401: "Incorrect username or password.", 403: "The user is not active."])
    }

    var refresh: Operation {
        Operation(
            .POST, prefix + "/refresh", .accounts, "Changes a refresh token for new tokens",
            explanation: "One that comes twice ends the sign-in: it was stolen.", access: .open,
            body: BodyDescription(.object([Self.refreshToken.property])),
            answers: [.json("New tokens.", Self.grant)],
            errors: [401: "The token is not valid, has ended, or was used before.", 403: "The user is not active."])
    }

    var logout: Operation {
        Operation(
            .POST, prefix + "/logout", .accounts, "Ends the sign-in that the token is of", access: .authenticated,
            answers: [.json("It has ended.", Self.message)])
    }

    var me: Operation {
        Operation(
            .GET, prefix + "/me", .accounts, "Who you are", access: .authenticated,
            answers: [
                .json(
                    "A user, or the holder of a key or of another issuer's token.",
                    .alternatives([
                        User.publicSchema,
                        .object([
                            .init("id", Principal.idSchema), .init("username", .text("ci")),
                            .init("is_active", .flag(true)), .init("is_admin", .flag(false)),
                            .init("role", .words(["user", "administrator"])),
                            .init("permissions", .array(.text("commands:send"))),
                        ]),
                    ]))
            ])
    }

    var verify: Operation {
        Operation(
            .GET, prefix + "/verify", .accounts, "Whether the token counts", access: .authenticated,
            answers: [
                .json(
                    "It does.",
                    .object([
                        .init("valid", .flag(true)), .init("user_id", Principal.idSchema),
                        .init("username", .text("alice")), .init("is_admin", .flag(false)),
                    ]))
            ])
    }

    var changePassword: Operation {
        Operation(
            .POST, prefix + "/change-password", .accounts, "Changes your password; every token until now ends",
            access: .authenticated,
            body: BodyDescription(.object([Self.currentPassword.property, Self.newPassword.property])),
            answers: [.json("It is changed.", Self.message)],
            errors: [
                400: "The current password is wrong, or the new one is weak.",
                403: "The token is not of a user of the fleet.",
                409: "Somebody changed the user at the same time.",
            ])
    }

    var register: Operation {
        Operation(
            .POST, prefix + "/register", .accounts, "Adds a user", access: .permission("fleet:admin"),
            body: BodyDescription(
                .object([Self.username.property, Self.email.property, Self.password.property])),
            answers: [.json(status: 201, "The user.", User.publicSchema, headers: [VersionPrecondition.entityTag])],
            errors: [
                400: "The name or the address is taken, or the password is weak.",
                409: "Somebody changed the users at the same time.",
            ])
    }

    var users: Operation {
        Operation(
            .GET, prefix + "/users", .accounts, "The users", access: .permission("fleet:admin"),
            parameters: [Self.skip.description, Self.limit.description],
            answers: [.json("By name.", .array(User.publicSchema))])
    }

    var user: Operation {
        Operation(
            .GET, prefix + "/users/{user_id}", .accounts, "A user", access: .permission("fleet:admin"),
            answers: [.json("The user.", User.publicSchema, headers: [VersionPrecondition.entityTag])],
            errors: [404: Self.unknown])
    }

    var setAdministrator: Operation {
        Operation(
            .PUT, prefix + "/users/{user_id}/admin", .accounts, "Makes a user an administrator, or no longer one",
            access: .permission("fleet:admin"), parameters: [VersionPrecondition.parameter],
            body: BodyDescription(.object([Self.isAdministrator.property])),
            answers: [.json("The user.", User.publicSchema, headers: [VersionPrecondition.entityTag])],
            errors: [
                400: Self.notTakenBack, 404: Self.unknown, 409: VersionPrecondition.conflict,
            ])
    }

    var deactivate: Operation {
        Operation(
            .DELETE, prefix + "/users/{user_id}", .accounts, "Deactivates a user; every token ends",
            access: .permission("fleet:admin"), parameters: [VersionPrecondition.parameter],
            answers: [.json("It is done.", Self.message)],
            errors: [
                400: Self.notTakenBack, 404: Self.unknown, 409: VersionPrecondition.conflict,
            ])
    }
}
