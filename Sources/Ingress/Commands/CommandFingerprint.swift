internal import CCrypto
internal import Contracts
internal import Runtime

/// What two requests with one key are compared by: who sent it and what it says, white space and times aside.
enum CommandFingerprint {
    /// The first 128 bits of a SHA-256, as 32 hexadecimal digits.
    static func of(_ request: CommandRequest, principal: String) -> String {
        var writer = JSONWriter(capacity: 512)
        writer.string(principal)
        // A command without a timestamp is the same command a moment later.
        let timestamp = request.timestamp ?? Timestamp(microseconds: 0)
        CommandRecord.write(request, id: "", acceptedAt: timestamp, to: &writer)
        let digest = [UInt8](unsafeUninitializedCapacity: Int(SHA256_DIGEST_LENGTH)) { digest, count in
            SHA256(writer.bytes, writer.bytes.count, digest.baseAddress)
            count = Int(SHA256_DIGEST_LENGTH)
        }
        return digest.prefix(16).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
