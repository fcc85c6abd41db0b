import BusTestKit
import Glibc
import Testing

@testable import Ingress

@Suite struct AccessSecretTests {
    @Test func isMadeOnceAndKeptPrivate() throws {
        let folder = try TemporaryFolder()
        let first = try AccessSecret.resolve(nil, stateFolder: folder.path)
        let second = try AccessSecret.resolve(nil, stateFolder: folder.path)
        #expect(first.bytes == second.bytes)
        #expect(first.bytes.count == 64)
        var status = stat()
        #expect(stat("\(folder.path)/jwt_secret", &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
    }

    @Test func refusesAFileThatOthersMayRead() throws {
        let folder = try TemporaryFolder()
        _ = try AccessSecret.resolve(nil, stateFolder: folder.path)
        #expect(chmod("\(folder.path)/jwt_secret", 0o640) == 0)
        let error = #expect(throws: AccessError.self) { try AccessSecret.resolve(nil, stateFolder: folder.path) }
        #expect(error?.code == .untrustedSecretFile)
    }

    @Test func refusesALink() throws {
        let folder = try TemporaryFolder()
        #expect(symlink("/etc/hostname", "\(folder.path)/jwt_secret") == 0)
        #expect(throws: AccessError.self) { try AccessSecret.resolve(nil, stateFolder: folder.path) }
    }

    @Test func refusesAShortSecret() {
        let error = #expect(throws: AccessError.self) { try AccessSecret.resolve("short", stateFolder: "/tmp") }
        #expect(error?.code == .weakSecret)
    }

    @Test func openAccessStaysOnLoopback() throws {
        let open = AccessConfiguration(mode: .open)
        for host in ["127.0.0.1", "127.8.9.10", "::1", "localhost"] { try open.validate(listeningOn: host) }
        for host in ["0.0.0.0", "::", "10.0.0.1", "127.0.0.1.example.org", "128.0.0.1"] {
            #expect(throws: AccessError.self) { try open.validate(listeningOn: host) }
            try AccessConfiguration().validate(listeningOn: host)
        }
    }
}
