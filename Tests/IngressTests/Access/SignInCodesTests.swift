import BusTestKit
import Runtime
import Testing

@testable import Ingress

@Suite struct SignInCodesTests {
    private let time = ManualTime()

    @Test func worksOnce() {
        let codes = SignInCodes(time: time)
        let code = codes.make()
        #expect(codes.take("wrong") == nil)
        #expect(codes.take(code) == .localAdministrator)
        #expect(codes.take(code) == nil)
    }

    @Test func endsAfterFifteenMinutes() {
        let codes = SignInCodes(time: time)
        let code = codes.make()
        time.advance(by: .seconds(15 * 60))
        #expect(codes.take(code) == nil)
    }
}
