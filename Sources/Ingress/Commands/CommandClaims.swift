internal import Runtime
internal import Synchronization

/// The keyed commands of this ingress between their request and the moment the view knows them: two requests with one
/// key that come at the same time are one command.
///
/// At the bound a keyed command is refused.
final class CommandClaims: Sendable {
    /// Whether a command became durable, and when.
    typealias Acceptance = Result<Timestamp, any Error>

    private enum Phase {
        case enqueuing([CheckedContinuation<Acceptance, Never>])
        case accepted(Timestamp)
    }

    private struct Claim {
        let fingerprint: String
        var phase: Phase
        /// The view has the command already: the claim ends with the accepting.
        var isProjected = false
    }

    /// What a request may do with its key.
    enum Verdict: Sendable {
        /// Accept the command and call `settle`.
        case own
        /// Another request has it: wait for `acceptance`.
        case follow
        /// The key belongs to another body.
        case conflict
        /// Too many keyed commands are on their way.
        case full
    }

    private let claims = Mutex<[String: Claim]>([:])
    private let maximum: Int

    init(maximum: Int = 100_000) { self.maximum = maximum }

    func claim(_ id: String, fingerprint: String) -> Verdict {
        claims.withLock { claims in
            if let claim = claims[id] { return claim.fingerprint == fingerprint ? .follow : .conflict }
            guard claims.count < maximum else { return .full }
            claims[id] = Claim(fingerprint: fingerprint, phase: .enqueuing([]))
            return .own
        }
    }

    /// Ends the accepting of an owned claim: a failure frees the key; after a success the claim stays until the view
    /// has it.
    func settle(_ id: String, _ acceptance: Acceptance) {
        let followers = claims.withLock { claims -> [CheckedContinuation<Acceptance, Never>] in
            guard let claim = claims[id], case .enqueuing(let followers) = claim.phase else { return [] }
            switch acceptance {
            case .success where claim.isProjected: claims[id] = nil
            case .success(let at): claims[id]?.phase = .accepted(at)
            case .failure: claims[id] = nil
            }
            return followers
        }
        for follower in followers { follower.resume(returning: acceptance) }
    }

    /// Ends an owned claim whose command the view has had all along.
    func release(_ id: String, _ acceptedAt: Timestamp) {
        settle(id, .success(acceptedAt))
        projected(CollectionOfOne(id))
    }

    /// What became of a followed claim; nil when the view has it by now.
    func acceptance(of id: String) async throws -> Timestamp? {
        let known = claims.withLock { $0[id]?.phase }
        guard known != nil else { return nil }
        let acceptance = await withCheckedContinuation { continuation in
            let ready = claims.withLock { claims -> Acceptance? in
                switch claims[id]?.phase {
                case .enqueuing(let followers):
                    claims[id]?.phase = .enqueuing(followers + [continuation])
                    return nil
                case .accepted(let at): return .success(at)
                case nil: return .failure(Vanished())
                }
            }
            if let ready { continuation.resume(returning: ready) }
        }
        if case .failure(let error) = acceptance, error is Vanished { return nil }
        return try acceptance.get()
    }

    /// Whether a request waits for what becomes of a claim.
    func hasFollowers(_ id: String) -> Bool {
        claims.withLock { claims in
            if case .enqueuing(let followers) = claims[id]?.phase { !followers.isEmpty } else { false }
        }
    }

    /// The view has these commands, so their claims are over. One that is still being accepted stays.
    func projected(_ ids: some Sequence<String>) {
        claims.withLock { claims in
            guard !claims.isEmpty else { return }
            for id in ids {
                switch claims[id]?.phase {
                case .accepted: claims[id] = nil
                case .enqueuing: claims[id]?.isProjected = true
                case nil: break
                }
            }
        }
    }

    /// The claim was freed between two looks.
    private struct Vanished: Error {}
}
