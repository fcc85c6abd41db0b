internal import Contracts
internal import HTTPKit

/// The operation of `/sign-in`.
enum SignInOperations {
    static let code = QueryParameter.text(
        "code", "The code of the link, good for one use.", example: "q8Zr0c1nTn2v3W4xY5z6aA")

    static let signIn = Operation(
        .GET, "/sign-in", .accounts, "Takes the one-time link that `flotilla up` shows",
        explanation: "Answers a page where `Accept` asks for one.", access: .open, parameters: [code.description],
        answers: [
            AnswerDescription(
                "An access token of the first administrator.",
                contents: [
                    (
                        "application/json",
                        .object([
                            .init("access_token", .text("eyJhbGciOiJIUzI1NiJ9.e30.c2ln")),
                            .init("token_type", .words(["bearer"])),
                            .init("expires_in", .integer(3600, "Seconds.")),
                            .init(
                                "user",
                                .object([
                                    .init("id", .text("0")), .init("username", .text("administrator")),
                                    .init("is_admin", .flag(true)), .init("role", .words(["administrator", "user"])),
                                    .init("permissions", .array(.text("hardware:optimize"))),
                                ])),
                        ])
                    ), ("text/html", .text("<!doctype html>")),
                ])
        ],
        errors: [
            401: "The link is not valid or was used before.", 405: "HEAD: a link preview must not use the code up.",
        ])
}
