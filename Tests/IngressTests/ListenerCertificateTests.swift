import BusTestKit
import HTTPKit
import Runtime
import Testing

@testable import Ingress

@Suite struct ListenerCertificateTests {
    private let folder: TemporaryFolder
    private let log = LogMemory()
    private let time: ManualTime

    init() throws {
        folder = try TemporaryFolder()
        time = ManualTime(now: SystemTime().now)
    }

    private func certificate(_ files: TLSFiles) throws -> ListenerCertificate {
        // Certificates have whole seconds, and these are a moment old.
        time.stepWallClock(by: .seconds(1))
        return try ListenerCertificate(files, time: time, logger: Logger(component: "test", sink: LogSink(memory: log)))
    }

    @Test func aReloadTakesWhatTheFilesHoldNow() async throws {
        let made = try await TestCertificates(in: folder.path)
        let certificate = try certificate(TLSFiles(certificate: made.certificate, privateKey: made.key))
        let first = certificate.identity
        certificate.reload()
        #expect(certificate.identity == first)
        _ = try await TestCertificates(in: folder.path)
        time.stepWallClock(by: .seconds(1))
        certificate.reload()
        #expect(certificate.identity != first)
        #expect(log.lines.count { $0.contains("certificate_reloaded") && $0.contains("127.0.0.1") } == 2)
    }

    @Test func whatHasExpiredIsNotTaken() async throws {
        let made = try await TestCertificates(in: folder.path)
        let certificate = try certificate(TLSFiles(certificate: made.certificate, privateKey: made.key))
        let first = certificate.identity
        time.stepWallClock(by: .seconds(2 * 86_400))
        certificate.reload()
        #expect(certificate.identity == first)
        #expect(log.lines.count == 1)
        #expect(log.lines.first?.contains("certificate_not_reloaded") == true)
        #expect(log.lines.first?.contains("expired at") == true, "\(log.lines)")
    }
}
