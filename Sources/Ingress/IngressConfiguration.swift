internal import Contracts
internal import Glibc
package import HTTPKit

/// How an ingress runs.
package struct IngressConfiguration: Sendable {
    /// Numeric address or host name to listen on (`API_HOST`).
    package var host: String
    /// 0 lets the kernel choose (`API_PORT`).
    package var port: Int
    /// The folder of views.db and the secret (`FLOTILLA_STATE`); must exist.
    package var stateFolder: String
    /// This host's name in the fleet (`FLOTILLA_HOST`).
    package var fleetHost: String
    package var access: AccessConfiguration
    package var limits = LimitConfiguration()
    /// HTTP event loops: half of the cores, one to four. More of them take turns with the store and the handlers.
    package var threads = max(1, min(4, sysconf(Int32(_SC_NPROCESSORS_ONLN)) / 2))
    /// Beyond them new ones wait in the kernel's queue. 15 KB each, and well above what idle clients may hold.
    package var maximumConnections = 16_384
    /// Requests in flight; one more is answered 503.
    package var maximumExchanges = 20_000
    /// Certificate and key of a TLS listener (`TLS_CERTIFICATE`, `TLS_PRIVATE_KEY`); nil serves plain HTTP.
    package var tls: TLSFiles?
    /// How long a stop goes on serving while `/ready` is 503, so that load balancers notice (`DRAIN_SECONDS`).
    package var drainAnnouncement: Duration = .zero
    /// How long open exchanges may take once a stop is asked.
    package var drainDeadline: Duration = .seconds(10)
    /// How long a start waits for the projections before HTTP serves; then `/ready` says 503 until they are there.
    package var catchUpDeadline: Duration = .seconds(30)
    /// How often hosts report (`METRICS_INTERVAL_SECONDS`): a host not heard from for three is stale.
    package var metricsInterval: Duration = .seconds(1)
    /// How long a host may be silent before it is down (`HOST_DOWN_SECONDS`).
    package var hostDownAfter: Duration = .seconds(60)
    /// How long their history is kept (`HISTORY_SECONDS_KEPT_HOURS` and its like).
    package var history = HostHistoryLimits.standard
    package var webhooks = WebhookConfiguration()
    /// How long a request waits for the answer of a host that it asks, such as for its processes.
    package var answerPatience = InspectionStreams.patience
    /// How long `POST /api/v1/commands` waits for Kafka (`COMMAND_ACK_TIMEOUT_MS`).
    package var commandAckTimeout: Duration = .milliseconds(1000)
    /// How long the pusher may wait for Kafka's acknowledgement of a record (`KAFKA_TIMEOUT_MS`).
    package var commandPublishTimeout: Duration = .seconds(5)
    /// Expiry of commands that name none (`COMMAND_DEFAULT_TTL_SECONDS`).
    package var commandDefaultTimeToLive: Duration = .seconds(86_400)
    /// The topic that connectors read (`KAFKA_COMMAND_TOPIC`).
    package var commandTopic = "device_commands"
    /// A request that takes longer is logged at warning.
    package var slowRequest: Duration = .seconds(2)
    package var version = "1.0.0"

    package init(host: String, port: Int, stateFolder: String, fleetHost: String, access: AccessConfiguration) {
        self.host = host
        self.port = port
        self.stateFolder = stateFolder
        self.fleetHost = fleetHost
        self.access = access
    }

    /// Where the views are kept; the file may be deleted while nothing runs.
    package var viewsPath: String { stateFolder + "/views.db" }
}
