import Glibc

@testable import HTTPKit

/// A self-signed certificate with its key in files of a folder of a test's own; removed when the test lets go of it.
final class TestIdentity: Sendable {
    let folder: String

    /// - Parameter name: The common name; `localhost` and 127.0.0.1 are the alternative ones.
    init(_ name: String) throws {
        folder = try Tool.temporaryFolder()
        try Tool.run([
            "openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes", "-days",
            "1", "-subj", "/CN=\(name)", "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1", "-keyout",
            "\(folder)/key", "-out", "\(folder)/certificate",
        ])
    }

    deinit { Tool.remove(folder) }

    var files: TLSFiles { TLSFiles(certificate: "\(folder)/certificate", privateKey: "\(folder)/key") }

    func identity() throws -> TLSIdentity {
        TLSIdentity(certificate: try Tool.read(files.certificate), privateKey: try Tool.read(files.privateKey))
    }

    /// Asks a server on loopback that must show this certificate; throws when it does not, or does not answer.
    func ask(_ port: Int, _ path: String, _ options: [String] = []) throws -> String {
        try Tool.run(
            ["curl", "-s", "-m", "10", "--cacert", files.certificate, "-o", "\(folder)/answer"] + options + [
                "https://127.0.0.1:\(port)\(path)"
            ])
        return try Tool.read("\(folder)/answer")
    }
}
