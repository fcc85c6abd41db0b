import BusTestKit
import HTTPKit
import Testing

@testable import Ingress

@Suite struct WebhookPartsTests {
    /// The example of the specification's authors (github.com/standard-webhooks).
    @Test func signsAsStandardWebhooksHasIt() throws {
        let secret = try #require(WebhookSecret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw"))
        let signature = secret.signature(
            id: "msg_p5jXN8AQM9LWM0D4loKWxJek", seconds: 1_614_265_330, body: Array(#"{"test": 2432232314}"#.utf8))
        #expect(signature == "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=")
    }

    @Test func aSecretIsRandomAndReadAsItIsWritten() throws {
        let secret = WebhookSecret.random()
        #expect(secret != WebhookSecret.random())
        #expect(WebhookSecret(secret.text) == secret)
        for text in ["", "whsec_", "whsec_AAAA", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!"] {
            #expect(WebhookSecret(text) == nil, "\(text)")
        }
    }

    @Test func urlsAreTakenApart() throws {
        let url = try #require(WebhookURL("HTTPS://user:pass@hooks.example.com:8443/a/b?token=x#y"))
        #expect(url.host == "hooks.example.com")
        #expect(url.redacted == "https://hooks.example.com:8443/a/b")
        #expect(url.origin == "https://hooks.example.com:8443")
        #expect(WebhookURL("http://a")?.host == "a")
        #expect(WebhookURL("http://[::1]:80/x")?.host == "::1")
        #expect(WebhookURL("http://a@b@10.0.0.1/x")?.host == "10.0.0.1")
        #expect(WebhookURL("http://10.0.0.1?x@y")?.host == "10.0.0.1")
    }

    @Test(arguments: [
        "", "a", "ftp://a", "http://", "https:///x", "http://:80", "http://a:x", "http://a:0", "http://a:65536",
        "http://a b", "http://a\n", "http://ä.example", "http://[::1", "http://[::1]x", "http:/a", "http://a\\b",
        "file:///etc/passwd", "http://" + String(repeating: "a", count: 2048),
    ])
    func whatIsNoURLIsRefused(text: String) {
        #expect(WebhookURL(text) == nil)
        let error = #expect(throws: HTTPError.self) { try WebhookURL.check(text, allowsPrivate: true) }
        #expect(error?.status == 400)
        #expect(error?.message.hasPrefix("Invalid webhook URL format: \(text.prefix(20))") == true)
    }

    @Test(arguments: [
        "127.0.0.1", "127.255.255.254", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.1.1",
        "169.254.169.254", "100.64.0.1", "100.127.255.255", "224.0.0.1", "239.1.1.1", "255.255.255.255", "240.0.0.1",
        "192.0.2.1", "198.51.100.7", "203.0.113.9", "198.18.0.1", "192.0.0.1", "::", "::1", "fc00::1", "fd12::1",
        "fe80::1", "fec0::1", "ff02::1", "::ffff:10.0.0.1", "::ffff:127.0.0.1", "::10.0.0.1", "64:ff9b::a00:1",
        "64:ff9b:1::1", "2001:db8::1", "2002:a00:1::1", "2001::1", "3fff::1", "100::1",
    ])
    func addressesThatAreNotPublic(text: String) throws {
        #expect(!PublicAddresses.contains(try #require(IPAddress(text))))
        let place = text.contains(":") ? "[\(text)]" : text
        let error = #expect(throws: HTTPError.self) {
            try WebhookURL.check("http://\(place):8080/", allowsPrivate: false)
        }
        #expect(error?.status == 400)
        try WebhookURL.check("http://\(place):8080/", allowsPrivate: true)
    }

    @Test(arguments: ["1.1.1.1", "9.255.255.255", "172.32.0.1", "100.128.0.1", "223.255.255.255", "2606:4700::1111"])
    func addressesThatArePublic(text: String) throws {
        #expect(PublicAddresses.contains(try #require(IPAddress(text))))
    }

    @Test func addressesAreReadFromPackets() {
        #expect(IPAddress(bytes: [10, 0, 0, 1]) == IPAddress("10.0.0.1"))
        #expect(
            IPAddress(bytes: [0x20, 1, 0xd, 0xb8] + [UInt8](repeating: 0, count: 11) + [1]) == IPAddress("2001:db8::1"))
        #expect(
            IPAddress(bytes: [UInt8](repeating: 0, count: 10) + [255, 255, 10, 0, 0, 1]) == IPAddress("10.0.0.1"),
            "mapped")
        #expect(IPAddress(bytes: [1, 2, 3]) == nil)
    }

    @Test func delaysGrowAndReceiversAreHeeded() {
        let configuration = WebhookConfiguration()
        #expect(configuration.delay(after: 1, wanted: nil) == .seconds(5))
        #expect(configuration.delay(after: 7, wanted: nil) == .seconds(1800))
        #expect(configuration.delay(after: 99, wanted: nil) == .seconds(1800))
        #expect(configuration.delay(after: 1, wanted: .seconds(90)) == .seconds(90))
        #expect(configuration.delay(after: 7, wanted: .zero) == .seconds(1))
        #expect(configuration.delay(after: 1, wanted: .seconds(86_400)) == .seconds(3600))
        #expect(configuration.delays.reduce(.zero, +) >= .seconds(3600))
        #expect(configuration.delays.count == 7, "eight attempts")
    }

    @Test func outcomesOfAnswers() {
        func outcome(_ status: Int, _ wait: Duration? = nil) -> WebhookOutcome {
            WebhookOutcome(HTTPClient.Response(status: status, body: [], retryAfter: wait))
        }
        #expect(outcome(200) == .delivered && outcome(204) == .delivered && outcome(299) == .delivered)
        #expect(outcome(410) == .gone)
        #expect(outcome(429, .seconds(7)) == .failed(reason: "the receiver answered 429", retryAfter: .seconds(7)))
        #expect(outcome(503, .seconds(7)) == .failed(reason: "the receiver answered 503", retryAfter: .seconds(7)))
        #expect(outcome(500, .seconds(7)) == .failed(reason: "the receiver answered 500", retryAfter: nil))
        #expect(outcome(302) == .failed(reason: "the receiver answered 302", retryAfter: nil))
    }

    @Test func aReceiverThatIsSilentFailsThoseThatWaitForIt() async throws {
        let lanes = WebhookLanes(limit: 3, limitOfURL: 2)
        func wait(for count: Int) async throws {
            try await withDeadline("\(count) wait") { while lanes.waiting != count { await Task.yield() } }
        }
        #expect(await lanes.enter("a"))
        #expect(await lanes.enter("a"))
        async let third = lanes.enter("a")
        try await wait(for: 1)
        #expect(await lanes.enter("b"), "another URL has room")
        async let fourth = lanes.enter("c")
        try await wait(for: 2)
        lanes.leave("a", isSilent: true)
        #expect(await !third)
        #expect(await fourth)
        lanes.leave("b", isSilent: false)
        #expect(await lanes.enter("a"))
        async let late = lanes.enter("a")
        try await wait(for: 1)
        lanes.close()
        #expect(await !late)
        #expect(await !lanes.enter("x"))
    }
}
