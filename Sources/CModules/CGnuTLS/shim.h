#pragma once
// The TLS library behind libmicrohttpd.
#include <gnutls/gnutls.h>
#include <gnutls/x509.h>

/// Frees what gnutls_x509_crt_list_import2 made; gnutls_free is a mutable variable, which Swift does not use.
static inline void cgnutls_free_list(gnutls_x509_crt_t *list, unsigned int count) {
    for (unsigned int index = 0; index < count; index++) gnutls_x509_crt_deinit(list[index]);
    gnutls_free(list);
}
