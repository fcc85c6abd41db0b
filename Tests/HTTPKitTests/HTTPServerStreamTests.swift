import Runtime
import Synchronization
import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct HTTPServerStreamTests {
    @Test func streamsInChunksAndWithALength() async throws {
        try await withServer({ router in
            router.on(
                .GET, "/chunks",
                .immediate { _, _ in
                    .stream(contentType: "text/csv") { writer in
                        for number in 0..<5000 { try await writer.write("line \(number)\n") }
                    }
                })
            router.on(
                .GET, "/length",
                .deferred { _, _ in
                    .stream(contentType: "a/b", length: 300_000) { writer in
                        try await writer.write([UInt8](repeating: 1, count: 300_000))
                    }
                })
        }) { server async throws in
            try await server.client { client throws in
                for _ in 0..<2 {
                    let chunks = try client.get("/chunks")
                    #expect(chunks.header("Transfer-Encoding") == "chunked")
                    #expect(chunks.text.hasSuffix("line 4999\n"))
                    #expect(chunks.text.split(separator: "\n").count == 5000)
                    let length = try client.get("/length")
                    #expect(length.header("Content-Length") == "300000" && length.body.count == 300_000)
                }
                try client.send("HEAD /length HTTP/1.1\r\nHost: t\r\n\r\n")
                #expect(try client.response(toHead: true).header("Content-Length") == "300000")
                try client.send("HEAD /chunks HTTP/1.1\r\nHost: t\r\n\r\n")
                #expect(try client.response(toHead: true).status == 200)
                #expect(try client.rest().isEmpty)
            }
        }
    }

    @Test func aFailedStreamIsNotEnded() async throws {
        try await withServer({ router in
            router.on(
                .GET, "/broken",
                .immediate { _, _ in
                    .stream(contentType: "a/b") { writer in
                        try await writer.write("start")
                        throw HTTPError.internalError
                    }
                })
        }) { server async throws in
            try await server.client { client throws in
                try client.send("GET /broken HTTP/1.1\r\nHost: t\r\n\r\n")
                _ = try client.head()
                #expect(!String(decoding: try client.rest(), as: UTF8.self).contains("\r\n0\r\n"))
            }
        }
    }

    @Test func eventsComeAsTheyAreSentWithHeartbeats() async throws {
        let proceed = TestSignal()
        try await withServer({ router in
            router.on(
                .GET, "/events",
                .immediate { _, _ in
                    .serverSentEvents(heartbeat: .milliseconds(50)) { writer in
                        try await writer.send(event: "a", id: "1", data: Array("x".utf8))
                        await proceed.wait()
                        try await writer.send(data: Array("y".utf8))
                    }
                })
        }) { server async throws in
            try await server.client { client throws in
                try client.send("GET /events HTTP/1.1\r\nHost: t\r\n\r\n")
                let head = try client.head()
                #expect(head.header("Content-Type")?.hasPrefix("text/event-stream") == true)
                #expect(String(decoding: try client.chunk(), as: UTF8.self) == "event: a\nid: 1\ndata: x\n\n")
                #expect(String(decoding: try client.chunk(), as: UTF8.self).hasPrefix(": heartbeat"))
                #expect(String(decoding: try client.chunk(), as: UTF8.self).hasPrefix(": heartbeat"))
                proceed.fire()
                var rest: [UInt8] = []
                while case let chunk = try client.chunk(), !chunk.isEmpty { rest += chunk }
                // Heartbeats may come until the stream has ended.
                #expect(String(decoding: rest, as: UTF8.self).contains("data: y\n\n"))
            }
        }
    }

    @Test func aClientThatStopsReadingStopsTheWriterAndIsClosed() async throws {
        let sent = Mutex(0)
        let ended = TestSignal()
        try await withServer(
            { router in
                router.on(
                    .GET, "/events",
                    .immediate { _, _ in
                        .serverSentEvents(heartbeat: nil) { writer in
                            defer { ended.fire() }
                            let data = [UInt8](repeating: 65, count: 1000)
                            while true {
                                try await writer.send(data: data)
                                sent.withLock { $0 += data.count }
                            }
                        }
                    })
            }, configure: { $0.writeTimeout = .milliseconds(300) }
        ) { server async throws in
            let client = try await offPool { [port = server.port] in
                let client = try RawClient(port: port, receiveBuffer: 4096)
                try client.send("GET /events HTTP/1.1\r\nHost: t\r\n\r\n")
                return client
            }
            await ended.wait()
            // What the kernel's buffers take is a few MB; without backpressure it would be hundreds.
            #expect(sent.withLock { $0 } < 50_000_000)
            client.close()
        }
    }

    @Test func aWriterLearnsThatItsClientLeft() async throws {
        for leaves in ["close", "reset"] {
            let started = TestSignal()
            let failure = Mutex<(any Error)?>(nil)
            let ended = TestSignal()
            try await withServer({ router in
                router.on(
                    .GET, "/events",
                    .deferred { _, _ in
                        .serverSentEvents(heartbeat: nil) { writer in
                            defer { ended.fire() }
                            try await writer.send(data: [65])
                            started.fire()
                            do {
                                // Nothing is sent any more: only the watch of the socket can tell.
                                try await Task.sleep(for: .seconds(30))
                            } catch {
                                failure.withLock { $0 = error }
                            }
                        }
                    })
            }) { server async throws in
                let client = try await offPool { [port = server.port] in
                    let client = try RawClient(port: port)
                    try client.send("GET /events HTTP/1.1\r\nHost: t\r\n\r\n")
                    _ = try client.head()
                    _ = try client.chunk()
                    return client
                }
                await started.wait()
                if leaves == "close" { client.close() } else { client.reset() }
                await ended.wait()
                #expect(failure.withLock { $0 is CancellationError })
            }
        }
    }

    @Test func uploadsArriveWholeAndInOrder() async throws {
        try await withServer({ router in
            router.on(
                .POST, "/sum", bodyLimit: 20_000_000,
                .streaming { _, body in
                    var count = 0
                    var isInOrder = true
                    for try await chunk in body {
                        for byte in chunk {
                            isInOrder = isInOrder && byte == UInt8(truncatingIfNeeded: count)
                            count += 1
                        }
                    }
                    return .text("\(count) \(isInOrder)")
                })
        }) { server async throws in
            try await server.client { client throws in
                let bytes = (0..<3_000_000).map { UInt8(truncatingIfNeeded: $0) }
                #expect(try client.post("/sum", bytes).text == "3000000 true")
                #expect(try client.post("/sum", []).text == "0 true")
                try client.send("POST /sum HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
                for start in stride(from: 0, to: 1_000_000, by: 10_000) {
                    try client.send("2710\r\n")
                    try client.send(Array(bytes[start..<(start + 10_000)]))
                    try client.send("\r\n")
                }
                try client.send("0\r\n\r\n")
                #expect(try client.response().text == "1000000 true")
            }
        }
    }

    @Test func anUploadWaitsForItsReader() async throws {
        let proceed = TestSignal()
        try await withServer(
            { router in
                router.on(
                    .POST, "/sum", bodyLimit: 1 << 30,
                    .streaming { _, body in
                        var count = 0
                        for try await chunk in body {
                            count += chunk.count
                            if !proceed.isFired { await proceed.wait() }
                            #expect(chunk.count <= RequestBodyPipe.highWater + 65_536)
                        }
                        return .text("\(count)")
                    })
            }, configure: { $0.bodyTimeout = .milliseconds(500) }
        ) { server async throws in
            try await server.client { client throws in
                let size = 60_000_000
                try client.send("POST /sum HTTP/1.1\r\nHost: t\r\nContent-Length: \(size)\r\n\r\n")
                let piece = [UInt8](repeating: 1, count: 100_000)
                var sent = 0
                var stalls = 0
                // Until the reader goes on, the server takes no more than its buffer and the kernel's.
                while stalls < 50, sent < size - piece.count {
                    let count = try client.sendWithoutWaiting(piece)
                    sent += count
                    stalls = count == 0 ? stalls + 1 : 0
                    if count == 0 { pause(milliseconds: 20) }
                }
                #expect(sent < 30_000_000)
                proceed.fire()
                while sent < size {
                    let rest = Array(piece.prefix(size - sent))
                    try client.send(rest)
                    sent += rest.count
                }
                #expect(try client.response().text == "\(size)")
            }
        }
    }

    @Test func aStreamingHandlerMayRefuseBeforeTheBody() async throws {
        try await withServer({ router in
            router.on(.POST, "/up", bodyLimit: 1 << 30, .streaming { _, _ in throw HTTPError(403, "forbidden", "No.") })
        }) { server async throws in
            try await server.client { client throws in
                try client.send(
                    "POST /up HTTP/1.1\r\nHost: t\r\nExpect: 100-continue\r\nContent-Length: 900000000\r\n\r\n")
                #expect(try client.response().status == 403)
                #expect(client.isClosedByServer())
            }
        }
    }

    @Test func aStreamingHandlerMayStopInTheMiddle() async throws {
        try await withServer({ router in
            router.on(
                .POST, "/up", bodyLimit: 100_000,
                .streaming { _, body in
                    for try await chunk in body where chunk.contains(33) { throw HTTPError(422, "bad", "No.") }
                    return .text("whole")
                })
        }) { server async throws in
            try await server.client { client throws in
                try client.send("POST /up HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n1\r\n!\r\n")
                do {
                    for _ in 0..<200 {
                        try client.send("400\r\n" + String(repeating: "x", count: 1024) + "\r\n")
                        pause(milliseconds: 5)
                    }
                } catch ClientError.system {}
                #expect(try client.response().status == 422)
            }
            try await server.client { client throws in
                try client.send("POST /up HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n")
                do {
                    for _ in 0..<200 { try client.send("400\r\n" + String(repeating: "x", count: 1024) + "\r\n") }
                } catch ClientError.system {}
                #expect(try client.response().status == 413)
            }
        }
    }

    @Test func anUploadLearnsThatItsClientLeft() async throws {
        let failed = TestSignal()
        try await withServer({ router in
            router.on(
                .POST, "/up",
                .streaming { _, body in
                    do {
                        for try await _ in body {}
                    } catch StreamError.clientLeft {
                        failed.fire()
                    }
                    return .text("")
                })
        }) { server async throws in
            try await server.client { client throws in
                try client.send("POST /up HTTP/1.1\r\nHost: t\r\nContent-Length: 100\r\n\r\nabc")
            }
            await failed.wait()
        }
    }
}
