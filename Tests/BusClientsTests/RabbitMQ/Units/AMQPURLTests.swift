import Testing

@testable import BusClients

@Suite struct AMQPURLTests {
    @Test func takesDefaults() throws {
        let node = try #require(try RabbitMQConfiguration(url: "amqp://broker").nodes.first)
        #expect(node.host == "broker")
        #expect(node.port == 5672)
        #expect(node.virtualHost == "/")
        #expect(node.user == "guest")
        #expect(node.password.text == "guest")
        #expect(node.security == nil)
    }

    @Test func decodesEveryPart() throws {
        let node = try #require(
            try RabbitMQConfiguration(url: "AMQP://%75ser:p%40%3A%2Fss@h%61st:5673/a%2Fb").nodes.first)
        #expect(node.user == "user")
        #expect(node.password.text == "p@:/ss")
        #expect(node.host == "hast")
        #expect(node.port == 5673)
        #expect(node.virtualHost == "a/b")
    }

    @Test func verifiesWithTLSUnlessToldOtherwise() throws {
        let strict = try #require(try RabbitMQConfiguration(url: "amqps://h").nodes.first)
        #expect(strict.port == 5671)
        #expect(strict.security == AMQPNode.Security(authorities: nil, verifiesPeer: true))
        let loose = try #require(
            try RabbitMQConfiguration(url: "amqps://h/?verify=verify_none&cacertfile=%2Fetc%2Fca.pem").nodes.first)
        #expect(loose.security == AMQPNode.Security(authorities: "/etc/ca.pem", verifiesPeer: false))
    }

    @Test func readsIPv6AndListsOfNodes() throws {
        let configuration = try RabbitMQConfiguration(url: "amqp://u:p@[::1]:1/v?heartbeat=3,amqp://u:p@[fe80::2]/v")
        #expect(configuration.nodes.map(\.host) == ["::1", "fe80::2"])
        #expect(configuration.nodes.map(\.address) == ["[::1]:1", "[fe80::2]:5672"])
        #expect(configuration.heartbeat == .seconds(3))
    }

    @Test func neverShowsAPassword() throws {
        let configuration = try RabbitMQConfiguration(url: "amqp://anna:Geheim1@h/v")
        var dumped = ""
        dump(configuration, to: &dumped)
        for text in [configuration.description, "\(configuration)", String(reflecting: configuration), dumped] {
            #expect(!text.contains("Geheim1"))
        }
        #expect(configuration.description.contains("anna@h:5672"))
    }

    @Test(arguments: [
        "", "http://h", "amqp:/h", "amqp://", "amqp://:Geheim1@h", "amqp://u:Geheim1@", "amqp://u:Geheim1%@h",
        "amqp://u:Geheim1%zz@h", "amqp://u:Geheim1@h:0", "amqp://u:Geheim1@h:70000", "amqp://u:Geheim1@h:port",
        "amqp://u:Geheim1@[::1", "amqp://u:Geheim1@[::1]x", "amqp://u:Geheim1@h/v#f", "amqp://u:Geheim1@h/%ff",
        "amqp://u:Geheim1@h/?heartbeat=0", "amqp://u:Geheim1@h/?heartbeat=x", "amqp://u:Geheim1@h/?verify=verify_none",
        "amqps://u:Geheim1@h/?verify=maybe", "amqps://u:Geheim1@h/?cacertfile=", "amqp://u:Geheim1@h/?color=red",
        "amqp://u:Geheim1@h,", "amqp://u:Geheim1%00@h",
    ])
    func refusesWhatItCannotRead(_ url: String) {
        #expect {
            _ = try RabbitMQConfiguration(url: url)
        } throws: { error in
            guard let error = error as? BusError else { return false }
            return error.code == .unsupported && !"\(error)".contains("Geheim1")
        }
    }
}
