// Why this file defines MHD_queue_response, a function of libmicrohttpd:
//
// Contract: every non-2xx answer has one JSON body. For requests that never reach a handler (headers beyond the pool:
// 431 or 414, a bad Content-Length or chunk: 400 or 413, HTTP/1.1 without Host: 400, other versions: 505) the library
// queues a fixed HTML page, with no option to change it. The library calls its own MHD_queue_response through the
// procedure linkage table, so the definition here, in the executable, is the one it finds. It lets the server's handler
// write our answer to the socket, where nothing else can be pending while a request is being received, and reports
// failure, upon which the library closes the connection. (Queueing another response instead would do, but for a bad
// Content-Length and a missing Host version 0.9.75 then sends the headers twice: parse_connection_headers' caller
// overwrites the connection's state.) Our own responses use chttp_queue_response, so that whatever arrives here comes
// from the library. Where the symbol is bound inside the library (a static or -Bsymbolic build), nothing is replaced
// and clients see the library's page: the tests of HTTPKit notice.
#define _GNU_SOURCE
#include "CHTTPErrors.h"

#include <dlfcn.h>
#include <linux/tcp.h>
#include <microhttpd.h>
#include <netinet/in.h>
#include <stdatomic.h>
#include <sys/socket.h>

typedef enum MHD_Result (*queue_function)(struct MHD_Connection *, unsigned int, struct MHD_Response *);

static _Atomic(chttp_error_handler) error_handler;
static _Atomic(queue_function) queue;

static queue_function real_queue(void) {
    queue_function function = atomic_load_explicit(&queue, memory_order_acquire);
    if (!function) {
        function = (queue_function)dlsym(RTLD_NEXT, "MHD_queue_response");
        atomic_store_explicit(&queue, function, memory_order_release);
    }
    return function;
}

void chttp_set_error_handler(chttp_error_handler handler) {
    atomic_store(&error_handler, handler);
}

int chttp_queue_response(void *connection, unsigned int status, void *response) {
    queue_function function = real_queue();
    return function && function(connection, status, response) == MHD_YES;
}

__attribute__((visibility("default"))) enum MHD_Result MHD_queue_response(
    struct MHD_Connection *connection, unsigned int status, struct MHD_Response *response) {
    queue_function function = real_queue();
    if (!function) return MHD_NO;
    chttp_error_handler handler = atomic_load(&error_handler);
    if (handler && status >= 400 && handler(connection, status)) return MHD_NO;
    return function(connection, status, response);
}

int64_t chttp_bytes_acknowledged(int descriptor) {
    struct tcp_info info;
    socklen_t size = sizeof info;
    if (getsockopt(descriptor, IPPROTO_TCP, TCP_INFO, &info, &size) != 0) return -1;
    if (size < offsetof(struct tcp_info, tcpi_bytes_acked) + sizeof info.tcpi_bytes_acked) return -1;
    return (int64_t)info.tcpi_bytes_acked;
}

ssize_t chttp_tls_write(void *session, const void *bytes, size_t count) {
    ssize_t (*write)(void *, const void *, size_t) =
        (ssize_t(*)(void *, const void *, size_t))dlsym(RTLD_DEFAULT, "gnutls_record_send");
    return write ? write(session, bytes, count) : -1;
}
