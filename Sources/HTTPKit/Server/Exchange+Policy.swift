extension Exchange {
    /// The answer as it is sent: a refusal in place of a stream too many, and with the fields of every answer.
    func finished(_ response: HTTPResponse) -> HTTPResponse {
        guard let visit, case .stream(let stream) = response.body, stream.endsAtDrain, sendsBody(of: response) else {
            return amended(response)
        }
        do {
            try visit.openStream()
            return amended(response)
        } catch {
            return amended(self.response(for: error))
        }
    }

    /// The answer with the fields of every answer.
    func amended(_ response: HTTPResponse) -> HTTPResponse {
        var response = core.withStandardHeaders(response)
        visit?.amend(&response)
        response.headers.append("X-Response-Time", ResponseTime.text(nanoseconds: Monotonic.now - started))
        return response
    }

    func sendsBody(of response: HTTPResponse) -> Bool {
        methodName != "HEAD" && response.status != 204 && response.status != 304
    }
}

/// How X-Response-Time is written: milliseconds with two decimals, as in `11.53ms`.
enum ResponseTime {
    static func text(nanoseconds: Int64) -> String {
        var rest = UInt64(max(0, nanoseconds) + 5_000) / 10_000
        // Written from its end, into a string that needs no memory of its own as a rule.
        return withUnsafeTemporaryAllocation(of: UInt8.self, capacity: 24) { buffer in
            buffer.initialize(repeating: UInt8(ascii: "."))
            buffer[22] = UInt8(ascii: "m")
            buffer[23] = UInt8(ascii: "s")
            var start = 22
            while start > 18 || rest > 0 {
                start -= 1
                if start == 19 { continue }
                buffer[start] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
            return String(decoding: buffer[start...], as: UTF8.self)
        }
    }
}
