extension EventExchange {
    /// Publishes events; makes the exchange first if there is none.
    /// - Parameters:
    ///   - events: In their order.
    ///   - exchange: Where to.
    ///   - options: Of the exchange, should it be made.
    /// - Throws: As `publish` and `declare`.
    public func publish(
        _ events: [Event], to exchange: ExchangeName, declaring options: EventExchangeOptions
    ) async throws(BusError) {
        do {
            try await publish(events, to: exchange)
        } catch  where error.code == .unknownExchange {
            try await declare(exchange, options)
            try await publish(events, to: exchange)
        }
    }
}
