/// A certificate authority and a server certificate of a test's own, made with the `openssl` command.
package struct TestCertificates: Sendable {
    /// PEM files.
    package let authority, certificate, key: String

    /// The names the server's certificate is good for: `localhost` and 127.0.0.1.
    package init(in folder: String, named name: String = "server") async throws {
        authority = "\(folder)/\(name)-authority.pem"
        certificate = "\(folder)/\(name).pem"
        key = "\(folder)/\(name)-key.pem"
        let authorityKey = "\(folder)/\(name)-authority-key.pem"
        let request = [
            "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days", "1",
        ]
        try await Self.openssl(
            request + ["-subj", "/CN=Flotilla test authority", "-keyout", authorityKey, "-out", authority])
        try await Self.openssl(
            request + [
                "-subj", "/CN=localhost", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
                "-addext", "basicConstraints=critical,CA:FALSE", "-CA", authority, "-CAkey", authorityKey,
                "-keyout", key, "-out", certificate,
            ])
    }

    private static func openssl(_ arguments: [String]) async throws {
        let process = try ChildProcess("/usr/bin/openssl", arguments, environment: ["PATH": "/usr/bin:/bin"])
        guard try await process.wait() == 0 else { throw ChildFailure("openssl failed:\n\(process.text)") }
    }
}
