import Testing

@testable import flotilla

@Suite struct ServiceURLTests {
    @Test(arguments: [
        "http://127.0.0.1:8000", "http://localhost", "https://127.1.2.3/base", "http://[::1]:8000",
        "HTTP://localhost:1",
    ])
    func loopbackIsThisMachine(text: String) { #expect(ServiceURL(text)?.isLoopback == true) }

    @Test(arguments: ["http://127.evil.com", "http://10.0.0.1", "https://localhost.evil.com", "http://[::2]"])
    func othersAreNot(text: String) { #expect(ServiceURL(text)?.isLoopback == false) }

    @Test(arguments: [
        "", "127.0.0.1:8000", "ftp://x", "http://", "http://127.0.0.1@evil.com", "http://a/?x=1", "http://[::1",
    ])
    func whatIsNoAddressIsRefused(text: String) { #expect(ServiceURL(text) == nil) }

    @Test func aWildcardIsReachedOverLoopback() {
        #expect(ServiceURL(listeningOn: "0.0.0.0").text(port: 1) == "http://127.0.0.1:1")
        #expect(ServiceURL(listeningOn: "::").text(port: 2) == "http://[::1]:2")
        #expect(ServiceURL(listeningOn: "fleet.local").text(port: 3) == "http://fleet.local:3")
    }
}
