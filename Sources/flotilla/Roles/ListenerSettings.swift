import HTTPKit
import Runtime

/// How the ingress listens, beyond its address.
enum ListenerSettings {
    /// The longest announcement, so that a stop comes to an end while somebody waits for it.
    static let longestAnnouncement = Duration.seconds(600)

    /// Reads `TLS_CERTIFICATE` and `TLS_PRIVATE_KEY`, both or neither, and the files; blocks.
    static func tls(_ reader: inout SettingsReader, now: Timestamp) -> TLSFiles? {
        let (certificate, key) = (reader.path("TLS_CERTIFICATE"), reader.path("TLS_PRIVATE_KEY"))
        guard let certificate, let key else {
            if certificate != nil, !reader.isSet("TLS_PRIVATE_KEY") {
                reader.reject("TLS_PRIVATE_KEY", mustBe: "set where TLS_CERTIFICATE is")
            } else if key != nil, !reader.isSet("TLS_CERTIFICATE") {
                reader.reject("TLS_CERTIFICATE", mustBe: "set where TLS_PRIVATE_KEY is")
            }
            return nil
        }
        let files = TLSFiles(certificate: certificate, privateKey: key)
        do throws(TLSError) {
            _ = try files.load(now: now)
        } catch {
            switch error.code {
            case .badKey, .mismatch:
                reader.reject("TLS_PRIVATE_KEY", mustBe: "the key of TLS_CERTIFICATE in PEM (\(error.message))")
            case .badCertificate, .notValidNow:
                reader.reject("TLS_CERTIFICATE", mustBe: "a certificate in PEM that is valid now (\(error.message))")
            }
        }
        return files
    }

    /// Reads `DRAIN_SECONDS`.
    static func drainAnnouncement(_ reader: inout SettingsReader) -> Duration {
        reader.duration("DRAIN_SECONDS", default: .zero, in: .zero...longestAnnouncement)
    }
}
