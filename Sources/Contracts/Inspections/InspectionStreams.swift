/// How the questions to hosts wait and how long their answers are kept.
package enum InspectionStreams {
    /// How long an ingress waits for an answer.
    package static let patience: Duration = .seconds(5)
    /// Questions that wait for one host; more are refused at once. What nobody waits for any more is passed over by the
    /// worker when it comes.
    package static let queueLength = 64
    /// A question is of no use to a second worker for long.
    package static let lease: Duration = .seconds(10)
    package static let attempts = 2
    /// Of answers: read at once or never.
    package static let answerAge: Duration = .seconds(60)
    package static let answerBytes = 64 << 20
}
