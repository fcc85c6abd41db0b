internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/hardware/optimize`.
enum OptimizationOperations {
    static let path = "/api/v1/hardware/optimize"

    static let status = QueryParameter.word(
        "status_filter", "Only those that stand so.", of: OptimizationResult.Status.allCases.map(\.rawValue))
    static let user = QueryParameter.text(
        "user_filter", "Only those of a principal; administrators only, others see their own.", example: "1")
    static let limit = QueryParameter.int("limit", "Tasks of an answer.", default: 50, in: 1...200)
    static let skip = QueryParameter.int("skip", "Tasks to leave out.", default: 0, in: 0...Int.max)
    static let force = QueryParameter.flag(
        "force", "Stop between two steps at once, without undoing what is done.", default: false)

    static let task = Schema.object(
        OptimizationResult.members + [.init("host", .text("gpu-7").nullable)], "How an optimization stands or ended."
    ).named("OptimizationResult")
    static let unknown = "There is no such task."

    static let start = Operation(
        .POST, path, .optimization, "Asks a host for an optimization",
        explanation: "A dry run unless the body says otherwise. The answer comes when the request is durable.",
        access: .permission("hardware:optimize"), parameters: [HostSelection.parameter.description],
        body: BodyDescription(OptimizationRequest.bodySchema),
        answers: [.json("The task, which runs.", task)], errors: HostSelection.errors)

    static let list = Operation(
        .GET, path, .optimization, "The optimizations, the newest first", access: .permission("hardware:monitor"),
        parameters: [status.description, user.description, skip.description, limit.description],
        answers: [
            .json(
                "The tasks that match.",
                .object([
                    .init("tasks", .array(task)), .init("total", .integer(1, "How many match in all.")),
                    .init("limit", .integer(50)), .init("skip", .integer(0)),
                ]))
        ])

    static let show = Operation(
        .GET, path + "/{task_id}", .optimization, "How an optimization stands or ended",
        access: .permission("hardware:monitor"), answers: [.json("The task.", task)], errors: [404: unknown])

    static let cancel = Operation(
        .DELETE, path + "/{task_id}", .optimization, "Asks the host to stop an optimization",
        access: .permission("hardware:optimize"), parameters: [force.description],
        answers: [
            .json(
                "The host has been asked.",
                .object([
                    .init("message", .text("Optimization task … cancellation requested")),
                    .init(
                        "details",
                        .object([
                            .init("task_id", .uuid()), .init("host", .text("gpu-7").nullable),
                            .init("status", .words(["cancellation_requested"])),
                        ])),
                    .init("cancelled_by", Principal.idSchema), .init("cancelled_at", .time()),
                    .init("force_used", .flag(false)),
                ]))
        ], errors: [404: unknown, 409: "The task has ended already."])
}
