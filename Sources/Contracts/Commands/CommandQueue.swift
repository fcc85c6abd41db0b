/// How `command.requests` and its topics are declared: the ingress and the pusher must agree.
package enum CommandQueue {
    /// Deliveries of a job before it goes to the dead letters. Only a dying pusher uses them up: it waits for a bus that
    /// is away with the job in hand.
    package static let maximumAttempts = 10
    package static let leaseDuration: Duration = .seconds(30)
    /// Jobs; beyond, a command is answered with 503.
    package static let maximumLength = 1_000_000
    /// Records of `device_command_status` and events of `command_events` are kept a day longer than the views' rows.
    package static let statusAge: Duration = .seconds(8 * 86_400)
    package static let statusBytes = 4 << 30
}
