internal import Glibc

/// Sets planned files aside, each only if it still is what was planned. Blocks; runs on the session's thread.
struct FileMover: Sendable {
    let folder: Folder
    let quarantine: Quarantine
    let step: Int
    /// Neither written nor read after this, in nanoseconds since 1970; as planned.
    let unusedSince: Int

    /// Moves a file into the quarantine, or says why not.
    func setAside(_ item: JournalItem, openFiles: OpenFiles) -> JournalItem {
        var item = item
        do {
            try move(&item, openFiles)
        } catch let error as SystemCallError {
            item.state = .failed
            item.detail = error.description
        } catch let reason as LeftAlone {
            item.state = .leftAlone
            item.detail = reason.words
        } catch {
            item.state = .failed
            item.detail = "\(error)"
        }
        return item
    }

    /// Deletes a file from the quarantine, or puts it back if a program has it open; what is gone there was deleted by
    /// an earlier run.
    func purge(_ item: JournalItem, openFiles: OpenFiles) -> JournalItem {
        var item = item
        let name = fileName(item)
        do {
            let status = try quarantine.folder.status(of: name)
            guard status.isSameFile(as: item.item.facts) else {
                item.state = .failed
                item.detail = "another file is in its place in the quarantine"
                return item
            }
            if openFiles.contains(status.key) { return returned(item) }
            try quarantine.folder.delete(name)
        } catch  where error.code == ENOENT {
            // Only an earlier run of this session, interrupted before it wrote that down, can have deleted it.
        } catch {
            item.detail = "still in quarantine at \(path(item)): \(error)"
            return item
        }
        item.state = .purged
        item.detail = nil
        return item
    }

    /// Puts a file that a program opened before it was moved back to where it was.
    private func returned(_ item: JournalItem) -> JournalItem {
        var item = item
        do {
            let (parentPath, name) = try Self.split(item.item.target)
            try quarantine.folder.move(fileName(item), to: try folder.folder(parentPath), as: name)
            item.state = .leftAlone
            item.detail = "a program has it open"
        } catch {
            item.detail = "still in quarantine at \(path(item)): a program has it open"
        }
        return item
    }

    private func move(_ item: inout JournalItem, _ openFiles: OpenFiles) throws {
        let (parentPath, name) = try Self.split(item.item.target)
        let parent: Folder
        do {
            parent = try folder.folder(parentPath)
        } catch  where [ENOENT, ENOTDIR, ELOOP, EXDEV].contains(error.code) {
            throw LeftAlone("its folder is gone, or a link or mount took its place")
        }
        let status: FileStatus
        do {
            status = try parent.status(of: name)
        } catch  where error.code == ENOENT {
            guard isInQuarantine(item) else { throw LeftAlone("it is gone") }
            // An earlier run moved it and was interrupted before it wrote that down.
            return note(&item)
        }
        try check(status, item.item.facts, openFiles)
        do {
            try parent.move(name, to: quarantine.folder, as: fileName(item))
        } catch  where error.code == EXDEV {
            throw LeftAlone("the quarantine is on another mount")
        }
        guard isInQuarantine(item) else {
            // The name was given to another file between the check and the move: that one goes back.
            try putBack(item, to: parent, name)
            throw LeftAlone("another file took its place")
        }
        note(&item)
    }

    private func check(_ status: FileStatus, _ planned: Facts, _ openFiles: OpenFiles) throws(LeftAlone) {
        guard status.isRegularFile else { throw LeftAlone("it is not a regular file any more") }
        guard status.links == 1 else { throw LeftAlone("it has another hard link now") }
        if let difference = status.difference(from: planned) { throw LeftAlone(difference) }
        guard status.accessed <= unusedSince else { throw LeftAlone("it was read since") }
        guard !openFiles.contains(status.key) else { throw LeftAlone("a program has it open") }
    }

    private func putBack(_ item: JournalItem, to parent: Folder, _ name: [UInt8]) throws {
        do {
            try quarantine.folder.move(fileName(item), to: parent, as: name)
        } catch {
            throw OptimizationError(
                .systemCall,
                "another file took its place, was moved to \(path(item)) and could not be put back: \(error)",
                underlyingCode: error.code)
        }
    }

    private func isInQuarantine(_ item: JournalItem) -> Bool {
        do {
            return try quarantine.folder.status(of: fileName(item)).isSameFile(as: item.item.facts)
        } catch {
            // Not there, or not to be seen: then it is not known to be there.
            return false
        }
    }

    private func note(_ item: inout JournalItem) {
        item.state = .quarantined
        item.detail = path(item)
    }

    private func fileName(_ item: JournalItem) -> [UInt8] { Array("\(step)-\(item.number)".utf8) }

    private func path(_ item: JournalItem) -> String { "\(quarantine.path)/\(step)-\(item.number)" }

    /// The folder and the name of a path; refuses what a scan never finds.
    private static func split(_ path: [UInt8]) throws(LeftAlone) -> (folder: [UInt8], name: [UInt8]) {
        let parts = path.split(separator: UInt8(ascii: "/"), omittingEmptySubsequences: false)
        guard let name = parts.last,
            parts.allSatisfy({ !$0.isEmpty && !$0.elementsEqual(".".utf8) && !$0.elementsEqual("..".utf8) })
        else { throw LeftAlone("its path is malformed") }
        return (Array(path.dropLast(name.count + (parts.count > 1 ? 1 : 0))), Array(name))
    }
}

/// Why a file is not touched although it was planned.
private struct LeftAlone: Error {
    let words: String

    init(_ words: String) { self.words = words }
}
