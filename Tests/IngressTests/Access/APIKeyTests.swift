import Testing

@testable import Ingress

@Suite struct APIKeyTests {
    @Test func aPlainEntryMaySendCommands() {
        let key = APIKey(entry: "s3cret==")
        #expect(key?.permissions == APIKey.defaultPermissions)
        #expect(key?.hash.matches(SecretHash(of: "s3cret==")) == true)
        #expect(key?.hash.matches(SecretHash(of: "s3cret=")) == false)
    }

    @Test func anEntryMayNamePermissions() {
        let key = APIKey(entry: "s3cret=hardware:*+system:read")
        #expect(key?.permissions == ["hardware:*", "system:read"])
        #expect(key?.hash.matches(SecretHash(of: "s3cret")) == true)
        #expect(key?.principal.isAdministrator == false)
    }

    @Test func emptyEntriesAreNoKeys() {
        #expect(APIKey(entry: "") == nil)
        #expect(APIKey(entry: "=hardware:*") == nil)
    }
}
