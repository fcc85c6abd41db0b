import Contracts
import Runtime
import Testing

@Suite struct OptimizationMessageTests {
    private let time = Timestamp(microseconds: 1_700_000_000_000_001)

    @Test func requestsRoundTrip() throws {
        let request = OptimizationRequest(
            id: "opt_1", type: "memory", host: "h", parameters: Array(#"{"a":[1]}"#.utf8), isDryRun: false,
            rollbackTimeout: .seconds(3600), requestedBy: "ada", requestedAt: time)
        #expect(try OptimizationRequest(json: request.json) == request)
    }

    @Test(arguments: ["1e300", "-1", "18446744073709551615"]) func timesThatNobodyWaitsForAreRefused(_ seconds: String)
    {
        let json = String(
            decoding: OptimizationRequest(
                id: "opt_1", type: "memory", rollbackTimeout: .seconds(60), requestedBy: "ada", requestedAt: time
            ).json, as: UTF8.self)
        let hostile = json.replacing(
            "\"rollback_timeout_seconds\":60.0", with: "\"rollback_timeout_seconds\":\(seconds)")
        #expect(hostile != json)
        #expect(throws: MessageError.self) { try OptimizationRequest(json: Array(hostile.utf8)) }
    }

    @Test func eventsHaveTheFourFieldsClientsRead() throws {
        let event = OptimizationEvent(
            type: "progress", agent: "optimizer@h", data: Array(#"{"percent":5}"#.utf8), timestamp: time)
        let names = try JSONDocument(parsing: event.json).root.members.map(\.name.string)
        #expect(names == ["event_type", "agent", "data", "timestamp"])
        #expect(try OptimizationEvent(json: event.json) == event)
    }

    @Test func resultsRoundTripWithAllFieldsPresent() throws {
        let result = OptimizationResult(
            taskID: "opt_1", status: .running, type: "memory", startedAt: time, changes: ["x"], isDryRun: true)
        #expect(try OptimizationResult(json: result.json) == result)
        #expect(try JSONDocument(parsing: result.json).root.count == 11)
    }

    @Test func cancellationsRoundTrip() throws {
        let message = ControlMessage.cancel(.init(sessionID: "s", requestedBy: "ada", requestedAt: time))
        #expect(try ControlMessage(json: message.json) == message)
        #expect(throws: MessageError.self) { try ControlMessage(json: Array(#"{"action":"explode"}"#.utf8)) }
    }
}
