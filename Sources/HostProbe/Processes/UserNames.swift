import Glibc

/// The names of users by number, as the host's user database has them. Belongs to one thread.
final class UserNames {
    /// Beyond so many, all are forgotten: a host has some dozens.
    private static let limit = 1024

    private var names: [UInt32: String] = [:]
    private let look: (UInt32) -> String?

    init(_ look: @escaping (UInt32) -> String? = UserNames.look) { self.look = look }

    /// The name, or the number of a user without one.
    func name(of user: UInt32) -> String {
        if let known = names[user] { return known }
        if names.count >= Self.limit { names.removeAll(keepingCapacity: true) }
        let name = look(user) ?? String(user)
        names[user] = name
        return name
    }

    private static func look(_ user: UInt32) -> String? {
        var entry = passwd()
        var found: UnsafeMutablePointer<passwd>?
        return withUnsafeTemporaryAllocation(of: CChar.self, capacity: 16 << 10) { buffer in
            guard let start = buffer.baseAddress, getpwuid_r(user, &entry, start, buffer.count, &found) == 0,
                found != nil, let name = entry.pw_name
            else { return nil }
            return String(cString: name)
        }
    }
}
