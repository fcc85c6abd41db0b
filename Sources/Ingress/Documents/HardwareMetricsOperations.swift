internal import Contracts
internal import HTTPKit

/// The operations of `/api/v1/hardware/metrics`.
enum HardwareMetricsOperations {
    static let interval = QueryParameter.int("interval", "Seconds between samples.", default: 5, in: 1...60)
    static let format = QueryParameter.word(
        "format", "How the samples are written; `json` where it is left out.", of: ["json", "csv"])
    static let processes = QueryParameter.flag(
        "include_processes", "Whether the host is asked for its \(TopProcesses.limit) busiest processes.", default: true
    )
    static let streamedProcesses = QueryParameter.flag(
        "include_processes",
        "Whether the host is asked for its \(TopProcesses.limit) busiest processes before each sample; not in CSV.",
        default: false)
    static let containers = QueryParameter.flag(
        "include_containers", "Whether `containers` is filled.", default: true)
    static let network = QueryParameter.flag("include_network", "Whether `network` is filled.", default: true)
    static let disk = QueryParameter.flag("include_disk", "Whether `disk` is filled.", default: true)
    static let gpu = QueryParameter.flag("include_gpu", "Whether `gpu` is filled.", default: false)
    static let sampleDuration = QueryParameter.int(
        "sample_duration", "Seconds over which rates are means.", default: 5, in: 1...60)

    private static let parameters = [
        HostSelection.parameter.description, containers.description, network.description, disk.description,
        gpu.description, sampleDuration.description,
    ]

    static let metrics = Operation(
        .GET, "/api/v1/hardware/metrics", .hardware, "How busy a host is, in detail",
        explanation: "The host is asked for its processes, and answers as of now; all else is of its latest sample. "
            + "Where it does not answer in time, `processes` is null and `processes_reason` says why.",
        access: .permission("hardware:monitor"), parameters: [processes.description] + parameters,
        answers: [.json("Unknown is null.", SystemMetricsBody.schema)], errors: HostSelection.errors)

    static let stream = Operation(
        .GET, "/api/v1/hardware/metrics/stream", .hardware, "The same as it comes",
        explanation: "Ends when the token does, or when the service stops.", access: .permission("hardware:monitor"),
        parameters: [interval.description, format.description, streamedProcesses.description] + parameters,
        answers: [
            AnswerDescription(
                "A sample each interval.",
                contents: [
                    (
                        "text/event-stream",
                        .text(
                            "data: {\"cpu\":{\"usage_percent\":12.5}}\n\n",
                            "Server-sent events without a name; the data is as of `/api/v1/hardware/metrics`, with "
                                + "`stream_metadata`: `session_id`, `timestamp`, `interval`.")
                    ), ("text/csv", .text(SystemMetricsCSV.header, "A header, then one line a sample.")),
                ])
        ], errors: HostSelection.errors)
}
