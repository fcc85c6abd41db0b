import Testing

@testable import Ingress

@Suite struct AddressRangeTests {
    @Test(arguments: [
        ("10.0.0.0/8", "10.255.0.1", true), ("10.0.0.0/8", "11.0.0.0", false), ("10.9.9.9/8", "10.0.0.1", true),
        ("192.0.2.1", "192.0.2.1", true), ("192.0.2.1", "192.0.2.2", false), ("0.0.0.0/0", "203.0.113.1", true),
        ("0.0.0.0/0", "2001:db8::1", false), ("::/0", "2001:db8::1", true), ("::/0", "192.0.2.1", false),
        ("2001:db8::/33", "2001:db8:7fff::1", true), ("2001:db8::/33", "2001:db8:8000::1", false),
        ("2001:db8::1/128", "2001:db8::1", true), ("::1", "::1", true), ("2001:db8::/64", "2001:db8::ffff:1", true),
        ("2001:db8::/96", "2001:db8::1:0:0", false), ("::ffff:10.0.0.0/104", "10.1.1.1", true),
    ])
    func rangesHoldTheirAddresses(_ range: String, _ address: String, _ isIn: Bool) throws {
        let range = try #require(AddressRange(range))
        #expect(range.contains(try #require(IPAddress(address))) == isIn)
    }

    @Test(arguments: [
        "", "host", "10.0.0.0/33", "10.0.0/8", "::1/129", "10.0.0.0/", "10.0.0.0/-1", "10.0.0.0/8/8", "10.0.0.0/+8",
    ])
    func whatIsNoRangeIsRefused(_ text: String) {
        #expect(AddressRange(text) == nil)
    }

    @Test func addressesAreWrittenCanonically() {
        #expect(IPAddress("2001:DB8:0:0::0001")?.text == "2001:db8::1")
        #expect(IPAddress("::ffff:192.0.2.1")?.text == "192.0.2.1")
        #expect(IPAddress("2001:db8::1:2")?.subscriber == IPAddress("2001:db8::"))
        #expect(IPAddress("192.0.2.1")?.subscriber == IPAddress("192.0.2.1"))
        #expect(IPAddress("127.9.9.9")?.isLoopback == true && IPAddress("::1")?.isLoopback == true)
        #expect(IPAddress("128.0.0.1")?.isLoopback == false)
    }
}
