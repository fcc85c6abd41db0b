internal import HTTPKit

/// What became of one attempt to tell a receiver.
enum WebhookOutcome: Sendable, Hashable {
    case delivered
    /// The receiver wants no more of it (410).
    case gone
    /// None of the host's addresses may be called.
    case refused
    /// It may succeed later.
    case failed(reason: String, retryAfter: Duration?)
    /// No answer came in time.
    case silent(reason: String)

    init(_ response: HTTPClient.Response) {
        self.init(status: response.status, retryAfter: response.retryAfter)
    }

    init(_ error: HTTPClientError) {
        if let status = error.status, error.code == .answerTooLarge {
            // What a receiver says does not matter.
            self.init(status: status, retryAfter: nil)
            return
        }
        switch error.code {
        case .refusedAddress: self = .refused
        case .libraryMissing, .outOfMemory, .invalidHeader: self = .failed(reason: error.words, retryAfter: nil)
        default: self = .silent(reason: "no answer came: \(error.words)")
        }
    }

    private init(status: Int, retryAfter: Duration?) {
        switch status {
        case 200..<300: self = .delivered
        case 410: self = .gone
        default:
            let isAsked = status == 429 || status == 503
            self = .failed(reason: "the receiver answered \(status)", retryAfter: isAsked ? retryAfter : nil)
        }
    }

    var isSilent: Bool { if case .silent = self { true } else { false } }
}
