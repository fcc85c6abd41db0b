package import Contracts
package import Runtime

/// A session as it stands in the journal.
package struct SessionRecord: Sendable {
    /// How far a session is.
    package enum Phase: String, Sendable { case planning, executing, ended }

    /// As it was first received.
    package var request: OptimizationRequest
    package var phase: Phase
    package var startedAt: Timestamp
    /// 1 when no worker took it up before.
    package var run: Int
    package var before: Facts
    package var steps: [StepRecord]
    /// Of the last event; 0 when there is none.
    package var lastSequence: Int
}

/// A step of a session as it stands in the journal.
package struct StepRecord: Sendable {
    /// How far a step is.
    package enum State: String, Sendable { case planned, started, ended }

    package var number: Int
    package var step: PlannedStep
    package var state: State
    /// The run of the session that ended it.
    package var run: Int?
    package var outcome: StepOutcome?
}

/// An event that is kept until it is published.
package struct OutboxEvent: Sendable {
    package var sequence: Int
    package var type: String
    /// The body of the message.
    package var body: [UInt8]
}
