import Testing

@testable import HTTPKit

@Suite struct MessageTests {
    @Test func headersCompareWithoutCaseAndKeepOrder() {
        var headers: HTTPHeaders = ["Content-Type": "a", "X-One": "1", "x-one": "2"]
        #expect(headers.first("content-type") == "a")
        #expect(headers.all("X-ONE") == ["1", "2"])
        #expect(headers.first("missing") == nil)
        headers.set("X-One", "3")
        #expect(headers.all("x-one") == ["3"])
        #expect(headers.map(\.name) == ["Content-Type", "X-One"])
        headers.append("Empty", "")
        #expect(headers.first("empty") == "")
    }

    @Test func valuesAreComparedByTheirBeginning() {
        let headers: HTTPHeaders = ["content-type": "Text/HTML; charset=utf-8", "X": ""]
        #expect(headers.begins("Content-Type", with: "text/html"))
        #expect(!headers.begins("Content-Type", with: "text/plain"))
        #expect(!headers.begins("X", with: "a") && !headers.begins("Y", with: ""))
        #expect(headers.begins("X", with: ""))
    }

    @Test func headerValuesCanNotSplitAResponse() {
        let headers: HTTPHeaders = ["Location": "/a\r\nSet-Cookie: x\0"]
        #expect(headers.first("location") == "/a  Set-Cookie: x ")
    }

    @Test func queriesAreDecoded() {
        let query = QueryParameters(raw: "a=1&b=x+y%26z&a=2&flag&=v&c=%e4%bd%a0&")
        #expect(query.first("a") == "1")
        #expect(query.all("a") == ["1", "2"])
        #expect(query.first("b") == "x y&z")
        #expect(query.first("flag") == "")
        #expect(query.first("c") == "你")
        #expect(query.first("d") == nil)
    }

    @Test func madeRequestIDsAreDistinctUUIDs() {
        let source = RequestIDSource()
        let ids = (0..<1000).map { _ in
            let words = source.next()
            return RequestID.made(words.high, words.low).text
        }
        #expect(Set(ids).count == 1000)
        let groups = ids[0].split(separator: "-").map(\.count)
        #expect(groups == [8, 4, 4, 4, 12])
        #expect(ids.allSatisfy { $0.utf8.dropFirst(14).first == UInt8(ascii: "4") })
    }

    @Test(arguments: ["", String(repeating: "a", count: 129), "tab\t", "é"])
    func refusesRequestIDsThatAreNotPrintableASCII(_ text: String) {
        #expect(RequestID(given: text) == nil)
    }

    @Test func eventsSplitTheirDataIntoLines() {
        let bytes = SSEWriter.encode(event: "a\nb", id: "7", data: Array("x\ny\r\nz\rw".utf8))
        #expect(String(decoding: bytes, as: UTF8.self) == "event: a b\nid: 7\ndata: x\ndata: y\ndata: z\ndata: w\n\n")
    }

    @Test func convertsPathParameters() throws {
        let parameters = PathParameters(names: ["n"], values: ["42"])
        #expect(try parameters.require("n", as: Int.self) == 42)
        #expect(throws: HTTPError.self) { try PathParameters(names: ["n"], values: ["x"]).require("n", as: Int.self) }
    }
}
