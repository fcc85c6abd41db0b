import Testing

@testable import BusClients

@Suite struct DelayBucketTests {
    @Test(arguments: [
        (Duration.zero, 1), (.milliseconds(1), 1), (.seconds(1), 1), (.milliseconds(1001), 2), (.seconds(2), 2),
        (.seconds(3), 4), (.seconds(65536), 65536), (.seconds(65537), 86400), (.seconds(86400), 86400),
        (.seconds(1_000_000), 86400),
    ])
    func takesTheFirstThatIsLongEnough(_ delay: Duration, _ seconds: Int) {
        #expect(DelayBucket.of(delay).seconds == seconds)
    }

    @Test func expirationsAreWholeMillisecondsRoundedUp() {
        #expect(Outgoing.expiration(of: .zero) == 0)
        #expect(Outgoing.expiration(of: .microseconds(1)) == 1)
        #expect(Outgoing.expiration(of: .milliseconds(1500)) == 1500)
        #expect(Outgoing.expiration(of: .seconds(-5)) == 0)
        #expect(Outgoing.expiration(of: .seconds(1 << 40)) == 4_294_967_295)
    }
}
