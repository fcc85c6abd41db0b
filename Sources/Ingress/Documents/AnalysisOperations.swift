internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/hardware/analyze`.
enum AnalysisOperations {
    static let window = QueryParameter.int("time_window_hours", "How far back.", default: 24, in: 1...168)
    static let predictions = QueryParameter.flag(
        "include_predictions", "Whether `predictions` is filled.", default: true)
    static let days = QueryParameter.int("forecast_days", "How far ahead.", default: 30, in: 7...365)
    static let scenarios = QueryParameter.words(
        "growth_scenarios", "Only these, separated by commas: `conservative`, `moderate`, `aggressive`.",
        of: CapacityForecast.Scenario.allCases.map(\.rawValue))

    static let performance = Operation(
        .GET, "/api/v1/hardware/analyze/performance", .hardware, "What a host's last hours say",
        explanation: "From its stored minutes: how busy it was, what it was short of, where that goes.",
        access: .permission("hardware:monitor"),
        parameters: [HostSelection.parameter.description, window.description, predictions.description],
        answers: [.json("Null where nothing was measured.", PerformanceAnalysis.schema)],
        errors: HostSelection.errors)

    static let capacity = Operation(
        .GET, "/api/v1/hardware/analyze/capacity", .hardware, "When a host runs out of something",
        explanation:
            "A straight line through the hours of the last 90 days, with its error. It says nothing of less than "
            + "24 hours of data, and nothing of what has not happened yet.",
        access: .permission("hardware:monitor"),
        parameters: [HostSelection.parameter.description, days.description, scenarios.description],
        answers: [.json("A forecast of each resource.", CapacityAnalysis.schema)], errors: HostSelection.errors)
}
