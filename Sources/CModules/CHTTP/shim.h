#pragma once
// libmicrohttpd's variadic calls in forms that Swift can import.
#include <microhttpd.h>
#include <netinet/in.h>
#include <sys/socket.h>

/// What a daemon is started with; every callback gets `context`, except `handler`'s per-request pointer.
struct chttp_options {
    unsigned int flags;
    int listen_descriptor;
    unsigned int threads;
    unsigned int connection_limit;
    unsigned int connections_per_address;
    size_t connection_memory;
    MHD_AccessHandlerCallback handler;
    void *(*request_line)(void *context, const char *target, struct MHD_Connection *connection);
    MHD_RequestCompletedCallback completed;
    MHD_NotifyConnectionCallback connection;
    size_t (*unescape)(void *context, struct MHD_Connection *connection, char *text);
    void *context;
    const char *tls_key;         // PEM text or NULL; must live as long as the daemon
    const char *tls_certificate; // PEM text or NULL; must live as long as the daemon
};

/// Starts a daemon on a listening socket; NULL when the library refuses.
static inline struct MHD_Daemon *chttp_start(const struct chttp_options *options) {
    struct MHD_OptionItem items[16];
    int count = 0;
#define CHTTP_ITEM(name, number, pointer) \
    items[count++] = (struct MHD_OptionItem){(name), (intptr_t)(number), (void *)(pointer)}
    CHTTP_ITEM(MHD_OPTION_LISTEN_SOCKET, options->listen_descriptor, 0);
    CHTTP_ITEM(MHD_OPTION_CONNECTION_LIMIT, options->connection_limit, 0);
    CHTTP_ITEM(MHD_OPTION_CONNECTION_MEMORY_LIMIT, options->connection_memory, 0);
    CHTTP_ITEM(MHD_OPTION_PER_IP_CONNECTION_LIMIT, options->connections_per_address, 0);
    CHTTP_ITEM(MHD_OPTION_STRICT_FOR_CLIENT, 1, 0);
    CHTTP_ITEM(MHD_OPTION_NOTIFY_COMPLETED, options->completed, options->context);
    CHTTP_ITEM(MHD_OPTION_NOTIFY_CONNECTION, options->connection, options->context);
    CHTTP_ITEM(MHD_OPTION_URI_LOG_CALLBACK, options->request_line, options->context);
    CHTTP_ITEM(MHD_OPTION_UNESCAPE_CALLBACK, options->unescape, options->context);
    if (options->threads > 1) CHTTP_ITEM(MHD_OPTION_THREAD_POOL_SIZE, options->threads, 0);
    if (options->tls_key) CHTTP_ITEM(MHD_OPTION_HTTPS_MEM_KEY, 0, options->tls_key);
    if (options->tls_certificate) CHTTP_ITEM(MHD_OPTION_HTTPS_MEM_CERT, 0, options->tls_certificate);
    // TLS 1.2 and newer, whatever the system's defaults are (GnuTLS priority strings).
    if (options->tls_key) CHTTP_ITEM(MHD_OPTION_HTTPS_PRIORITIES, 0, "NORMAL:-VERS-ALL:+VERS-TLS1.3:+VERS-TLS1.2");
    CHTTP_ITEM(MHD_OPTION_END, 0, 0);
#undef CHTTP_ITEM
    return MHD_start_daemon(
        options->flags, 0, NULL, NULL, options->handler, options->context, MHD_OPTION_ARRAY, items, MHD_OPTION_END);
}

/// The socket of a connection, or -1.
static inline int chttp_descriptor(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CONNECTION_FD);
    return info ? info->connect_fd : -1;
}

/// What the connection callback stored for the socket, or NULL.
static inline void *chttp_socket_context(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_SOCKET_CONTEXT);
    return info ? info->socket_context : NULL;
}

/// The client's address, or NULL.
static inline const struct sockaddr *chttp_address(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_CLIENT_ADDRESS);
    return info ? info->client_addr : NULL;
}

/// The GnuTLS session of a TLS connection, or NULL.
static inline void *chttp_tls_session(struct MHD_Connection *connection) {
    const union MHD_ConnectionInfo *info = MHD_get_connection_info(connection, MHD_CONNECTION_INFO_GNUTLS_SESSION);
    return info ? info->tls_session : NULL;
}

/// Makes a response without a body for HEAD, 204 or 304 close its connection instead of being chunked: version 0.9.75
/// sends the end mark of a chunked body even where there is no body.
static inline void chttp_close_after(struct MHD_Response *response) {
    MHD_set_response_options(response, MHD_RF_HTTP_1_0_COMPATIBLE_STRICT, MHD_RO_END);
}

// Socket calls with their constants: Swift finds an enumerator such as SHUT_RD or not, depending on which of the imported
// C modules included its header first.

/// Writes what a socket takes at once, without a signal when its peer is gone.
static inline ssize_t chttp_send(int descriptor, const void *bytes, size_t count) {
    return send(descriptor, bytes, count, MSG_DONTWAIT | MSG_NOSIGNAL);
}

/// Reads what a socket has at once.
static inline ssize_t chttp_receive(int descriptor, void *bytes, size_t count) {
    return recv(descriptor, bytes, count, MSG_DONTWAIT);
}

/// Whether the peer has ended its direction and nothing of it is left to read.
static inline int chttp_has_ended(int descriptor) {
    char byte;
    return recv(descriptor, &byte, 1, MSG_PEEK | MSG_DONTWAIT) == 0;
}

/// Ends both directions of a connection; its event loop sees it.
static inline void chttp_shutdown(int descriptor) {
    shutdown(descriptor, SHUT_RDWR);
}

/// Ends the input of a connection, or makes a listening socket refuse.
static inline void chttp_shutdown_input(int descriptor) {
    shutdown(descriptor, SHUT_RD);
}

/// A non-blocking TCP socket to listen on, AF_INET or AF_INET6 (which then takes IPv4 too); -1 with errno.
static inline int chttp_listening_socket(int family) {
    int descriptor = socket(family, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    int one = 1, zero = 0;
    if (descriptor < 0) return -1;
    setsockopt(descriptor, SOL_SOCKET, SO_REUSEADDR, &one, sizeof one);
    if (family == AF_INET6) setsockopt(descriptor, IPPROTO_IPV6, IPV6_V6ONLY, &zero, sizeof zero);
    return descriptor;
}
