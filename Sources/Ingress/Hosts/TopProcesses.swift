internal import Contracts
internal import HTTPKit

/// The busiest processes of a host, as one part of an answer about it: that they cannot be told is no error.
struct TopProcesses: Sendable {
    /// What came of it.
    enum Outcome: Sendable {
        case listed([ProcessInfo])
        /// Why there are none, in words.
        case unknown(String)

        static let notAskedFor = Outcome.unknown("not asked for")
    }

    static let limit = 20

    let questions: HostQuestions

    /// Asks the host, unless it is silent anyway.
    func list(_ host: HostState, isStale: Bool, for request: HTTPRequest) async -> Outcome {
        if isStale { return .unknown("the host is silent") }
        var query = ProcessQuery()
        query.order = .cpu
        query.limit = Self.limit
        do throws(HTTPError) {
            let answer = try await questions.ask(host.sample.host, HostQuestion.processes, query.json, for: request)
            guard case .processes(let processes) = answer.outcome else { throw .unanswered(answer) }
            return .listed(processes)
        } catch {
            return .unknown(error.message)
        }
    }
}
