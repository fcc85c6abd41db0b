import Synchronization
import Testing

@testable import HTTPKit

@Suite(.timeLimit(.minutes(1))) struct PipeTests {
    private func read(_ pipe: ResponsePipe, _ capacity: Int) -> (ResponsePipe.Reading, [UInt8]) {
        var bytes = [UInt8](repeating: 0, count: capacity)
        let reading = bytes.withUnsafeMutableBytes { pipe.read(into: $0) }
        if case .bytes(let count) = reading { return (reading, Array(bytes[..<count])) }
        return (reading, [])
    }

    @Test func aWriterWaitsForTheReaderBeyondTheCapacity() async throws {
        let pipe = ResponsePipe {}
        let size = ResponsePipe.capacity * 3
        let isDone = TestSignal()
        let writer = Task {
            try await pipe.write([UInt8](repeating: 7, count: size))
            isDone.fire()
            pipe.finish(.complete)
        }
        var total = 0
        while true {
            let (reading, bytes) = read(pipe, 8192)
            total += bytes.count
            if total < size - ResponsePipe.capacity - 8192 { #expect(!isDone.isFired) }
            if reading == .end { break }
            await Task.yield()
        }
        try await writer.value
        #expect(total == size)
        #expect(pipe.total == size)
    }

    @Test func aCutOffFailsWaitingAndLaterWriters() async {
        let pipe = ResponsePipe {}
        let writer = Task { try await pipe.write([UInt8](repeating: 7, count: ResponsePipe.capacity * 2)) }
        await Task.yield()
        pipe.finish(.cutOff(.clientLeft))
        await #expect(throws: StreamError.clientLeft) { try await writer.value }
        await #expect(throws: StreamError.clientLeft) { try await pipe.write([1]) }
        #expect(read(pipe, 10).0 == .failed)
    }

    @Test func aFarewellIsSentAlsoWhenTheWriterFailsThen() async throws {
        let pipe = ResponsePipe {}
        try await pipe.write([1])
        pipe.finish(.completeBecause(.serverStopping), farewell: [2, 3])
        await #expect(throws: StreamError.serverStopping) { try await pipe.write([4]) }
        pipe.fail(.serverStopping)
        #expect(read(pipe, 10).1 == [1, 2, 3])
        #expect(read(pipe, 10).0 == .end)
    }

    @Test func cancellingAWriterFreesIt() async {
        let pipe = ResponsePipe {}
        let writer = Task { try await pipe.write([UInt8](repeating: 7, count: ResponsePipe.capacity * 2)) }
        await Task.yield()
        writer.cancel()
        await #expect(throws: CancellationError.self) { try await writer.value }
    }

    @Test func theReaderIsWokenOnceForNewBytes() async throws {
        let signals = Mutex(0)
        let pipe = ResponsePipe { signals.withLock { $0 += 1 } }
        #expect(read(pipe, 10).0 == .empty)
        try await pipe.write([1])
        try await pipe.write([2])
        #expect(signals.withLock { $0 } == 1)
        #expect(read(pipe, 10).1 == [1, 2])
    }

    @Test func aFullRequestBodyIsOfferedAgain() async throws {
        let signals = Mutex(0)
        let pipe = RequestBodyPipe { signals.withLock { $0 += 1 } }
        let piece = [UInt8](repeating: 1, count: 8192)
        var taken = 0
        while piece.withUnsafeBufferPointer({ pipe.offer($0) }) { taken += piece.count }
        #expect(taken == RequestBodyPipe.highWater)
        #expect(try await pipe.next()?.count == taken)
        #expect(signals.withLock { $0 } == 1)
        #expect(piece.withUnsafeBufferPointer { pipe.offer($0) })
        pipe.finish(.success(()))
        #expect(try await pipe.next()?.count == piece.count)
        #expect(try await pipe.next() == nil)
    }

    @Test func aReaderOfABodyGetsItsError() async throws {
        let stream = RequestBodyStream(bytes: [1, 2, 3])
        var all: [UInt8] = []
        for try await chunk in stream { all += chunk }
        #expect(all == [1, 2, 3])
        let pipe = RequestBodyPipe {}
        let reader = Task { try await pipe.next() }
        await Task.yield()
        pipe.finish(.failure(StreamError.clientLeft))
        await #expect(throws: StreamError.clientLeft) { try await reader.value }
    }
}
