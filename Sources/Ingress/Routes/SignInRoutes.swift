internal import Contracts
internal import HTTPKit
internal import Runtime

/// `GET /sign-in?code=…`: the one-time link that `flotilla up` shows.
struct SignInRoutes: RouteGroup {
    let context: IngressContext
    let codes: SignInCodes
    let tokens: AccessTokens

    func register(in api: inout API) {
        api.on(SignInOperations.signIn, .deferred { [self] request, _ in try signIn(request) })
    }

    private func signIn(_ request: HTTPRequest) throws -> HTTPResponse {
        // A link preview must not use the code up.
        guard request.method != .HEAD else { throw HTTPError.methodNotAllowed(["GET"]) }
        var query = QueryReader(request)
        guard let user = query.value(SignInOperations.code).flatMap(codes.take) else {
            context.audit.record("sign_in_refused", request, nil, result: 401)
            throw HTTPError.unauthenticated("The sign-in link is not valid or was used before.")
        }
        let lifetime = context.configuration.access.accessTokenLifetime
        let token = try tokens.mint(for: user, lifetime: lifetime)
        context.audit.record("signed_in", request, Principal(user))
        let wantsPage = request.headers.first("Accept")?.contains("text/html") ?? false
        var response = wantsPage ? Self.page(token) : HTTPResponse.json(Self.json(token))
        response.headers.set("Cache-Control", "no-store")
        response.headers.set("Referrer-Policy", "no-referrer")
        return response
    }

    private static func json(_ token: AccessToken) -> [UInt8] {
        var writer = JSONWriter(capacity: 512)
        writer.object { writer in
            writer.member("access_token", token.text)
            writer.member("token_type", "bearer")
            writer.member("expires_in", token.lifetime.components.seconds)
            writer.member(
                "user",
                object: { writer in
                    writer.member("id", token.user.id)
                    writer.member("username", token.user.username)
                    writer.member("is_admin", token.user.isAdministrator)
                    writer.member("role", token.user.isAdministrator ? "administrator" : "user")
                    writer.member("permissions", token.user.permissions)
                })
        }
        return writer.bytes
    }

    /// A page that needs no script. A token is base64url and dots, so that it needs no escape either.
    private static func page(_ token: AccessToken) -> HTTPResponse {
        let page = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>Flotilla: signed in</title></head>
            <body><main><h1>Signed in</h1>
            <p>Send this token as <code>Authorization: Bearer …</code>. It is good for \
            \(token.lifetime.components.seconds / 60) minutes.</p>
            <p><textarea aria-label="Access token" readonly rows="8" cols="64">\(token.text)</textarea></p>
            </main></body></html>

            """
        return .bytes(Array(page.utf8), contentType: "text/html; charset=utf-8")
    }
}
