#pragma once
// One HTTP exchange through libcurl, which is loaded when the first one is made: linking it would map its twenty
// libraries into every process of the fleet, few of which speak HTTP as a client.
#include <stddef.h>
#include <stdint.h>

/// A request. Every pointer is borrowed for the call.
typedef struct {
    const char *method;
    const char *url;
    /// A PEM file of the authorities that https is trusted by; NULL for the system's.
    const char *authorities;
    /// Lines such as `Accept: application/json`.
    const char *const *headers;
    size_t header_count;
    /// NULL for none.
    const uint8_t *body;
    size_t body_length;
    /// Of the whole exchange, in milliseconds.
    long timeout_ms;
    /// Bytes of the answer's body beyond which the exchange fails.
    size_t response_limit;
    /// Whether a proxy that the environment names is not used.
    int ignores_proxies;
    /// Whether an address may be connected to: 4 or 16 bytes, as they are in packets. NULL permits all.
    int (*permits)(void *context, const uint8_t *address, size_t length);
    /// Asked about once a second: whether the exchange shall end. NULL for never.
    int (*is_cancelled)(void *context);
    void *context;
} flotilla_http_request;

/// An answer. `body` is NULL or freed by `flotilla_http_response_free`.
typedef struct {
    /// 0 when none came.
    long status;
    /// Seconds, by the header of that name; 0 without one.
    int64_t retry_after;
    uint8_t *body;
    size_t body_length;
    /// libcurl's own words on a failure; terminated.
    char error[256];
} flotilla_http_response;

/// The results of `flotilla_http_perform` beside libcurl's own codes, which are positive.
typedef enum {
    FLOTILLA_HTTP_OK = 0,
    /// libcurl.so.4 is not installed or lacks a function.
    FLOTILLA_HTTP_NO_LIBRARY = -1,
    FLOTILLA_HTTP_NO_MEMORY = -2,
    FLOTILLA_HTTP_RESPONSE_TOO_LARGE = -3,
    /// The host's addresses are none that `permits` takes.
    FLOTILLA_HTTP_REFUSED_ADDRESS = -4,
} flotilla_http_result;

/// Performs one exchange and blocks until it ends. `response` is filled in whatever the result is.
/// Speaks http and https only, follows no redirect, and goes to a loopback host without a proxy.
int flotilla_http_perform(const flotilla_http_request *request, flotilla_http_response *response);

void flotilla_http_response_free(flotilla_http_response *response);
