import BusClients
import Contracts
import Runtime
import Synchronization

/// Follows `host_metrics` and shows it.
struct TopView: Sendable {
    /// The newest samples, shared by who reads them and who draws them.
    private final class Latest: Sendable {
        let table = Mutex(HostTable())
    }

    let bus: Bus
    let invocation: Invocation
    let interval: Duration

    private static let topic = Topic(StreamNames.hostMetrics)
    private var console: Console { invocation.console }
    private var asJSON: Bool { invocation.arguments.has(ClientOptions.json) }

    /// Prints the newest sample of each host.
    func once(deadline: Duration, lookBack: Int64) async throws -> ExitCode {
        var newest: [String: HostSample] = [:]
        for (partition, range) in try await bus.log.offsets(of: Self.topic).enumerated() {
            var next = max(range.lowerBound, range.upperBound - lookBack)
            while next < range.upperBound {
                let records = try await bus.log.read(Self.topic, partition: partition, from: next, limit: 256)
                guard let last = records.last else { break }
                for sample in records.compactMap(Self.sample) { newest[sample.host] = sample }
                next = last.position.offset + 1
            }
        }
        if newest.isEmpty, let first = try await firstSample(within: deadline) { newest[first.host] = first }
        guard !newest.isEmpty else {
            throw CommandFailure(
                .notFound, "no_samples", "no host has reported", hint: "Is 'flotilla up' or a metrics worker running?")
        }
        try show(newest.values.sorted { $0.host < $1.host })
        return .success
    }

    /// Goes on until it is cancelled or the bus closes.
    func live(lookBack: Int64) async throws {
        let ranges = try await bus.log.offsets(of: Self.topic)
        // Machines read what happens from now on; people want every host on the screen at once.
        let starts = ranges.enumerated().map { partition, range in
            (partition, asJSON ? range.upperBound : max(range.lowerBound, range.upperBound - lookBack))
        }
        let records = try await bus.log.follow(Self.topic, from: Dictionary(uniqueKeysWithValues: starts))
        if asJSON {
            for try await batch in records {
                for sample in batch.compactMap(Self.sample) { try console.line(sample.json) }
            }
            return
        }
        let latest = Latest()
        let screen = console.isTerminal ? try AlternateScreen(console) : nil
        try await withThrowingTaskGroup(of: Void.self) { group in
            group.addTask {
                for try await batch in records {
                    let samples = batch.compactMap(Self.sample)
                    latest.table.withLock { table in samples.forEach { table.update($0) } }
                }
            }
            group.addTask {
                while !Task.isCancelled {
                    try draw(latest.table.withLock { $0 }, on: screen)
                    try await invocation.time.sleep(for: interval)
                }
            }
            defer { group.cancelAll() }
            try await group.next()
        }
    }

    private func draw(_ hosts: HostTable, on screen: AlternateScreen?) throws {
        let now = invocation.time.now
        guard let screen else {
            guard !hosts.isEmpty else { return }
            for line in hosts.table(now: now).lines(console.style) { try console.line(line) }
            return try console.line()
        }
        let title = "flotilla top  \(now.rfc3339.prefix(19))Z  Ctrl-C ends"
        let body = hosts.isEmpty ? ["waiting for a host to report…"] : hosts.table(now: now).lines(console.style)
        try screen.show([console.style.dim(title), ""] + body)
    }

    private func show(_ samples: [HostSample]) throws {
        if asJSON {
            for sample in samples { try console.line(sample.json) }
            return
        }
        var hosts = HostTable()
        for sample in samples { hosts.update(sample) }
        for line in hosts.table(now: invocation.time.now).lines(console.style) { try console.line(line) }
    }

    private func firstSample(within deadline: Duration) async throws -> HostSample? {
        let records = try await bus.log.follow(Self.topic, from: [:])
        return try await withThrowingTaskGroup(of: HostSample?.self) { group in
            group.addTask {
                for try await batch in records {
                    if let sample = batch.compactMap(Self.sample).last { return sample }
                }
                return nil
            }
            group.addTask {
                try await invocation.time.sleep(for: deadline)
                return nil
            }
            defer { group.cancelAll() }
            return try await group.next() ?? nil
        }
    }

    /// The sample of a record; nil for one that cannot be read, which is the projections' to report.
    private static func sample(_ record: StoredRecord) -> HostSample? { try? HostSample(json: record.record.value) }
}
