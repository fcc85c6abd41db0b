internal import Contracts
internal import HTTPKit
internal import Runtime

/// `/api/v1/auth/…` and `/auth/…`: signing in and out, and the users.
struct AccountRoutes: RouteGroup {
    let context: IngressContext
    let accounts: Accounts
    let signIns: SignInService

    func register(in router: inout Router) {
        for prefix in ["/api/v1/auth", "/auth"] {
            registerSignIn(prefix, &router)
            registerUsers(prefix, &router)
        }
    }

    // MARK: Signing in and out

    private func registerSignIn(_ prefix: String, _ router: inout Router) {
        let access = context.access
        // The clients of the sessions family expect 400 where a field is missing or empty.
        let missing = prefix == "/auth" ? 400 : 422
        router.on(
            .POST, prefix + "/login",
            .deferred { [self] request, body in try await signIn(request, body, missing: missing) })
        router.on(.POST, prefix + "/refresh", .deferred { [self] in try await refresh($0, $1) })
        router.on(.POST, prefix + "/logout", access.require(nil) { [self] in try await signOut($0, $2) })
        router.on(.GET, prefix + "/me", access.require(nil) { [self] in me($2) })
        router.on(.GET, prefix + "/verify", access.require(nil) { [self] in verify($2) })
        router.on(
            .POST, prefix + "/change-password",
            access.require(nil, preparing: { try BodyReader.parse($1) }) { [self] in
                try await changePassword($0, $1, $2)
            })
    }

    private func signIn(_ request: HTTPRequest, _ body: [UInt8], missing: Int) async throws -> HTTPResponse {
        var reader = try BodyReader(try BodyReader.parse(body))
        let username = reader.string("username") ?? ""
        let password = reader.string("password") ?? ""
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
        let token = reader.requiredString("refresh_token")
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
                Self.writeID(principal, "id", to: &writer)
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
            Self.writeID(principal, "user_id", to: &writer)
            writer.member("username", principal.username)
            writer.member("is_admin", principal.isAdministrator)
        }
        return .json(writer.bytes)
    }

    private func changePassword(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        var reader = try BodyReader(body)
        let current = reader.requiredString("current_password")
        let new = reader.requiredString("new_password")
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

    private func registerUsers(_ prefix: String, _ router: inout Router) {
        let access = context.access
        router.on(
            .POST, prefix + "/register",
            access.require("fleet:admin", preparing: { try BodyReader.parse($1) }) { [self] in
                try await register($0, $1, $2)
            })
        router.on(.GET, prefix + "/users", access.require("fleet:admin") { [self] request, _, _ in try list(request) })
        router.on(
            .PUT, prefix + "/users/{user_id}/admin",
            access.require("fleet:admin", preparing: { try BodyReader.parse($1) }) { [self] in
                try await setAdministrator($0, $1, $2)
            })
        router.on(
            .DELETE, prefix + "/users/{user_id}",
            access.require("fleet:admin") { [self] in try await deactivate($0, $2) })
    }

    private func register(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        var reader = try BodyReader(body)
        let username = reader.requiredString("username")
        let email = reader.string("email")
        let password = reader.requiredString("password")
        try reader.finish()
        let user = try await answering {
            try await accounts.add(
                username: username, email: email, password: password, isAdministrator: false, by: principal.id)
        }
        context.audit.record("user_added", request, principal, on: user.username, result: 201)
        return Self.answer(user, status: 201)
    }

    private func list(_ request: HTTPRequest) throws -> HTTPResponse {
        var query = QueryReader(request)
        let skip = query.int("skip", default: 0, in: 0...Int(Int32.max))
        let limit = query.int("limit", default: 100, in: 1...1000)
        try query.finish()
        var writer = JSONWriter(capacity: 4096)
        writer.array { writer in
            for user in accounts.users.dropFirst(skip).prefix(limit) {
                writer.object { user.writePublicMembers(to: &$0) }
            }
        }
        return .json(writer.bytes)
    }

    private func setAdministrator(
        _ request: HTTPRequest, _ body: JSONDocument?, _ principal: Principal
    ) async throws -> HTTPResponse {
        var reader = try BodyReader(body)
        let isAdministrator = reader.requiredBool("is_admin")
        try reader.finish()
        let target = try user(of: request)
        guard isAdministrator || String(target.id) != principal.id else {
            throw HTTPError(400, "invalid_account", "You cannot take away your own administrator's rights.")
        }
        let changed = try await answering {
            try await accounts.edit(target.username, by: principal.id) { $0.isAdministrator = isAdministrator }
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
        try await answering { try await accounts.deactivate(target.username, by: principal.id) }
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

    private static func answer(_ user: User, status: Int = 200) -> HTTPResponse {
        var writer = JSONWriter(capacity: 256)
        writer.object { user.writePublicMembers(to: &$0) }
        return .json(writer.bytes, status: status)
    }

    private static func message(_ text: String) -> HTTPResponse {
        var writer = JSONWriter(capacity: 64)
        writer.object { $0.member("message", text) }
        return .json(writer.bytes)
    }

    private static func writeID(_ principal: Principal, _ name: String, to writer: inout JSONWriter) {
        if let id = Int(principal.id) { writer.member(name, id) } else { writer.member(name, principal.id) }
    }
}
