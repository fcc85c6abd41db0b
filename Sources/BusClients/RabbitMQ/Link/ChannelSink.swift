/// What a channel's traffic is given to, always on the thread of its link.
protocol ChannelSink: AnyObject, Sendable {
    /// A message for the consumer on this channel.
    func delivered(_ message: ReceivedMessage)

    /// A message that no queue took; its confirm follows.
    func returned(_ message: ReceivedMessage)

    /// The broker has taken or refused messages.
    func confirmed(_ confirm: Confirm)

    /// The broker has ended the consumer: its queue is gone.
    func cancelled()

    /// What has come so far is complete for now.
    func turnEnded()

    /// The channel is gone; nothing comes any more.
    func closed(_ error: BusError)
}

extension ChannelSink {
    func delivered(_ message: ReceivedMessage) {}
    func returned(_ message: ReceivedMessage) {}
    func confirmed(_ confirm: Confirm) {}
    func cancelled() {}
    func turnEnded() {}
    func closed(_ error: BusError) {}
}
