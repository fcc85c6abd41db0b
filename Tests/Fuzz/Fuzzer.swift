import Glibc

/// Tries inputs until the time is over or something is found.
struct Fuzzer {
    /// An input that takes so long ends the process.
    private static let alarmSeconds: UInt32 = 20
    /// Accepted inputs that are kept of each target, to go on from.
    private static let kept = 256

    private let targets: [FuzzTarget]
    private let record: InputRecord
    private var mutator: Mutator
    private var corpora: [[[UInt8]]]
    private(set) var tried: [Int]
    private(set) var accepted: [Int]
    private(set) var taken: [Duration]

    init(_ targets: [FuzzTarget], seed: UInt64, record: InputRecord) {
        self.targets = targets
        self.record = record
        mutator = Mutator(random: FuzzRandom(seed: seed))
        corpora = targets.map(\.seeds)
        tried = targets.map { _ in 0 }
        accepted = tried
        taken = targets.map { _ in .zero }
    }

    /// - Throws: `Finding`.
    mutating func run(for duration: Duration) throws {
        // What a target takes as a rule it must take: a seed that is refused exercises nothing.
        for (index, target) in targets.enumerated() {
            for seed in target.seeds where try !attempt(index, seed) {
                throw Finding("\(target.name) refuses a seed: \(String(decoding: seed.prefix(500), as: UTF8.self))")
            }
        }
        let turns = targets.indices.flatMap { repeatElement($0, count: targets[$0].weight) }
        let end = ContinuousClock.now + duration
        while ContinuousClock.now < end {
            let index = mutator.random.pick(turns)
            let corpus = corpora[index]
            let input = mutator.mutate(mutator.random.pick(corpus), beside: mutator.random.pick(corpus))
            guard try attempt(index, input), input.count <= 4096 else { continue }
            let seeds = targets[index].seeds.count
            if corpora[index].count < seeds + Self.kept {
                corpora[index].append(input)
            } else {
                corpora[index][seeds + mutator.random.below(Self.kept)] = input
            }
        }
    }

    /// Tries one input; whether the target took it.
    private mutating func attempt(_ index: Int, _ input: [UInt8]) throws -> Bool {
        let target = targets[index]
        record.write(target.name, input)
        tried[index] += 1
        let begun = ContinuousClock.now
        let isAccepted = try Self.attempt(target, input)
        taken[index] += ContinuousClock.now - begun
        if isAccepted { accepted[index] += 1 }
        return isAccepted
    }

    static func attempt(_ target: FuzzTarget, _ input: [UInt8]) throws -> Bool {
        alarm(alarmSeconds)
        defer { alarm(0) }
        let begun = ContinuousClock.now
        let isAccepted: Bool
        do {
            try target.run(input)
            isAccepted = true
        } catch let finding as Finding {
            throw finding
        } catch {
            isAccepted = false
        }
        let taken = ContinuousClock.now - begun
        try Finding.unless(taken < target.limit, "\(target.name) took \(taken) for \(input.count) bytes")
        return isAccepted
    }
}
