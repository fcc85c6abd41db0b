internal import CSystem
internal import Glibc
internal import SQLiteKit

/// Shows the other processes on the bus that this one is alive: a lock on one byte of `bus.presence`, which the
/// kernel releases when the process dies, however it dies.
final class Presence: Sendable {
    /// This process's row in `processes`, and the offset of its byte.
    let process: Int64
    private let descriptor: Int32

    private init(process: Int64, descriptor: Int32) {
        self.process = process
        self.descriptor = descriptor
    }

    deinit { Glibc.close(descriptor) }

    /// Registers this process and takes back what dead ones held: leases, memberships, consumers.
    static func register(path: String, database: Database, bootID: String) async throws -> Presence {
        let descriptor = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0o600)
        guard descriptor >= 0 else {
            throw BusError(.unavailable, "cannot open the presence file", underlyingCode: Int(errno))
        }
        do {
            let process = try await database.write { connection in
                try connection.forgetOtherBoots(bootID)
                try connection.run("INSERT INTO processes DEFAULT VALUES")
                let process = connection.lastInsertedRow
                guard flotilla_lock_byte(descriptor, process) == 0 else {
                    throw BusError(.unavailable, "cannot lock the presence file", underlyingCode: Int(errno))
                }
                try connection.buryDeadProcesses(except: process, presence: descriptor)
                return process
            }
            return Presence(process: process, descriptor: descriptor)
        } catch {
            Glibc.close(descriptor)
            throw error
        }
    }

    /// Takes back what processes that died meanwhile held. Returns whether there was one.
    func takeOverFromTheDead(_ connection: Connection) throws -> Bool {
        try connection.buryDeadProcesses(except: process, presence: descriptor)
    }

    /// Gives back what this process holds.
    func leave(_ connection: Connection) throws { try connection.forget(process: process, isOrderly: true) }
}

extension Connection {
    /// `until` columns count from the boot: those of another boot mean nothing.
    fileprivate func forgetOtherBoots(_ bootID: String) throws {
        guard try first("SELECT id FROM boot", row: { $0.text(0) }) != bootID else { return }
        for process in try query("SELECT id FROM processes", row: { $0.int(0) }) { try forget(process: process) }
        try run("UPDATE leases SET token = 0, until = 0")
        try run("DELETE FROM boot")
        try run("INSERT INTO boot (id) VALUES (?)", .text(bootID))
    }

    @discardableResult
    fileprivate func buryDeadProcesses(except own: Int64, presence: Int32) throws -> Bool {
        let others = try query("SELECT id FROM processes WHERE id <> ?", .integer(own)) { $0.int(0) }
        let dead = others.filter { flotilla_byte_is_locked(presence, $0) == 0 }
        for process in dead { try forget(process: process) }
        return !dead.isEmpty
    }

    fileprivate func forget(process: Int64, isOrderly: Bool = false) throws {
        for consumer in try query("SELECT id FROM consumers WHERE process = ?", .integer(process), row: { $0.int(0) }) {
            try forgetConsumer(consumer, isOrderly: isOrderly)
        }
        try run("DELETE FROM group_members WHERE process = ?", .integer(process))
        try run("DELETE FROM processes WHERE id = ?", .integer(process))
    }

    /// Returns a consumer's deliveries to their queue and lets another one become active.
    ///
    /// A delivery that was given back in order, by a worker that stops, is no failed attempt; it stays marked as
    /// delivered before.
    func forgetConsumer(_ consumer: Int64, isOrderly: Bool) throws {
        let binding = Binding.integer(consumer)
        try run(
            """
            UPDATE leases SET token = 0, until = 0, attempts = CASE WHEN ?2 THEN max(attempts - 1, 1) ELSE attempts END
            WHERE consumer = ?1 AND token <> 0
            """, binding, Binding(isOrderly))
        try run("UPDATE queues SET active_consumer = 0, active_until = 0 WHERE active_consumer = ?", binding)
        try run("DELETE FROM consumers WHERE id = ?", binding)
    }
}
