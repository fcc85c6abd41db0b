internal import Contracts
internal import HTTPKit

/// The operation of `/api/v1/hardware/recommendations`.
enum RecommendationOperations {
    static let category = QueryParameter.word(
        "category", "Only those.", of: Recommendation.Category.allCases.map(\.rawValue))
    static let priority = QueryParameter.word(
        "priority", "Only those.", of: Recommendation.Priority.allCases.map(\.rawValue))
    static let complexity = QueryParameter.word(
        "implementation_complexity", "Only those.", of: Recommendation.Complexity.allCases.map(\.rawValue))
    static let limit = QueryParameter.int("limit", "Recommendations of an answer.", default: 20, in: 1...100)

    static let list = Operation(
        .GET, "/api/v1/hardware/recommendations", .hardware,
        "What the numbers of a host suggest, the most urgent first",
        explanation: "By rules over its samples; each says which numbers. Empty when there is nothing to say.",
        access: .permission("hardware:monitor"),
        parameters: [
            category.description, priority.description, complexity.description, limit.description,
            HostSelection.parameter.description,
        ],
        answers: [.json("The recommendations that match.", .array(Recommendation.schema))],
        errors: HostSelection.errors)
}
