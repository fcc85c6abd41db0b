#pragma once
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/ec.h>
#include <openssl/evp.h>
#include <openssl/param_build.h>
#include <openssl/pem.h>
#include <openssl/rand.h>
#include <openssl/sha.h>
#include <string.h>

/// What a PEM text holds; NULL if that is no public key.
static inline EVP_PKEY *flotilla_public_key(const char *pem, int length) {
    BIO *input = BIO_new_mem_buf(pem, length);
    EVP_PKEY *key = input ? PEM_read_bio_PUBKEY(input, NULL, NULL, NULL) : NULL;
    BIO_free(input);
    return key;
}

/// The PEM text of a public key; the caller frees it with `free`. NULL when there is no memory.
static inline char *flotilla_public_key_pem(EVP_PKEY *key) {
    BIO *output = BIO_new(BIO_s_mem());
    char *text = NULL, *bytes = NULL;
    if (output && PEM_write_bio_PUBKEY(output, key) == 1) {
        long length = BIO_get_mem_data(output, &bytes);
        text = strndup(bytes, (size_t)length);
    }
    BIO_free(output);
    return text;
}

static inline EVP_PKEY *flotilla_key_of(const char *type, OSSL_PARAM_BLD *build) {
    EVP_PKEY *key = NULL;
    OSSL_PARAM *parameters = OSSL_PARAM_BLD_to_param(build);
    EVP_PKEY_CTX *context = EVP_PKEY_CTX_new_from_name(NULL, type, NULL);
    if (parameters && context && EVP_PKEY_fromdata_init(context) == 1)
        EVP_PKEY_fromdata(context, &key, EVP_PKEY_PUBLIC_KEY, parameters);
    EVP_PKEY_CTX_free(context);
    OSSL_PARAM_free(parameters);
    return key;
}

/// An RSA key of its modulus and exponent, big-endian (RFC 7518 §6.3.1); NULL if they are none.
static inline EVP_PKEY *flotilla_rsa_key(const uint8_t *n, int n_length, const uint8_t *e, int e_length) {
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    BIGNUM *modulus = BN_bin2bn(n, n_length, NULL), *exponent = BN_bin2bn(e, e_length, NULL);
    EVP_PKEY *key = NULL;
    if (build && modulus && exponent && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_N, modulus)
        && OSSL_PARAM_BLD_push_BN(build, OSSL_PKEY_PARAM_RSA_E, exponent))
        key = flotilla_key_of("RSA", build);
    BN_free(modulus);
    BN_free(exponent);
    OSSL_PARAM_BLD_free(build);
    return key;
}

/// A P-256 key of its point without compression (65 bytes, the first 4); NULL if that is not on the curve.
static inline EVP_PKEY *flotilla_p256_key(const uint8_t *point, size_t length) {
    OSSL_PARAM_BLD *build = OSSL_PARAM_BLD_new();
    EVP_PKEY *key = NULL;
    if (build && OSSL_PARAM_BLD_push_utf8_string(build, OSSL_PKEY_PARAM_GROUP_NAME, "prime256v1", 0)
        && OSSL_PARAM_BLD_push_octet_string(build, OSSL_PKEY_PARAM_PUB_KEY, point, length))
        key = flotilla_key_of("EC", build);
    OSSL_PARAM_BLD_free(build);
    return key;
}

/// Whether the key is on the curve P-256.
static inline int flotilla_is_p256(EVP_PKEY *key) {
    char name[64];
    size_t length = 0;
    return EVP_PKEY_is_a(key, "EC") && EVP_PKEY_get_group_name(key, name, sizeof name, &length) == 1
        && strcmp(name, "prime256v1") == 0;
}

/// Whether it is an RSA key.
static inline int flotilla_is_rsa(EVP_PKEY *key) { return EVP_PKEY_is_a(key, "RSA"); }
