/// Where an HTTP server listens and what it bears.
package struct HTTPServerConfiguration: Sendable {
    /// The address to bind: an IPv4 or IPv6 address, or `localhost` (127.0.0.1). `::` takes IPv4 too.
    package var host = "127.0.0.1"
    /// The port; 0 lets the kernel choose, see ``HTTPServer/boundPort``.
    package var port = 8000
    /// Event loop threads.
    package var threads = 1
    /// Open connections; beyond them new ones wait in the kernel's queue (at most 511).
    package var maxConnections = 10_000
    /// Open connections of one address; 0 is no limit of its own.
    package var maxConnectionsPerAddress = 0
    /// Requests between their headers and their response's headers; beyond them the answer is 503 with Retry-After.
    package var maxExchanges = 4096
    /// Bytes of request bodies that are held in memory for their handlers, of all requests together; beyond them the
    /// answer is 503 with Retry-After.
    package var maximumCollectedBytes = 256 << 20
    /// Memory of a connection for the request line, the headers and the send buffer; beyond it 431 or 414.
    package var headerBytes = 12 * 1024
    /// From a new connection, or the request line on a used one, to the end of the headers.
    package var headerTimeout: Duration = .seconds(10)
    /// For a body, on top of the time it takes at ``minimumBodyRate``.
    package var bodyTimeout: Duration = .seconds(30)
    /// Bytes a second that an upload must keep up on average once ``bodyTimeout`` has passed.
    package var minimumBodyRate = 4096
    /// Between a response and the next request on a connection.
    package var idleTimeout: Duration = .seconds(75)
    /// How long a client may acknowledge nothing while there is something for it to read.
    package var writeTimeout: Duration = .seconds(30)
    /// How long a stop goes on serving everybody before it refuses connections, so that load balancers notice.
    package var drainAnnouncement: Duration = .zero
    /// How long a stop waits for exchanges in flight before it cancels them.
    package var drainDeadline: Duration = .seconds(10)
    /// Certificate chain and private key as PEM texts, for TLS 1.2 and newer; nil serves plain HTTP.
    package var tls: TLSIdentity?
    /// Fields of every answer that does not have them already.
    package var standardHeaders = HTTPHeaders()
    /// Looks at every request before its route does; nil admits all.
    package var policy: (any RequestPolicy)?
    /// Called once for each finished request, on the event loop: must not block.
    package var observe: (@Sendable (RequestObservation) -> Void)?

    /// Makes the defaults: 127.0.0.1:8000, one thread.
    package init() {}

    /// Makes a configuration for an address with the other defaults.
    package init(host: String, port: Int) {
        self.host = host
        self.port = port
    }
}
