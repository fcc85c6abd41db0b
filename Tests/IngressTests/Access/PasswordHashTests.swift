import Testing

@testable import Ingress

@Suite struct PasswordHashTests {
    /// The time of a sign-in does not tell whether there is such a user: the hash that nobody has costs as much as any.
    @Test func hashOfNobodyIsAsDearAsAnother() async throws {
        let nobody = PasswordHasher.hashOfNobody()
        let hasher = try PasswordHasher()
        let somebody = try await hasher.hash("correct-Horse-7")
        #expect(PasswordHasher.isCurrent(nobody))
        #expect(PasswordHasher.isCurrent(somebody))
        #expect(!PasswordHasher.isCurrent(PasswordHash(text: nobody.text.replacing("t=2", with: "t=1"))))
        #expect(nobody.text.utf8.count == somebody.text.utf8.count)
        #expect(nobody != PasswordHasher.hashOfNobody())
        let isNobodys = try await hasher.isRight("", for: nobody)
        #expect(!isNobodys)
    }
}
