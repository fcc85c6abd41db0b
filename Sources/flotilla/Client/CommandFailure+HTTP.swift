import HTTPKit

extension CommandFailure {
    /// What a failed exchange is to whoever runs the command.
    init(_ error: HTTPClientError, url: String) {
        switch error.code {
        case .invalidHeader: self = .usage("invalid_value", error.words)
        case .libraryMissing:
            self.init(
                .unreachable, "library_missing", error.words, hint: "Install it with: apt-get install libcurl4")
        case .answerTooLarge: self.init(.failed, "answer_too_large", "the answer of \(url) is over 64 MiB")
        case .outOfMemory: self.init(.failed, "out_of_memory", error.words)
        case .untrusted:
            self.init(
                .unreachable, "service_untrusted", "\(url) cannot be trusted: \(error.words)",
                hint: "The certificate of a private authority is given with --ca-file or FLOTILLA_CA_FILE.")
        case .timedOut, .refusedAddress, .unreachable:
            self.init(
                .unreachable, "service_unreachable", "\(url) cannot be reached: \(error.words)",
                hint: "Is 'flotilla up' running? Another address is given with --url or FLOTILLA_URL.")
        }
    }
}
