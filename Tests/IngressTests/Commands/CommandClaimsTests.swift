import BusTestKit
import Runtime
import Testing

@testable import Ingress

@Suite struct CommandClaimsTests {
    private struct Refusal: Error {}

    private let time = Timestamp(microseconds: 7)

    @Test func oneOwnsOthersFollow() async throws {
        let claims = CommandClaims()
        #expect(claims.claim("a", fingerprint: "1") == .own)
        #expect(claims.claim("a", fingerprint: "1") == .follow)
        #expect(claims.claim("a", fingerprint: "2") == .conflict)
        let follower = Task { try await claims.acceptance(of: "a") }
        claims.settle("a", .success(time))
        #expect(try await follower.value == time)
        #expect(claims.claim("a", fingerprint: "1") == .follow, "until the view has it")
        claims.projected(["a"])
        #expect(claims.claim("a", fingerprint: "1") == .own)
    }

    @Test func aFailureFreesTheKeyAndTellsTheFollowers() async throws {
        let claims = CommandClaims()
        _ = claims.claim("a", fingerprint: "1")
        let follower = Task { try await claims.acceptance(of: "a") }
        await Task.yield()
        claims.settle("a", .failure(Refusal()))
        // The follower may have asked after the failure: then the key is free for it.
        if case .success(let at) = await follower.result { #expect(at == nil) }
        #expect(claims.claim("a", fingerprint: "2") == .own)
    }

    @Test func aViewThatIsFasterThanTheAnswerLeavesNothingBehind() {
        let claims = CommandClaims(maximum: 1)
        _ = claims.claim("a", fingerprint: "1")
        claims.projected(["a"])
        #expect(claims.claim("a", fingerprint: "1") == .follow)
        claims.settle("a", .success(time))
        #expect(claims.claim("b", fingerprint: "1") == .own)
    }

    @Test func refusesBeyondItsBound() {
        let claims = CommandClaims(maximum: 1)
        _ = claims.claim("a", fingerprint: "1")
        #expect(claims.claim("b", fingerprint: "1") == .full)
    }
}
