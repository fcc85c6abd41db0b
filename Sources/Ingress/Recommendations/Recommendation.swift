internal import Contracts

/// The hardware API's `RecommendationInfo`: something to do, and the numbers that say so.
struct Recommendation: Sendable {
    enum Priority: String, Sendable, CaseIterable { case low, normal, high, critical }

    enum Category: String, Sendable, CaseIterable { case cpu, memory, disk }

    enum Complexity: String, Sendable, CaseIterable { case low, medium, high }

    /// The rule and what on the host it is about: the same as long as it holds.
    let id: String
    let category: Category
    let title: String
    let description: String
    let priority: Priority
    let complexity: Complexity
    /// Nil where it depends on more than the fleet knows.
    let minutes: Int?
    let prerequisites: [String]
    /// What was measured, by name.
    let evidence: [(name: String, value: Double)]

    static let schema = Schema.object([
        .init("id", .text("disk_nearly_full:/var")),
        .init("category", .words(Category.allCases.map(\.rawValue))),
        .init("title", .text("Make room on /var")),
        .init("description", .text("The file system is 91.0 % full.")),
        .init("priority", .words(Priority.allCases.map(\.rawValue))),
        .init(
            "potential_impact",
            .map(
                .map(.number(91)), "`evidence`: what was measured, by name.",
                example: #"{"evidence":{"used_percent":91.0}}"#)),
        .init("implementation_complexity", .words(Complexity.allCases.map(\.rawValue))),
        .init("estimated_duration_minutes", .integer(10).nullable),
        .init("prerequisites", .array(.text("Somebody who knows what may be deleted"))),
        .init("host", .text("gpu-7")),
    ]).named("Recommendation")

    func write(host: String, to writer: inout JSONWriter) {
        writer.object { writer in
            writer.member("id", id)
            writer.member("category", category.rawValue)
            writer.member("title", title)
            writer.member("description", description)
            writer.member("priority", priority.rawValue)
            writer.member(
                "potential_impact",
                object: { writer in
                    writer.member(
                        "evidence",
                        object: { writer in for (name, value) in evidence { writer.member(name, value) } })
                })
            writer.member("implementation_complexity", complexity.rawValue)
            writer.member("estimated_duration_minutes", minutes)
            writer.member("prerequisites", prerequisites)
            writer.member("host", host)
        }
    }
}
