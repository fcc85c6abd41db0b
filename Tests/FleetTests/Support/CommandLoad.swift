import BusTestKit
import Contracts
import Glibc
import Runtime
import Synchronization

/// What the clients of a load were told.
struct LoadRecord: Sendable {
    /// Request ids by device, in the order they were answered 2xx.
    var answered: [String: [String]] = [:]
    /// Requests that were sent and not answered; they may or may not be in the log, once.
    var unanswered: Set<String> = []

    var answeredCount: Int { answered.values.reduce(0) { $0 + $1.count } }
}

/// Clients that send commands one after the other, each to devices of its own, until the fleet goes away.
final class CommandLoad: Sendable {
    private let record = Mutex(LoadRecord())
    private let sequence = Mutex<[String: Int]>([:])
    /// Between two requests of a client.
    private let pause: Duration
    private let isFinished = Atomic<Bool>(false)
    /// Requests of half of the clients that got no answer, to be sent again with the same key.
    private let toRetry = Mutex<[Int: (device: String, key: String, body: String)]>([:])

    init(pause: Duration = .zero) { self.pause = pause }

    /// Ends the clients after the request in hand.
    func finish() { isFinished.store(true, ordering: .relaxed) }

    var result: LoadRecord { record.withLock { $0 } }

    /// Runs the clients until every connection has broken, or until they are to finish.
    func run(clients: Int, against fleet: Fleet) async throws {
        let threads = (0..<clients).map { BlockingThread(name: "client-\($0)") }
        defer { for thread in threads { thread.stop() } }
        try await withThrowingTaskGroup(of: Void.self) { group in
            for (number, thread) in threads.enumerated() {
                group.addTask { try await thread.run { self.send(as: number, to: fleet) } }
            }
            try await group.waitForAll()
        }
    }

    private func send(as number: Int, to fleet: Fleet) {
        guard let client = try? fleet.client() else { return }
        if let request = toRetry.withLock({ $0.removeValue(forKey: number) }) {
            guard post(request, as: number, with: client) else { return }
        }
        while !isFinished.load(ordering: .relaxed) {
            if pause > .zero { usleep(UInt32(pause / .microseconds(1))) }
            let device = "device-\(number)-\(Int.random(in: 0..<2))"
            let step = sequence.withLock { sequence in
                sequence[device, default: 0] += 1
                return sequence[device, default: 0]
            }
            let key = "\(device)/\(step)"
            let body =
                #"{"device_id":"\#(device)","command_type":"set","payload":{"step":\#(step)},"protocol":"mqtt","request_id":"\#(key)"}"#
            guard post((device, key, body), as: number, with: client) else { return }
        }
    }

    /// Whether the connection still works.
    private func post(
        _ request: (device: String, key: String, body: String), as number: Int, with client: HTTPClient
    ) -> Bool {
        do {
            let headers = number.isMultiple(of: 4) ? ["Prefer": "respond-async"] : [:]
            let answer = try client.send("POST", "/api/v1/commands", headers: headers, body: request.body)
            if (200..<300).contains(answer.status) {
                record.withLock { record in
                    record.unanswered.remove(request.key)
                    record.answered[request.device, default: []].append(request.key)
                }
                return true
            }
            _ = record.withLock { $0.unanswered.insert(request.key) }
            return answer.status == 503
        } catch {
            _ = record.withLock { $0.unanswered.insert(request.key) }
            if number.isMultiple(of: 2) { toRetry.withLock { $0[number] = request } }
            return false
        }
    }
}
