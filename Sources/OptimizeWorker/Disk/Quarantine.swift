internal import Glibc

/// A folder of one session on the file system of what is set aside: files wait there until they are purged.
///
/// It is in Flotilla's state folder where that is on the same file system, else in the folder that is cleaned. Only
/// its owner may enter it.
struct Quarantine: Sendable {
    static let folderName = Array(".flotilla-quarantine".utf8)

    let folder: Folder
    /// Absolute, for people and for putting files back.
    let path: String
    private let parent: Folder
    private let name: [UInt8]

    /// Opens or makes the session's folder in a base folder that it makes as well.
    /// - Throws: `OptimizationError` when the base is not safe: another user's, open to others, or a link.
    init(in base: Folder, at basePath: String, named baseName: [UInt8], session: String) throws {
        do {
            try base.makeFolder(baseName)
            let parent = try base.folder(baseName)
            let name = Self.fileName(for: session)
            try parent.makeFolder(name)
            folder = try parent.folder(name)
            self.parent = parent
            self.name = name
        } catch {
            throw OptimizationError(
                .systemCall, "no quarantine can be made in \(basePath): \(error)", underlyingCode: error.code)
        }
        path = "\(basePath)/\(String(decoding: baseName, as: UTF8.self))/\(String(decoding: name, as: UTF8.self))"
        for status in [try parent.status(), try folder.status()] {
            guard status.owner == geteuid(), status.mode & 0o077 == 0 else {
                throw OptimizationError(.unavailable, "the quarantine in \(basePath) is not this user's alone")
            }
        }
    }

    /// Deletes the session's folder if it is empty.
    func removeIfEmpty() {
        do {
            try parent.deleteFolder(name)
        } catch {
            // Files are still in it, which is what it is for.
        }
    }

    /// A session's id as one path component: what is not a letter, a digit, `-` or `_` becomes `%` and two digits.
    static func fileName(for session: String) -> [UInt8] {
        let digits = Array("0123456789abcdef".utf8)
        var name: [UInt8] = []
        for byte in session.utf8.prefix(80) {
            switch byte {
            case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "a")...UInt8(ascii: "z"),
                UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "-"), UInt8(ascii: "_"):
                name.append(byte)
            default: name += [UInt8(ascii: "%"), digits[Int(byte >> 4)], digits[Int(byte & 15)]]
            }
        }
        return name
    }
}
