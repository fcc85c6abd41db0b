/// What names, addresses, passwords and permissions of accounts must be.
enum AccountRules {
    /// Every permission that something asks for.
    static let permissions = [
        "hardware:monitor", "hardware:optimize", "hardware:process_control", "hardware:configure",
        "hardware:benchmark", "hardware:security", "security:read", "system:read", "system:configure", "commands:send",
        "commands:read", "models:read", "models:write", "sessions:read", "sessions:write", "config:read",
        "config:write", "fleet:admin",
    ]
    /// As many bytes as a hash is made of without being a burden.
    private static let longestPassword = 1024

    static func check(username: String) throws(AccountError) {
        let isGood = username.utf8.allSatisfy {
            switch $0 {
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"),
                UInt8(ascii: "-"):
                true
            default: false
            }
        }
        guard isGood, (3...50).contains(username.utf8.count) else { throw .invalidUsername }
    }

    /// An address with one `@` between something and a name with a dot; whether it is somebody's only a message tells.
    static func check(email: String) throws(AccountError) {
        let parts = email.split(separator: "@", omittingEmptySubsequences: false)
        let isPrintable = email.utf8.allSatisfy { $0 > 32 && $0 != 127 }
        guard parts.count == 2, !parts[0].isEmpty, parts[1].contains("."), !parts[1].hasPrefix("."),
            !parts[1].hasSuffix("."), isPrintable, email.utf8.count <= 254
        else { throw .invalidEmail }
    }

    static func check(password: String) throws(AccountError) {
        guard password.count >= 8 else { throw .weakPassword("at least 8 characters") }
        guard password.utf8.count <= longestPassword, !password.utf8.contains(0) else {
            throw .weakPassword("at most \(longestPassword) bytes, none of them zero")
        }
        let wants: [(String, (Character) -> Bool)] = [
            ("an upper-case letter", \.isUppercase), ("a lower-case letter", \.isLowercase), ("a digit", \.isNumber),
            ("a character that is neither letter nor digit", { !$0.isLetter && !$0.isNumber }),
        ]
        for (name, isIt) in wants where !password.contains(where: isIt) { throw .weakPassword(name) }
    }

    /// Exact, or a prefix of one that ends in `*`.
    static func check(permission: String) throws(AccountError) {
        let isKnown =
            permission.hasSuffix("*")
            ? permissions.contains { $0.hasPrefix(permission.dropLast()) } : permissions.contains(permission)
        guard isKnown else { throw .unknownPermission(permission) }
    }
}
