#include "CCurl.h"

#include <dlfcn.h>
#include <netinet/in.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

// The part of libcurl's ABI that is used here, from <curl/curl.h> of 7.88: option numbers never change within
// libcurl.so.4, and declaring them spares the build a development package.
typedef void CURL;
struct curl_slist;
struct curl_sockaddr {
    int family;
    int socktype;
    int protocol;
    unsigned int addrlen;
    struct sockaddr addr;
};

enum {
    CURLOPT_NOPROGRESS = 43,
    CURLOPT_WRITEDATA = 10001,
    CURLOPT_URL = 10002,
    CURLOPT_PROXY = 10004,
    CURLOPT_ERRORBUFFER = 10010,
    CURLOPT_POSTFIELDS = 10015,
    CURLOPT_USERAGENT = 10018,
    CURLOPT_HTTPHEADER = 10023,
    CURLOPT_CUSTOMREQUEST = 10036,
    CURLOPT_XFERINFODATA = 10057,
    CURLOPT_CAINFO = 10065,
    CURLOPT_OPENSOCKETDATA = 10164,
    CURLOPT_NOPROXY = 10177,
    CURLOPT_WRITEFUNCTION = 20011,
    CURLOPT_OPENSOCKETFUNCTION = 20163,
    CURLOPT_XFERINFOFUNCTION = 20219,
    CURLOPT_POSTFIELDSIZE_LARGE = 30120,
    CURLOPT_NOSIGNAL = 99,
    CURLOPT_TIMEOUT_MS = 155,
    CURLOPT_PROTOCOLS = 181,
    CURLINFO_RESPONSE_CODE = 0x200002,
    CURLINFO_RETRY_AFTER = 0x600039,
    CURL_SOCKET_BAD = -1,
    CURL_GLOBAL_DEFAULT = 3,
    CURLPROTO_HTTP_HTTPS = 3,
};

static struct {
    int (*global_init)(long);
    CURL *(*easy_init)(void);
    int (*easy_setopt)(CURL *, int, ...);
    int (*easy_perform)(CURL *);
    int (*easy_getinfo)(CURL *, int, ...);
    void (*easy_cleanup)(CURL *);
    const char *(*easy_strerror)(int);
    struct curl_slist *(*slist_append)(struct curl_slist *, const char *);
    void (*slist_free_all)(struct curl_slist *);
    int is_loaded;
} curl;

static pthread_once_t load_once = PTHREAD_ONCE_INIT;

static void load(void) {
    // Debian has libcurl over OpenSSL and over GnuTLS; either will do.
    void *library = dlopen("libcurl.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) library = dlopen("libcurl-gnutls.so.4", RTLD_NOW | RTLD_LOCAL);
    if (!library) return;
    *(void **)&curl.global_init = dlsym(library, "curl_global_init");
    *(void **)&curl.easy_init = dlsym(library, "curl_easy_init");
    *(void **)&curl.easy_setopt = dlsym(library, "curl_easy_setopt");
    *(void **)&curl.easy_perform = dlsym(library, "curl_easy_perform");
    *(void **)&curl.easy_getinfo = dlsym(library, "curl_easy_getinfo");
    *(void **)&curl.easy_cleanup = dlsym(library, "curl_easy_cleanup");
    *(void **)&curl.easy_strerror = dlsym(library, "curl_easy_strerror");
    *(void **)&curl.slist_append = dlsym(library, "curl_slist_append");
    *(void **)&curl.slist_free_all = dlsym(library, "curl_slist_free_all");
    curl.is_loaded = curl.global_init && curl.easy_init && curl.easy_setopt && curl.easy_perform &&
                     curl.easy_getinfo && curl.easy_cleanup && curl.easy_strerror && curl.slist_append &&
                     curl.slist_free_all && curl.global_init(CURL_GLOBAL_DEFAULT) == 0;
}

typedef struct {
    const flotilla_http_request *request;
    flotilla_http_response *response;
    size_t capacity;
    int failure;
    int refused;
} exchange;

/// Makes the socket for an address that a name was resolved to: what is asked here is what is connected to.
static int open_socket(void *context, int purpose, struct curl_sockaddr *to) {
    exchange *into = context;
    const uint8_t *bytes = NULL;
    size_t length = 0;
    (void)purpose;
    if (to->family == AF_INET) {
        bytes = (const uint8_t *)&((const struct sockaddr_in *)&to->addr)->sin_addr;
        length = 4;
    } else if (to->family == AF_INET6) {
        bytes = (const uint8_t *)&((const struct sockaddr_in6 *)&to->addr)->sin6_addr;
        length = 16;
    }
    if (!bytes || !into->request->permits(into->request->context, bytes, length)) {
        into->refused = 1;
        return CURL_SOCKET_BAD;
    }
    return socket(to->family, to->socktype | SOCK_CLOEXEC, to->protocol);
}

/// Called at least once a second; anything but 0 ends the exchange.
static int progress(void *context, int64_t a, int64_t b, int64_t c, int64_t d) {
    const exchange *into = context;
    (void)a, (void)b, (void)c, (void)d;
    return into->request->is_cancelled(into->request->context);
}

/// Appends what arrived; anything but `size * count` ends the exchange.
static size_t receive(char *data, size_t size, size_t count, void *context) {
    exchange *into = context;
    flotilla_http_response *response = into->response;
    size_t length = size * count;
    if (length > into->request->response_limit - response->body_length) {
        into->failure = FLOTILLA_HTTP_RESPONSE_TOO_LARGE;
        return 0;
    }
    if (length > into->capacity - response->body_length) {
        size_t wanted = response->body_length + length;
        size_t capacity = into->capacity * 2 > wanted ? into->capacity * 2 : wanted;
        uint8_t *body = realloc(response->body, capacity);
        if (!body) {
            into->failure = FLOTILLA_HTTP_NO_MEMORY;
            return 0;
        }
        response->body = body;
        into->capacity = capacity;
    }
    memcpy(response->body + response->body_length, data, length);
    response->body_length += length;
    return length;
}

/// Sets every option; returns the first failure.
static int configure(CURL *easy, const flotilla_http_request *request, struct curl_slist *headers, exchange *into) {
    int code = curl.easy_setopt(easy, CURLOPT_URL, request->url);
    if (!code) code = curl.easy_setopt(easy, CURLOPT_CUSTOMREQUEST, request->method);
    if (!code) code = curl.easy_setopt(easy, CURLOPT_HTTPHEADER, headers);
    if (!code) code = curl.easy_setopt(easy, CURLOPT_NOSIGNAL, 1L);
    if (!code) code = curl.easy_setopt(easy, CURLOPT_TIMEOUT_MS, request->timeout_ms);
    if (!code) code = curl.easy_setopt(easy, CURLOPT_PROTOCOLS, (long)CURLPROTO_HTTP_HTTPS);
    if (!code) code = curl.easy_setopt(easy, CURLOPT_NOPROXY, "localhost,127.0.0.1,::1");
    if (!code) code = curl.easy_setopt(easy, CURLOPT_USERAGENT, "flotilla");
    if (!code && request->authorities) code = curl.easy_setopt(easy, CURLOPT_CAINFO, request->authorities);
    if (!code) code = curl.easy_setopt(easy, CURLOPT_WRITEFUNCTION, receive);
    if (!code) code = curl.easy_setopt(easy, CURLOPT_WRITEDATA, into);
    if (!code && request->ignores_proxies) code = curl.easy_setopt(easy, CURLOPT_PROXY, "");
    if (!code && request->permits) {
        code = curl.easy_setopt(easy, CURLOPT_OPENSOCKETFUNCTION, open_socket);
        if (!code) code = curl.easy_setopt(easy, CURLOPT_OPENSOCKETDATA, into);
    }
    if (!code && request->is_cancelled) {
        code = curl.easy_setopt(easy, CURLOPT_XFERINFOFUNCTION, progress);
        if (!code) code = curl.easy_setopt(easy, CURLOPT_XFERINFODATA, into);
        if (!code) code = curl.easy_setopt(easy, CURLOPT_NOPROGRESS, 0L);
    }
    if (!code && request->body) {
        code = curl.easy_setopt(easy, CURLOPT_POSTFIELDSIZE_LARGE, (int64_t)request->body_length);
        if (!code) code = curl.easy_setopt(easy, CURLOPT_POSTFIELDS, request->body);
    }
    return code;
}

int flotilla_http_perform(const flotilla_http_request *request, flotilla_http_response *response) {
    memset(response, 0, sizeof *response);
    pthread_once(&load_once, load);
    if (!curl.is_loaded) return FLOTILLA_HTTP_NO_LIBRARY;

    struct curl_slist *headers = NULL;
    for (size_t index = 0; index < request->header_count; index++) {
        struct curl_slist *longer = curl.slist_append(headers, request->headers[index]);
        if (!longer) {
            curl.slist_free_all(headers);
            return FLOTILLA_HTTP_NO_MEMORY;
        }
        headers = longer;
    }
    CURL *easy = curl.easy_init();
    if (!easy) {
        curl.slist_free_all(headers);
        return FLOTILLA_HTTP_NO_MEMORY;
    }
    exchange into = {.request = request, .response = response};
    int code = curl.easy_setopt(easy, CURLOPT_ERRORBUFFER, response->error);
    if (!code) code = configure(easy, request, headers, &into);
    if (!code) code = curl.easy_perform(easy);
    // Also of an answer that was cut off.
    int known = curl.easy_getinfo(easy, CURLINFO_RESPONSE_CODE, &response->status);
    if (!known) known = curl.easy_getinfo(easy, CURLINFO_RETRY_AFTER, &response->retry_after);
    if (!code) code = known;
    if (code && !response->error[0]) snprintf(response->error, sizeof response->error, "%s", curl.easy_strerror(code));
    curl.easy_cleanup(easy);
    curl.slist_free_all(headers);
    if (into.failure) return into.failure;
    return code && into.refused ? FLOTILLA_HTTP_REFUSED_ADDRESS : code;
}

void flotilla_http_response_free(flotilla_http_response *response) {
    free(response->body);
    memset(response, 0, sizeof *response);
}
