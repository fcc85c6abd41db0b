import BusTestKit
import Glibc
import Testing

/// The broker that the tests of the RabbitMQ transport run on.
@Suite(.needsRabbitMQ, .timeLimit(.minutes(2)))
struct RabbitMQBrokerTests {
    /// Set in a process that starts a broker to be killed with it.
    private static let isVictim = getenv("FLOTILLA_TEST_VICTIM") != nil

    @Test func keepsWhatIsDurableThroughAKillAndLeavesNothingBehind() async throws {
        var broker: RabbitMQBroker? = try await .start(tls: true)
        let folder = try #require(broker?.folder)
        let url = try #require(broker?.url)
        let pid = try #require(broker?.pid)
        try await broker?.declareDurableQueue("kept")
        #expect(BrokerProcesses.of(folder).contains { $0.hasSuffix(" beam.smp") })
        #expect(BrokerProcesses.of(folder).contains { $0.hasSuffix(" epmd") })

        try await broker?.killHard()
        #expect(kill(pid, 0) == -1)
        try await BrokerProcesses.areGone(folder)

        try await broker?.restart()
        #expect(broker?.url == url)
        #expect(try await broker?.queues() == "[\"kept\"]")
        try await broker?.expectItsCertificate()

        await broker?.stop()
        try await BrokerProcesses.areGone(folder)
        #expect(access(folder, F_OK) == 0)
        await #expect(throws: ChildFailure.self) { try await broker?.killHard() }

        broker = nil
        try await BrokerProcesses.areGone(folder)
        #expect(access(folder, F_OK) == -1)
    }

    @Test func givesEachTestAVirtualHostOfItsOwn() async throws {
        let broker = try await RabbitMQBroker.shared
        let names = [try await broker.addVirtualHost(), try await broker.addVirtualHost()]
        #expect(Set(names).count == 2)
        let listed = try await broker.control(["list_permissions", "--silent", "--vhost", names[1]])
        #expect(listed.split(separator: "\n").contains("guest\t.*\t.*\t.*"))
        #expect(broker.url(password: "p@:/", vhost: "ä") == "amqp://guest:p%40%3A%2F@127.0.0.1:\(broker.port)/%C3%A4")
    }

    @Test func saysWhatRefusesACommand() async throws {
        let broker = try await RabbitMQBroker.shared
        await #expect {
            try await broker.control(["delete_vhost", "missing"])
        } throws: {
            "\($0)".contains("does not exist")
        }
        await #expect {
            try await broker.evaluate("exit(told_to)")
        } throws: {
            "\($0)".contains("told_to")
        }
    }

    @Test func goesWithTheProcessThatStartedItWhenThatIsKilled() async throws {
        let victim = try ChildProcess(
            try #require(realpath("/proc/self/exe", nil).map { String(cString: $0) }),
            ["--testing-library", "swift-testing", "--filter", "RabbitMQBrokerTests/startsABrokerAndWaits"],
            environment: ["FLOTILLA_TEST_VICTIM": "yes", "PATH": "/usr/bin:/bin"])
        let line = try await withDeadline("the broker of another process", seconds: 60) {
            await victim.line(containing: "folder: ")
        }
        let folder = try #require(line?.split(separator: " ").last.map(String.init), "\(victim.text)")
        #expect(BrokerProcesses.of(folder).count > 2)

        victim.send(SIGKILL)
        try await victim.wait()
        try await BrokerProcesses.areGone(folder)
        try await withDeadline("its folder is deleted") {
            while access(folder, F_OK) == 0 { try await Task.sleep(for: .milliseconds(2)) }
        }
    }

    @Test(.enabled(if: isVictim, "is run by another test")) func startsABrokerAndWaits() async throws {
        let broker = try await RabbitMQBroker.start()
        let line = Array("folder: \(broker.folder)\n".utf8)
        #expect(write(1, line, line.count) == line.count)
        try await Task.sleep(for: .seconds(60))
        #expect(Bool(false), "nobody has killed it")
    }
}

extension RabbitMQBroker {
    /// Declares a queue and has the broker write that down: it does so a while after it says that it has.
    func declareDurableQueue(_ name: String) async throws {
        try await evaluate(
            """
            {new, _} = rabbit_amqqueue:declare(
                rabbit_misc:r(<<"/">>, queue, <<"\(name)">>), true, false, [], none, <<"guest">>),
            ok = mnesia:sync_log()
            """)
    }

    /// The names of its queues, as Erlang writes them.
    func queues() async throws -> String {
        try await evaluate("[binary_to_list(element(4, amqqueue:get_name(Queue))) || Queue <- rabbit_amqqueue:list()]")
    }

    /// Fails unless it shows a certificate of its authority, for `localhost` and no other name.
    fileprivate func expectItsCertificate() async throws {
        let (port, authority) = (try #require(tlsPort), try #require(certificateAuthority))
        func verify(_ name: String) async throws -> Int32 {
            try await ChildProcess(
                "/usr/bin/openssl",
                [
                    "s_client", "-connect", "127.0.0.1:\(port)", "-CAfile", authority, "-verify_return_error",
                    "-verify_hostname", name,
                ], environment: [:]
            ).wait()
        }
        #expect(try await verify("localhost") == 0)
        #expect(try await verify("elsewhere") == 1)
    }
}
