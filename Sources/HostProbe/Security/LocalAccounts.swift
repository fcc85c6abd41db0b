/// What `/etc/passwd` and `/etc/shadow` say of accounts that are dangerous.
package struct LocalAccounts: Sendable, Hashable {
    /// Names with the user id 0.
    package var superusers: [String]
    /// Names with an empty password; nil where `/etc/shadow` cannot be read.
    package var withoutPassword: [String]?

    package init(superusers: [String], withoutPassword: [String]?) {
        self.superusers = superusers
        self.withoutPassword = withoutPassword
    }

    /// Names of one answer.
    static let maximum = 64
    private static let colon = UInt8(ascii: ":")

    /// The first field of the lines whose field of an index is as wanted; malformed lines are left out.
    static func names(
        _ bytes: UnsafeRawBufferPointer, whereField index: Int, is isWanted: (ByteCursor) -> Bool
    ) -> [String] {
        var cursor = ByteCursor(bytes)
        var names: [String] = []
        while names.count < maximum, var line = cursor.line() {
            guard let name = line.upTo(colon), name.count > 0 else { continue }
            var field = line.upTo(colon)
            for _ in 1..<index { field = line.upTo(colon) }
            if let field, isWanted(field) { names.append(name.text) }
        }
        return names
    }
}
