package import BusClients
internal import Contracts
internal import HTTPKit
package import Runtime
internal import SQLiteKit
internal import Synchronization

/// The ingress: builds the views from the logs, then serves HTTP from them.
///
/// A stop ends HTTP first (new requests refused, open ones finished up to the drain deadline), then the projections,
/// then views.db.
package final class IngressService: Service {
    package let name = "ingress"
    /// Signs and checks access tokens.
    package let tokens: AccessTokens
    /// Makes and takes the codes of sign-in links.
    package let signInCodes: SignInCodes

    private let configuration: IngressConfiguration
    private let bus: Bus
    private let time: any TimeSource
    private let metrics: MetricsRegistry
    private let logger: Logger
    private let directory: AccountDirectory
    private let hasher: PasswordHasher
    private let audit: AuditTrail
    private let questions: HostQuestions
    private let certificate: ListenerCertificate?
    private let server = Mutex<HTTPServer?>(nil)

    /// - Throws: `AccessError` when the secret is too short or its file cannot be trusted, or when open access is asked
    ///   for beyond loopback; `TLSError` when the certificate cannot be served.
    package init(
        configuration: IngressConfiguration, bus: Bus, time: any TimeSource, metrics: MetricsRegistry, logger: Logger
    ) throws {
        try configuration.access.validate(listeningOn: configuration.host)
        self.configuration = configuration
        self.bus = bus
        self.time = time
        self.metrics = metrics
        self.logger = logger
        let secret = try AccessSecret.resolve(configuration.access.secret, stateFolder: configuration.stateFolder)
        tokens = AccessTokens(secret: secret, externalKeys: configuration.access.externalKeys, time: time)
        signInCodes = SignInCodes(time: time)
        directory = AccountDirectory(logger: logger.component("accounts"))
        hasher = try PasswordHasher()
        audit = AuditTrail(bus: bus, time: time, metrics: metrics, logger: logger)
        questions = HostQuestions(
            bus: bus, time: time, patience: configuration.answerPatience, metrics: metrics, logger: logger)
        certificate = try configuration.tls.map { try ListenerCertificate($0, time: time, logger: logger) }
    }

    /// The port that is listened on; nil before the start.
    package var boundPort: Int? { server.withLock { $0?.boundPort } }

    /// Whether a stop was asked for, also while requests are still taken.
    private var isStopping: Bool { server.withLock { $0?.isStopping ?? false } }

    package func run(_ lifecycle: Lifecycle) async throws {
        let reloads = try certificate?.reloadOnHangup()
        defer { reloads?.stop() }
        let projections = IngressProjections(
            configuration: configuration, directory: directory, time: time, metrics: metrics, logger: logger)
        let views = try await ViewsStore.open(
            path: configuration.viewsPath, projections: projections.all, metrics: metrics, logger: logger)
        do {
            try await run(lifecycle, views, projections)
        } catch {
            try await views.close()
            throw error
        }
        try await views.close()
    }

    private func run(
        _ lifecycle: Lifecycle, _ views: Database, _ projections: IngressProjections
    ) async throws {
        let runner = ProjectionRunner(
            projections: projections.all, bus: bus, database: views, time: time, metrics: metrics, logger: logger)
        try await withThrowingTaskGroup(of: Void.self) { group in
            defer { group.cancelAll() }
            group.addTask { try await runner.run() }
            group.addTask {
                await ConfigurationJanitor(
                    accounts: self.accounts(projections), bus: self.bus, views: views, time: self.time,
                    logger: self.logger
                ).run()
            }
            group.addTask {
                await WebhookSender(
                    self.configuration.webhooks, monitoring: self.monitoring(projections), queues: self.bus.queues,
                    time: self.time, metrics: self.metrics, logger: self.logger
                ).run()
            }
            group.addTask { try await self.serve(lifecycle, views, projections, runner) }
            group.addTask { await self.hostWatch(projections, runner).run() }
            group.addTask { await self.audit.run() }
            group.addTask { await self.notices(views, projections, runner).run() }
            group.addTask { try await self.questions.run() }
            // The first to end is the server after a stop, or whatever failed.
            try await group.next()
        }
    }

    private func hostWatch(_ projections: IngressProjections, _ runner: ProjectionRunner) -> HostWatch {
        HostWatch(
            hosts: projections.hosts, said: projections.presence, bus: bus, time: time,
            downAfter: configuration.hostDownAfter, isCaughtUp: { runner.isCaughtUp },
            webhooks: { [monitoring = monitoring(projections)] in monitoring.current.value?.webhooks ?? [] },
            logger: logger.component("hosts"))
    }

    private func notices(
        _ views: Database, _ projections: IngressProjections, _ runner: ProjectionRunner
    ) -> CommandNotices {
        CommandNotices(
            bus: bus, views: views, commands: projections.commands, time: time, isCaughtUp: { runner.isCaughtUp },
            logger: logger.component("commands"))
    }

    private func serve(
        _ lifecycle: Lifecycle, _ views: Database, _ projections: IngressProjections, _ runner: ProjectionRunner
    ) async throws {
        let deadline = configuration.catchUpDeadline
        _ = try await lifecycle.untilStop { await runner.waitUntilCaughtUp(atMost: deadline) }
        guard !lifecycle.isStopping else { return }
        let server = makeServer(views, projections, runner)
        try certificate?.attach(server)
        self.server.withLock { $0 = server }
        try await server.run(lifecycle)
    }

    private func makeServer(
        _ views: Database, _ projections: IngressProjections, _ runner: ProjectionRunner
    ) -> HTTPServer {
        let authenticator = Authenticator(
            configuration: configuration.access, tokens: tokens, directory: directory, time: time)
        let access = Access(authenticator: authenticator, audit: audit)
        let context = IngressContext(
            configuration: configuration, bus: bus, views: views, access: access, audit: audit, time: time,
            metrics: metrics, logger: logger)
        var api = API()
        for group in routeGroups(context, projections, runner) { group.register(in: &api) }
        let errors = ErrorBodies(time: time)
        let requests = RequestMetrics(metrics: metrics, slow: configuration.slowRequest, logger: logger)
        var http = HTTPServerConfiguration(host: configuration.host, port: configuration.port)
        http.threads = configuration.threads
        http.maxConnections = configuration.maximumConnections
        http.maxExchanges = configuration.maximumExchanges
        http.drainAnnouncement = configuration.drainAnnouncement
        http.drainDeadline = configuration.drainDeadline
        http.tls = certificate?.identity
        http.observe = { requests.record($0) }
        http.standardHeaders = .security(speaksTLS: http.tls != nil)
        http.policy = IngressPolicy(
            configuration: configuration.limits, listeningOn: configuration.host, authenticator: authenticator,
            time: time, metrics: metrics)
        return HTTPServer(
            configuration: http, router: api.router, errorRenderer: { errors.render($0, requestID: $1) },
            logger: logger.component("http"), time: time)
    }

    private func accounts(_ projections: IngressProjections) -> Accounts {
        Accounts(
            configuration: fleetConfiguration(projections), directory: directory, hasher: hasher, time: time)
    }

    private func fleetConfiguration(_ projections: IngressProjections) -> FleetConfiguration {
        FleetConfiguration(projection: projections.settings, bus: bus, time: time)
    }

    private func monitoring(_ projections: IngressProjections) -> FleetMonitoring {
        FleetMonitoring(configuration: fleetConfiguration(projections), logger: logger.component("monitoring"))
    }

    private func routeGroups(
        _ context: IngressContext, _ projections: IngressProjections, _ runner: ProjectionRunner
    ) -> [any RouteGroup] {
        let accounts = accounts(projections)
        let signIns = SignInService(
            accounts: accounts, tokens: tokens, failures: SignInFailures(),
            accessLifetime: configuration.access.accessTokenLifetime, time: time)
        return [
            AccountRoutes(context: context, accounts: accounts, signIns: signIns),
            AuditRoutes(context: context),
            HealthRoutes(
                context: context, runner: runner, hosts: projections.hosts,
                isStopping: { [weak self] in self?.isStopping ?? true }),
            MetricsRoutes(context: context),
            SignInRoutes(context: context, codes: signInCodes, tokens: tokens),
            SystemRoutes(context: context, hosts: projections.hosts, questions: questions),
            SystemSettingsRoutes(
                context: context,
                settings: SystemSettings(
                    configuration: fleetConfiguration(projections), logger: logger.component("settings")),
                selection: HostSelection(hosts: projections.hosts, own: configuration.fleetHost)),
            HardwareMetricsRoutes(context: context, hosts: projections.hosts, questions: questions),
            MetricsHistoryRoutes(
                context: context, selection: HostSelection(hosts: projections.hosts, own: configuration.fleetHost)),
            AnalysisRoutes(
                context: context, selection: HostSelection(hosts: projections.hosts, own: configuration.fleetHost)),
            RecommendationRoutes(
                context: context, selection: HostSelection(hosts: projections.hosts, own: configuration.fleetHost)),
            AlertRoutes(context: context, alerts: projections.alerts, presence: projections.presence),
            HostRoutes(context: context, hosts: projections.hosts, presence: projections.presence),
            MonitoringRoutes(context: context, monitoring: monitoring(projections)),
            ProcessRoutes(context: context, hosts: projections.hosts, questions: questions),
            SecurityRoutes(
                context: context, hosts: projections.hosts, questions: questions, directory: directory),
            OptimizationRoutes(context: context, hosts: projections.hosts, sessions: projections.sessions),
            CommandRoutes(context: context, commands: projections.commands, isCaughtUp: { runner.isCaughtUp }),
            CommandDeadLetters(context: context),
            DocumentRoutes(version: configuration.version),
        ]
    }
}
