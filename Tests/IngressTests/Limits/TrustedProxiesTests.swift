import HTTPKit
import Testing

@testable import Ingress

@Suite struct TrustedProxiesTests {
    private func client(
        _ peer: String, trusted: [String] = ["10.0.0.0/8", "2001:db8::/32"], _ headers: HTTPHeaders
    ) throws -> String {
        let ranges = try trusted.map { try #require(AddressRange($0)) }
        let peer = PeerAddress(host: peer, port: 4711, isLoopback: peer == "127.0.0.1")
        return TrustedProxies(ranges: ranges).client(of: peer, headers).host
    }

    @Test func onlyATrustedPeerIsBelieved() throws {
        let headers: HTTPHeaders = ["X-Forwarded-For": "192.0.2.7", "Forwarded": "for=192.0.2.8"]
        #expect(try client("10.1.2.3", headers) == "192.0.2.7")
        #expect(try client("11.1.2.3", headers) == "11.1.2.3")
        #expect(try client("10.1.2.3", trusted: [], headers) == "10.1.2.3")
        #expect(try client("2001:db8::5", headers) == "192.0.2.7")
        #expect(try client("unknown", headers) == "unknown")
        #expect(try client("10.1.2.3", [:]) == "10.1.2.3")
    }

    @Test func theWalkGoesFromRightToLeftAndSkipsTrustedOnes() throws {
        #expect(try client("10.0.0.1", ["X-Forwarded-For": "6.6.6.6, 192.0.2.7 ,10.0.0.2, 10.0.0.3"]) == "192.0.2.7")
        #expect(try client("10.0.0.1", ["X-Forwarded-For": "10.0.0.9, 10.0.0.2"]) == "10.0.0.9")
        let twice: HTTPHeaders = ["X-Forwarded-For": "6.6.6.6, 192.0.2.7", "x-forwarded-for": "10.0.0.2"]
        #expect(try client("10.0.0.1", twice) == "192.0.2.7")
    }

    @Test(arguments: [
        "nonsense", "", "1.2.3", "1.2.3.4:x", "1.2.3.4:99999", "[::1", "[::1]x", "[1.2.3.4]", "fe80::1%eth0",
    ])
    func whatIsNoAddressEndsTheWalk(_ entry: String) throws {
        #expect(try client("10.0.0.1", ["X-Forwarded-For": "192.0.2.7, \(entry), 10.0.0.2"]) == "10.0.0.2")
        #expect(try client("10.0.0.1", ["X-Forwarded-For": "192.0.2.7, \(entry)"]) == "10.0.0.1")
    }

    @Test(arguments: [
        ("192.0.2.7:80", "192.0.2.7"), ("[2001:DB9::0:1]:443", "2001:db9::1"), ("[2001:db9::1]", "2001:db9::1"),
        ("2001:db9::1", "2001:db9::1"), ("::ffff:192.0.2.7", "192.0.2.7"),
    ])
    func portsAndSpellingsDoNotCount(_ entry: String, _ address: String) throws {
        #expect(try client("10.0.0.1", ["X-Forwarded-For": entry]) == address)
    }

    @Test func theStandardHeaderCountsWithoutTheOther() throws {
        #expect(try client("10.0.0.1", ["Forwarded": "for=192.0.2.7;proto=https, For=\"10.0.0.2:80\""]) == "192.0.2.7")
        #expect(try client("10.0.0.1", ["Forwarded": "by=x;for=\"[2001:db9::1]:4711\""]) == "2001:db9::1")
        #expect(try client("10.0.0.1", ["Forwarded": "for=192.0.2.7, for=unknown"]) == "10.0.0.1")
        #expect(try client("10.0.0.1", ["Forwarded": "for=192.0.2.7, for=\"_a,b\", for=10.0.0.2"]) == "10.0.0.2")
        #expect(try client("10.0.0.1", ["Forwarded": "proto=https"]) == "10.0.0.1")
    }

    @Test func aForwardedAddressIsLoopbackOnlyIfItIs() throws {
        let proxies = TrustedProxies(ranges: [try #require(AddressRange("127.0.0.1"))])
        let peer = PeerAddress(host: "127.0.0.1", port: 1, isLoopback: true)
        #expect(!proxies.client(of: peer, ["X-Forwarded-For": "192.0.2.7"]).isLoopback)
        #expect(proxies.client(of: peer, ["X-Forwarded-For": "::1"]).isLoopback)
    }
}
