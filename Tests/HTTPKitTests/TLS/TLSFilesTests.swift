import Runtime
import Testing

@testable import HTTPKit

@Suite(.enabled(if: Tool.exist("openssl"), "needs the command openssl"))
struct TLSFilesTests {
    private func code(_ files: TLSFiles, at time: Timestamp) -> TLSError.Code? {
        do throws(TLSError) {
            _ = try files.load(now: time)
            return nil
        } catch {
            #expect(!error.message.isEmpty)
            return error.code
        }
    }

    @Test func readsNamesAndTimes() async throws {
        let one = try await offPool { try TestIdentity("one") }
        let now = SystemTime().now.advanced(by: .seconds(1))
        let certificate = try one.files.load(now: now).certificate
        #expect(certificate.names == ["localhost", "127.0.0.1"])
        // It was made a moment ago for a day.
        let left = certificate.notAfter.duration(since: now)
        #expect(left > .seconds(86_000) && left <= .seconds(86_400))
        #expect(certificate.notBefore <= now)
    }

    @Test func refusesWhatCannotBeServed() async throws {
        let (one, other) = try await offPool { (try TestIdentity("one"), try TestIdentity("other")) }
        // Certificates have whole seconds.
        let now = SystemTime().now.advanced(by: .seconds(1))
        let (good, stranger) = (one.files, other.files)
        #expect(code(good, at: now) == nil)
        #expect(code(good, at: now.advanced(by: .seconds(2 * 86_400))) == .notValidNow)
        #expect(code(good, at: now.advanced(by: .seconds(-86_400))) == .notValidNow)
        #expect(code(TLSFiles(certificate: good.certificate, privateKey: stranger.privateKey), at: now) == .mismatch)
        #expect(code(TLSFiles(certificate: "/nowhere", privateKey: good.privateKey), at: now) == .badCertificate)
        #expect(code(TLSFiles(certificate: good.privateKey, privateKey: good.privateKey), at: now) == .badCertificate)
        #expect(code(TLSFiles(certificate: good.certificate, privateKey: "/nowhere"), at: now) == .badKey)
        #expect(code(TLSFiles(certificate: good.certificate, privateKey: good.certificate), at: now) == .badKey)
        #expect(code(TLSFiles(certificate: "/dev/zero", privateKey: good.privateKey), at: now) == .badCertificate)
    }
}
