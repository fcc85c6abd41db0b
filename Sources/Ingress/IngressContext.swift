package import BusClients
package import Runtime
package import SQLiteKit

/// What every route group may need.
package struct IngressContext: Sendable {
    package let configuration: IngressConfiguration
    package let bus: Bus
    /// views.db: routes only read it.
    package let views: Database
    package let access: Access
    package let audit: AuditTrail
    package let time: any TimeSource
    package let metrics: MetricsRegistry
    package let logger: Logger

    package init(
        configuration: IngressConfiguration, bus: Bus, views: Database, access: Access, audit: AuditTrail,
        time: any TimeSource,
        metrics: MetricsRegistry, logger: Logger
    ) {
        self.configuration = configuration
        self.bus = bus
        self.views = views
        self.access = access
        self.audit = audit
        self.time = time
        self.metrics = metrics
        self.logger = logger
    }
}
