internal import Contracts
internal import HTTPKit
internal import Runtime

/// `/api/v1/auth/…` and `/auth/…`: signing in and out, and the users.
struct AccountRoutes: RouteGroup {
    let context: IngressContext
    let accounts: Accounts
    let signIns: SignInService

    func register(in api: inout API) {
        for prefix in ["/api/v1/auth", "/auth"] {
            registerSignIn(AccountOperations(prefix: prefix), &api)
            registerUsers(AccountOperations(prefix: prefix), &api)
        }
    }

    // MARK: Signing in and out

    private func registerSignIn(_ operations: AccountOperations, _ api: inout API) {
        let access = context.access
        api.on(
            operations.login,
            .deferred { [self] request, body in
                try await signIn(request, body, missing: operations.statusOfMissingField)
            })
        api.on(operations.refresh, .deferred { [self] in try await refresh($0, $1) })
        api.on(operations.logout, access.require(nil) { [self] in try await signOut($0, $2) })
        api.on(operations.me, access.require(nil) { [self] in me($2) })
        api.on(operations.verify, access.require(nil) { [self] in verify($2) })
        api.on(
            operations.changePassword,
            access.require(nil, preparing: { try BodyReader.parse($1) }) { [self] in
                try await changePassword($0, $1, $2)
            })
    }

    private func signIn(_ request: HTTPRequest, _ body: [UInt8], missing: Int) async throws -> HTTPResponse {
        var reader = try BodyReader(try BodyReader.parse(body))
        let username = reader.string(AccountOperations.username.property.name) ?? ""
        let password = reader.string(AccountOperations.password.property.name) ?? ""
        try reader.finish()
        guard !username.isEmpty, !password.isEmpty else {
            throw HTTPError(missing, "validation_error", "username and password are required.")
        }
        do {
            let grant = try await signIns.signIn(username: username, password: password)
            context.audit.record("signed_in", request, Principal(grant.user))
            return Self.answer(grant)
        } catch let error as HTTPError {
            context.audit.record(
                "sign_in_refused", request, nil, on: String(username.prefix(64)), result: error.status)
            throw error
        }
    }

    private func refresh(_ request: HTTPRequest, _ body: [UInt8]) async throws -> HTTPResponse {
        var reader = try BodyReader(try BodyReader.parse(body))
        let token = reader.value(AccountOperations.refreshToken)
        try reader.finish()
        do {
            let grant = try await signIns.refresh(token)
            context.audit.record("token_refreshed", request, Principal(grant.user))
            return Self.answer(grant)
        } catch let error as HTTPError {
            context.audit.record("refresh_refused", request, nil, result: error.status)
            throw error
        }
    }

    private func signOut(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        if let id = principal.signIn { try await accounts.revoke(id, by: principal.id) }
        context.audit.record("signed_out", request, principal)
        return Self.message("Successfully logged out")
    }

    private func me(_ principal: Principal) -> HTTPResponse {
        var writer = JSONWriter(capacity: 256)
        writer.object { writer in
            if let user = user(of: principal) {
                user.writePublicMembers(to: &writer)
            } else {
                principal.writeID("id", to: &writer)
                writer.member("username", principal.username)
                writer.member("is_active", true)
                writer.member("is_admin", principal.isAdministrator)
                writer.member("role", principal.isAdministrator ? "administrator" : "user")
                writer.member("permissions", principal.permissions)
            }
        }
        return .json(writer.bytes)
    }

    private func verify(_ principal: Principal) -> HTTPResponse {
        var writer = JSONWriter(capacity: 128)
        writer.object { writer in
            writer.member("valid", true)
            principal.writeID("user_id", to: &writer)
            writer.member("username", principal.username)
            writer.member("is_admin", principal.isAdministrator)
        }
        return .json(writer.bytes)
    }

    private func changePassword(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        var reader = try BodyReader(body)
        let current = reader.value(AccountOperations.currentPassword)
        let new = reader.value(AccountOperations.newPassword)
        try reader.finish()
        guard let user = user(of: principal) else {
            throw HTTPError.forbidden("This token does not belong to a user of the fleet.")
        }
        try await answering {
            guard try await accounts.hasher.isRight(current, for: user.passwordHash) else {
                throw AccountError.wrongPassword
            }
            try await accounts.setPassword(new, of: user.username, by: principal.id)
        }
        context.audit.record("password_changed", request, principal)
        return Self.message("Password changed successfully")
    }

    // MARK: Users

    private func registerUsers(_ operations: AccountOperations, _ api: inout API) {
        let access = context.access
        api.on(
            operations.register,
            access.require(operations.register.permission, preparing: { try BodyReader.parse($1) }) { [self] in
                try await register($0, $1, $2)
            })
        api.on(
            operations.users,
            access.require(operations.users.permission) { [self] request, _, _ in try list(request) })
        api.on(
            operations.user, access.require(operations.user.permission) { [self] request, _, _ in try show(request) })
        api.on(
            operations.setAdministrator,
            access.require(operations.setAdministrator.permission, preparing: { try BodyReader.parse($1) }) { [self] in
                try await setAdministrator($0, $1, $2)
            })
        api.on(
            operations.deactivate,
            access.require(operations.deactivate.permission) { [self] in try await deactivate($0, $2) })
    }

    private func register(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        var reader = try BodyReader(body)
        let username = reader.value(AccountOperations.username)
        let email = reader.value(AccountOperations.email)
        let password = reader.value(AccountOperations.password)
        try reader.finish()
        let added = try await answering {
            try await accounts.add(
                username: username, email: email, password: password, isAdministrator: false, by: principal.id)
        }
        context.audit.record("user_added", request, principal, on: added.user.username, result: 201)
        return Self.answer(added, status: 201)
    }

    private func list(_ request: HTTPRequest) throws -> HTTPResponse {
        var query = QueryReader(request)
        let skip = query.value(AccountOperations.skip)
        let limit = query.value(AccountOperations.limit)
        try query.finish()
        var writer = JSONWriter(capacity: 4096)
        writer.array { writer in
            for user in accounts.users.dropFirst(skip).prefix(limit) {
                writer.object { user.writePublicMembers(to: &$0) }
            }
        }
        return .json(writer.bytes)
    }

    private func show(_ request: HTTPRequest) throws -> HTTPResponse {
        let username = try user(of: request).username
        do {
            return Self.answer(try accounts.versioned(username))
        } catch let error as AccountError {
            throw error.answer
        }
    }

    private func setAdministrator(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        var reader = try BodyReader(body)
        let isAdministrator = reader.value(AccountOperations.isAdministrator)
        try reader.finish()
        let target = try user(of: request)
        guard isAdministrator || String(target.id) != principal.id else {
            throw HTTPError(400, "invalid_account", "You cannot take away your own administrator's rights.")
        }
        let changed = try await answering {
            try await accounts.edit(target.username, by: principal.id, if: VersionPrecondition(request)) {
                $0.isAdministrator = isAdministrator
            }
        }
        context.audit.record(
            isAdministrator ? "user_made_administrator" : "user_made_ordinary", request, principal,
            on: target.username)
        return Self.answer(changed)
    }

    private func deactivate(_ request: HTTPRequest, _ principal: Principal) async throws -> HTTPResponse {
        let target = try user(of: request)
        guard String(target.id) != principal.id else {
            throw HTTPError(400, "invalid_account", "You cannot deactivate your own account.")
        }
        try await answering {
            try await accounts.deactivate(target.username, by: principal.id, if: VersionPrecondition(request))
        }
        context.audit.record("user_deactivated", request, principal, on: target.username)
        return Self.message("User \(target.username) has been deactivated")
    }

    // MARK: Helpers

    private func user(of principal: Principal) -> User? {
        accounts.directory.user(named: principal.username).flatMap { String($0.id) == principal.id ? $0 : nil }
    }

    private func user(of request: HTTPRequest) throws -> User {
        let text: String = try request.parameters.require("user_id")
        guard let user = Int(text).flatMap(accounts.directory.user) else { throw AccountError.unknownUser.answer }
        return user
    }

    private func answering<T: Sendable>(_ work: () async throws -> T) async throws -> T {
        do {
            return try await work()
        } catch let error as AccountError {
            throw error.answer
        } catch is PasswordQueueFull {
            throw HTTPError.unavailable("Too many passwords are being checked.", retryAfter: 2)
        }
    }

    private static func answer(_ grant: SignInService.Grant) -> HTTPResponse {
        var writer = JSONWriter(capacity: 1024)
        writer.object { writer in
            writer.member("access_token", grant.access.text)
            writer.member("refresh_token", grant.refresh)
            writer.member("token_type", "bearer")
            writer.member("expires_in", grant.access.lifetime.components.seconds)
            writer.member("user", object: { grant.user.writePublicMembers(to: &$0) })
        }
        var response = HTTPResponse.json(writer.bytes)
        response.headers.set("Cache-Control", "no-store")
        return response
    }

    private static func answer(_ versioned: VersionedUser, status: Int = 200) -> HTTPResponse {
        var writer = JSONWriter(capacity: 256)
        writer.object { versioned.user.writePublicMembers(to: &$0) }
        var response = HTTPResponse.json(writer.bytes, status: status)
        response.headers.set("ETag", versioned.entityTag)
        return response
    }

    private static func message(_ text: String) -> HTTPResponse {
        var writer = JSONWriter(capacity: 64)
        writer.object { $0.member("message", text) }
        return .json(writer.bytes)
    }
}
