#pragma once
// What libmicrohttpd's API does not offer: its own error pages, the progress of a socket, and a TLS write outside it.
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

/// Answers an error that the library found by itself, by writing to the connection's socket. 1 when it did, and the
/// library then closes the connection; 0 leaves the library's page.
typedef int (*chttp_error_handler)(void *connection, unsigned int status);

/// Sets the process's handler. Every server sets the same function; it finds its server through the connection.
void chttp_set_error_handler(chttp_error_handler handler);

/// `MHD_queue_response` for our own responses, which never go to the handler. 1 when it was queued.
int chttp_queue_response(void *connection, unsigned int status, void *response);

/// Bytes of a TCP socket's output that the peer has acknowledged since it was opened; -1 when the kernel can't say.
int64_t chttp_bytes_acknowledged(int descriptor);

/// Writes on a GnuTLS session with the library's own GnuTLS; -1 when that isn't loaded, or its negative error.
ssize_t chttp_tls_write(void *session, const void *bytes, size_t count);
