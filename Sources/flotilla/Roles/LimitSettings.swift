import Ingress
import Runtime

/// The settings of what senders may do.
enum LimitSettings {
    static func read(_ reader: inout SettingsReader) -> LimitConfiguration {
        var limits = LimitConfiguration()
        for entry in reader.list("TRUSTED_PROXIES") {
            if let range = AddressRange(entry) {
                limits.trustedProxies.append(range)
            } else {
                reader.reject(
                    "TRUSTED_PROXIES", mustBe: "addresses and ranges such as 10.0.0.0/8, separated by commas")
                break
            }
        }
        limits.rate = rate(&reader)
        limits.maximumConcurrentRequests = reader.int("MAX_CONCURRENT_REQUESTS", default: 256, in: 0...1_000_000)
        limits.maximumStreams = reader.int("MAX_STREAMS", default: 32, in: 0...1_000_000)
        let origins = reader.list("CORS_ORIGINS")
        if reader.isSet("CORS_ORIGINS") {
            limits.origins = CORSOrigins(entries: origins)
            if limits.origins == nil {
                reader.reject(
                    "CORS_ORIGINS", mustBe: "* or origins such as https://app.example.org, separated by commas")
            }
        }
        return limits
    }

    private static func rate(_ reader: inout SettingsReader) -> RateLimit? {
        guard let text = reader.string("RATE_LIMIT"), text.lowercased() != "off" else { return nil }
        if let rate = RateLimit(text) { return rate }
        reader.reject(
            "RATE_LIMIT",
            mustBe: "off, requests a minute such as 600, or those and a burst as in 600/50, each from 1 to 1000000")
        return nil
    }
}
