import BusClients
import CommandPusher
import Contracts
import DeviceConnector
import HostProbe
import Ingress
import MetricsWorker
import OptimizeWorker
import Runtime

/// Puts the services of a process together.
struct FleetServices: Sendable {
    /// The process's name, as `flotilla queues` shows it.
    let name: String
    let settings: FleetSettings
    let bus: Bus
    let time: any TimeSource
    let metrics: MetricsRegistry
    let logger: Logger
    let console: Console

    /// The services of the roles in the order of their start: the bus first, HTTP last.
    func make(_ roles: [Role], _ announcement: Announcement?) throws -> [any Service] {
        let topology = FleetTopology(
            host: settings.host, commandTopic: Topic(settings.commandTopic),
            partitions: settings.bus.kafka == nil ? 1 : settings.bus.topicPartitions)
        var services: [any Service] = [
            BusService(bus: bus, topology: topology, time: time, logger: logger.component("bus"))
        ]
        services.append(StartupTrim(time: time))
        if let monitor = bus.monitor { services += watching(monitor) }
        if roles.contains(.metricsWorker) { services += metricsWorker() }
        if roles.contains(.optimizeWorker) { services.append(optimizeWorker()) }
        if roles.contains(.commandPusher) { services.append(commandPusher()) }
        if roles.contains(.deviceConnector), let connector = settings.connector {
            services.append(deviceConnector(connector))
        }
        if roles.contains(.ingress) { services += try ingress(announcement) }
        return services
    }

    private func watching(_ monitor: BusMonitor) -> [any Service] {
        let file = HealthFile(folder: settings.stateFolder, name: name, time: time)
        var services: [any Service] = [
            HealthFileService(file: file, monitor: monitor, logger: logger.component("bus"))
        ]
        if let port = settings.statusPort {
            let routes = StatusRoutes(name: name, monitor: monitor, metrics: metrics, time: time)
            services.append(routes.server(host: settings.statusHost, port: port, logger: logger.component("status")))
        }
        return services
    }

    private func metricsWorker() -> [any Service] {
        let sampling = MetricsWorkerConfiguration(
            host: settings.host, interval: settings.metricsInterval, sourceFile: settings.metricsSourceFile,
            alertFile: settings.stateFolder.path + "/alerts.json")
        let plan = SamplingPlan(sampling)
        return [
            MetricsSamplingService(
                configuration: sampling, plan: plan, bus: bus, time: time, metrics: metrics, logger: logger),
            HostInspectionService(
                host: settings.host, sampling: (sampling, plan), bus: bus, time: time, metrics: metrics,
                logger: logger),
        ]
    }

    private func optimizeWorker() -> any Service {
        let disk = DiskConfiguration(
            roots: settings.storageRoots, stateFolder: settings.stateFolder.path, homeFolder: settings.homeFolder)
        return HostOptimizationService(
            configuration: HostOptimizationConfiguration(
                host: settings.host, stateFolder: settings.stateFolder.path),
            optimizations: HostOptimizationService.standardOptimizations(disk: disk), bus: bus, time: time,
            metrics: metrics, logger: logger)
    }

    private func commandPusher() -> any Service {
        CommandPushService(
            configuration: CommandPusherConfiguration(commandTopic: Topic(settings.commandTopic)), bus: bus,
            time: time, metrics: metrics, logger: logger)
    }

    private func deviceConnector(_ values: ConnectorSettings.Values) -> any Service {
        var configuration = DeviceConnectorConfiguration(
            commandTopic: Topic(settings.commandTopic), mqtt: values.mqtt)
        configuration.answerTimeout = values.answerTimeout
        return DeviceConnectorService(
            configuration: configuration, bus: bus, time: time, metrics: metrics, logger: logger)
    }

    private func ingress(_ announcement: Announcement?) throws -> [any Service] {
        var configuration = IngressConfiguration(
            host: settings.apiHost, port: settings.apiPort, stateFolder: settings.stateFolder.path,
            fleetHost: settings.host, access: settings.access)
        configuration.limits = settings.limits
        configuration.metricsInterval = settings.metricsInterval
        configuration.hostDownAfter = settings.hostDownAfter
        configuration.history = settings.history
        configuration.webhooks.allowsPrivate = settings.webhooksMayBePrivate
        configuration.commandAckTimeout = settings.commandAckTimeout
        configuration.commandDefaultTimeToLive = settings.commandDefaultTimeToLive
        if let kafka = settings.bus.kafka { configuration.commandPublishTimeout = kafka.deliveryTimeout }
        configuration.commandTopic = settings.commandTopic
        configuration.version = Program.version
        configuration.tls = settings.tls
        configuration.drainAnnouncement = settings.drainAnnouncement
        OpenFiles.raiseLimit()
        configuration.maximumConnections = OpenFiles.connections(atMost: configuration.maximumConnections)
        let logger = logger.component("ingress")
        let ingress = try IngressService(
            configuration: configuration, bus: bus, time: time, metrics: metrics, logger: logger)
        let announcing = AnnouncingService(
            ingress: ingress, address: ServiceURL(listeningOn: settings.apiHost),
            isTLS: settings.tls != nil, isOpen: settings.isOpen, announcement: announcement, console: console,
            logger: logger)
        return [ingress, announcing]
    }
}
