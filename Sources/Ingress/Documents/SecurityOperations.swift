internal import Contracts
internal import HTTPKit

/// The operation of `/api/v1/hardware/analyze/security`.
enum SecurityOperations {
    static let analyze = Operation(
        .GET, "/api/v1/hardware/analyze/security", .hardware, "What is unsafe on a host, and at this service",
        explanation: "The host is asked, and looks at its kernel's settings, its processors' weaknesses, its accounts, "
            + "its open ports and the programs that run. Each check says what it read: `unknown` is what the host did "
            + "not say. Checks whose names begin with `service.` are of this ingress.",
        access: .permission("hardware:security"), parameters: [HostSelection.parameter.description],
        answers: [
            .json(
                "The findings, the worst first, and every check.",
                .object([
                    .init("host", .text("gpu-7")), .init("checked_at", .time()),
                    .init(
                        "counts",
                        .object(
                            SecurityReview.Outcome.allCases.map { .init($0.rawValue, .integer(0, in: 0...Int.max)) })),
                    .init("findings", .array(SecurityReview.Check.schema)),
                    .init("checks", .array(SecurityReview.Check.schema)),
                ]))
        ], errors: HostSelection.errors.merging([504: "The host's worker did not answer in time."]) { own, _ in own })
}
