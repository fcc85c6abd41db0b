extension RabbitMQBroker {
    /// Starts the nodes of one cluster, in about 15 s for three; each can be killed and restarted by itself.
    ///
    /// They share cookie and epmd. A vhost or user that is added at one is there at all.
    package static func cluster(_ count: Int) async throws -> [RabbitMQBroker] {
        let home = try RabbitMQHome()
        let letters = (0..<count).map { String(UnicodeScalar(UInt8(ascii: "a") + UInt8($0))) }
        let brokers = try letters.enumerated().map { index, letter in
            let peer = index == 0 ? nil : RabbitMQNode.name(letters[0])
            return RabbitMQBroker(try RabbitMQNode(letter, in: home, peer: peer), in: home)
        }
        // The others join the first one as they start. All at once would take longer: they would wait for each other's
        // locks, for random times.
        try await brokers[0].restart()
        try await withThrowingTaskGroup { group in
            for broker in brokers.dropFirst() { group.addTask { try await broker.restart() } }
            try await group.waitForAll()
        }
        return brokers
    }
}
