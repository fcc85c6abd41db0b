import BusClients
import Contracts
import HTTPKit
import Runtime

@testable import Ingress

/// The bodies of requests, and tokens.
enum RequestTargets {
    private static let now = MessageTargets.now

    static var all: [FuzzTarget] { [command, batch, optimization, account, claims, token] }

    private static let commandText =
        #"{"device_id":"d","command_type":"reboot","payload":{"a":[1,2.5,null]},"protocol":"mqtt","request_id":"r","#
        + #""timestamp":"2026-11-21T03:00:00+01:00","metadata":{"topic":"x/y","mqtt_topic":"z"},"priority":5,"#
        + #""expires_at":"2036-11-21T03:00:00Z","parser_script_ref":"a.py","qos":1,"retain":false,"confirmable":true}"#

    private static let command = FuzzTarget(
        "command",
        texts: [
            commandText,
            #"{"device_id":"d","command_type":"c","payload":{},"protocol":"COAP","qos":"2","retain":"no"}"#,
        ]
    ) { input in
        let body = try parsed(input)
        let request: CommandRequest
        do throws(ValidationErrors) {
            request = try CommandRequest.single(body, now: now)
        } catch {
            try checkFaults(error.errors)
            throw error
        }
        try checkAccepted([request])
    }

    private static let batch = FuzzTarget(
        "batch",
        texts: [
            #"{"commands":["# + commandText + "," + #"{"device_id":"e","command_type":"c","payload":{},"#
                + #""protocol":"coap","timestamp":1795000000.5,"expires_at":4102444800}]}"#
        ]
    ) { input in
        let body = try parsed(input)
        let requests: [CommandRequest]
        do throws(ValidationErrors) {
            requests = try CommandRequest.batch(body, now: now)
        } catch {
            try checkFaults(error.errors)
            throw error
        }
        try checkAccepted(requests)
    }

    /// What an accepted command becomes is read again by the pusher and by the projection.
    private static func checkAccepted(_ requests: [CommandRequest]) throws {
        let commands = requests.enumerated().map { index, request in
            AcceptedCommand(
                request: request, id: request.requestID ?? "id\(index)", expiresAt: request.expiresAt?.timestamp,
                fingerprint: index % 2 == 0 ? CommandFingerprint.of(request, principal: "7") : nil, index: index)
        }
        let jobs: CommandJobs
        do throws(HTTPError) {
            jobs = try CommandJobs(commands, acceptedAt: now, headers: [:])
        } catch {
            try Finding.unless(error.status == 413, "refused after it was accepted: \(error.message)")
            return
        }
        var read: [String] = []
        for job in jobs.jobs {
            for line in JSONLines(job.message.body) {
                let envelope = try written { try CommandEnvelope(line: line) }
                try Finding.unlessJSON(envelope.record)
                read.append(envelope.requestID)
            }
        }
        try Finding.unless(read == commands.map(\.id), "\(commands.map(\.id)) were written, \(read) are read")
        for event in jobs.events(batch: CommandID.Batch(at: now), TraceContext(trace: (1, 2), span: 3)) {
            for line in JSONLines(event.message.body) { try Finding.unlessJSON(Array(line)) }
        }
    }

    private static let optimization = FuzzTarget(
        "optimize_body",
        texts: [
            #"{"optimization_type":"memory","parameters":{"a":{"b":1}},"priority":"high","dry_run":"yes","#
                + #""auto_rollback":1,"rollback_timeout_minutes":60}"#
        ]
    ) { input in
        let document = try BodyReader.parse(input)
        let request: OptimizationRequest
        do throws(HTTPError) {
            request = try OptimizationRequest(document, host: "alpha", by: .everyone, now: now)
        } catch {
            if let detail = error.detail { try Finding.unlessJSON(detail) }
            throw error
        }
        try Finding.unlessStable(request, \.json, { try OptimizationRequest(json: $0) })
    }

    /// The bodies of signing in, registering and changing a user.
    private static let account = FuzzTarget(
        "account_body",
        texts: [
            #"{"username":"alice","password":"Correct-horse-7","email":"a@b.example","is_admin":true}"#
        ]
    ) { input in
        var reader = try BodyReader(try BodyReader.parse(input))
        let username = reader.requiredString("username")
        let email = reader.string("email")
        let password = reader.requiredString("password")
        _ = reader.requiredBool("is_admin")
        do throws(HTTPError) {
            try reader.finish()
        } catch {
            if let detail = error.detail { try Finding.unlessJSON(detail) }
            throw error
        }
        try AccountRules.check(username: username.lowercased())
        try AccountRules.check(password: password)
        if let email { try AccountRules.check(email: email) }
    }

    private static let secret = Array("0123456789abcdef0123456789abcdef".utf8)

    /// Claims that our own key has signed.
    private static let claims = FuzzTarget(
        "claims",
        texts: [
            #"{"sub":"7","username":"alice","is_admin":false,"role":"user","permissions":["a:b"],"type":"access","#
                + #""sid":"s","iat":1794999000,"nbf":1794999000.5,"exp":1795003600,"scopes":"read write x:y"}"#,
            #"{"sub":"7","type":"refresh","sid":"s","rotation":3,"exp":1795003600}"#,
        ]
    ) { input in
        let token = try SignedToken.sign(claims: input, secret: secret)
        let claims = try TokenClaims(json: try SignedToken.claims(of: token, secret: secret))
        if (try? claims.refresh(now: now)) == nil { _ = try claims.principal(now: now) }
    }

    /// Tokens of nobody: header, claims and signature as they come.
    private static let token = FuzzTarget(
        "token",
        texts: [
            (try? SignedToken.sign(
                claims: Array(#"{"sub":"7","type":"access","exp":1795003600}"#.utf8), secret: secret)) ?? ""
        ]
    ) { input in
        let text = String(decoding: input, as: UTF8.self)
        _ = SignedToken.header(of: text)
        let claims = try SignedToken.claims(of: text, secret: secret)
        _ = try TokenClaims(json: claims).principal(now: now)
    }

    private static func parsed(_ input: [UInt8]) throws -> JSONValue {
        try JSONDocument(parsing: input, depth: JSONDocument.maximumBodyDepth).root
    }

    /// A refusal says what is wrong in JSON.
    private static func checkFaults(_ errors: [ValidationError]) throws {
        try Finding.unless(!errors.isEmpty, "refused without a fault")
        let body = ErrorBody(
            error: "validation_error", message: "m", detail: .validation(errors), timestamp: now, requestID: "r")
        try Finding.unlessJSON(body.json)
    }

    private static func written<Value>(_ read: () throws -> Value) throws -> Value {
        do { return try read() } catch { throw Finding("written and refused: \(error)") }
    }
}
