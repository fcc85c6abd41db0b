/// A part of the fleet that can run in a process of its own.
enum Role: String, Sendable, CaseIterable {
    case metricsWorker = "metrics-worker"
    case optimizeWorker = "optimize-worker"
    case commandPusher = "command-pusher"
    case deviceConnector = "device-connector"
    case ingress
}
