/* SPDX-License-Identifier: MIT */
#include "mqtt/tls.h"

#include <openssl/err.h>
#include <openssl/x509v3.h>
#include <pthread.h>
#include <string.h>

typedef struct {
    int reason; /* of OpenSSL's SSL library */
    const char *words;
} TlsReason;

#define NO_COMMON_VERSION "it and this side have no version of TLS in common (1.2 at least)"
#define NOT_ACCEPTED "it does not accept the certificate of this side (certificate-file)"
#define WANTS_CERTIFICATE "it wants a certificate of this side, and there is none (certificate-file)"

static const TlsReason reasons[] = {
    {SSL_R_UNSUPPORTED_PROTOCOL, NO_COMMON_VERSION},
    {SSL_R_TLSV1_ALERT_PROTOCOL_VERSION, NO_COMMON_VERSION},
    {SSL_R_NO_PROTOCOLS_AVAILABLE, NO_COMMON_VERSION},
    {SSL_R_WRONG_SSL_VERSION, NO_COMMON_VERSION},
    {SSL_R_WRONG_VERSION_NUMBER, "what answers there does not speak TLS"},
    {SSL_R_HTTP_REQUEST, "what answers there does not speak TLS"},
    {SSL_R_SSLV3_ALERT_HANDSHAKE_FAILURE,
     "it breaks the TLS handshake off (no cipher in common, or it wants a certificate of this side)"},
    {SSL_R_TLSV1_ALERT_INSUFFICIENT_SECURITY, "it wants a stronger cipher than this side has"},
    {SSL_R_NO_SHARED_CIPHER, "it and this side have no cipher in common"},
    {SSL_R_TLSV13_ALERT_CERTIFICATE_REQUIRED, WANTS_CERTIFICATE},
    {SSL_R_TLSV1_ALERT_UNKNOWN_CA, NOT_ACCEPTED},
    {SSL_R_SSLV3_ALERT_BAD_CERTIFICATE, NOT_ACCEPTED},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_UNKNOWN, NOT_ACCEPTED},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_REVOKED, "the certificate of this side was revoked (certificate-file)"},
    {SSL_R_SSLV3_ALERT_CERTIFICATE_EXPIRED, "the certificate of this side has expired (certificate-file)"},
    {SSL_R_TLSV1_ALERT_ACCESS_DENIED, "it lets the certificate of this side not in"},
    {SSL_R_TLSV1_UNRECOGNIZED_NAME, "it does not know itself under this name"},
    {SSL_R_UNEXPECTED_EOF_WHILE_READING, "it hangs up instead of speaking TLS"},
};

static void start_openssl(void)
{
    OPENSSL_init_crypto(OPENSSL_INIT_NO_ATEXIT, NULL);
    OPENSSL_init_ssl(OPENSSL_INIT_LOAD_SSL_STRINGS | OPENSSL_INIT_LOAD_CRYPTO_STRINGS, NULL);
}

void tls_prepare(void)
{
    static pthread_once_t once = PTHREAD_ONCE_INIT;
    pthread_once(&once, start_openssl);
}

/* The newest error is the cause of those before it; the queue is empty afterwards. */
static void explain_file(const char *key, const char *path, char why[TLS_REASON_BYTES])
{
    unsigned long error = ERR_peek_last_error();
    const char *text = ERR_GET_LIB(ERR_peek_error()) == ERR_LIB_SYS ? g_strerror(ERR_GET_REASON(ERR_peek_error()))
                                                                    : ERR_reason_error_string(error);
    g_snprintf(why, TLS_REASON_BYTES, "%s %s cannot be used: %s", key, path, text != NULL ? text : "it is no PEM file");
    ERR_clear_error();
}

static bool load_authorities(SSL_CTX *context, const MqttTls *options, char why[TLS_REASON_BYTES])
{
    if (options->ca_file == NULL) {
        SSL_CTX_set_default_verify_paths(context);
        return true;
    }
    if (SSL_CTX_load_verify_locations(context, options->ca_file, NULL) == 1)
        return true;
    explain_file("ca-file", options->ca_file, why);
    return false;
}

static bool load_certificate(SSL_CTX *context, const MqttTls *options, char why[TLS_REASON_BYTES])
{
    const char *key = options->key_file != NULL ? options->key_file : options->certificate_file;
    if (options->certificate_file == NULL)
        return true;
    if (SSL_CTX_use_certificate_chain_file(context, options->certificate_file) != 1) {
        explain_file("certificate-file", options->certificate_file, why);
        return false;
    }
    if (SSL_CTX_use_PrivateKey_file(context, key, SSL_FILETYPE_PEM) != 1) {
        explain_file("key-file", key, why);
        return false;
    }
    return true;
}

/* A key behind a password is refused instead of asking at the terminal. */
static int no_password(char *buffer, int size, int writing, void *user)
{
    (void)buffer;
    (void)size;
    (void)writing;
    (void)user;
    return -1;
}

/* Called when the other side asks for a certificate and there is none: it is remembered. */
static int note_question(SSL *tls, X509 **certificate, EVP_PKEY **key)
{
    static char asked[] = "asked";
    (void)certificate;
    (void)key;
    SSL_set_app_data(tls, asked);
    return 0;
}

SSL_CTX *tls_context_new(const MqttTls *options, char why[TLS_REASON_BYTES])
{
    tls_prepare();
    ERR_clear_error();
    SSL_CTX *context = SSL_CTX_new(TLS_client_method());
    if (context == NULL) {
        g_strlcpy(why, "TLS cannot be started", TLS_REASON_BYTES);
        return NULL;
    }
    SSL_CTX_set_min_proto_version(context, TLS1_2_VERSION);
    SSL_CTX_set_verify(context, SSL_VERIFY_PEER, NULL);
    SSL_CTX_set_default_passwd_cb(context, no_password);
    SSL_CTX_set_client_cert_cb(context, note_question);
    if (load_authorities(context, options, why) && load_certificate(context, options, why))
        return context;
    SSL_CTX_free(context);
    return NULL;
}

SSL *tls_connection_new(SSL_CTX *context, int fd, const char *host, bool any_name)
{
    SSL *tls = SSL_new(context);
    if (tls == NULL || SSL_set_fd(tls, fd) != 1) {
        SSL_free(tls);
        return NULL;
    }
    bool address = g_hostname_is_ip_address(host);
    if (!address)
        SSL_set_tlsext_host_name(tls, host);
    if (!any_name && address)
        X509_VERIFY_PARAM_set1_ip_asc(SSL_get0_param(tls), host);
    else if (!any_name)
        SSL_set1_host(tls, host);
    return tls;
}

static const char *verdict_words(long verdict)
{
    switch (verdict) {
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT:
    case X509_V_ERR_UNABLE_TO_GET_ISSUER_CERT_LOCALLY:
    case X509_V_ERR_UNABLE_TO_VERIFY_LEAF_SIGNATURE:
    case X509_V_ERR_SELF_SIGNED_CERT_IN_CHAIN:
    case X509_V_ERR_DEPTH_ZERO_SELF_SIGNED_CERT:
        return "its certificate is from an authority that is not known here (ca-file)";
    case X509_V_ERR_CERT_HAS_EXPIRED:
        return "its certificate has expired (or the clock here is wrong)";
    case X509_V_ERR_CERT_NOT_YET_VALID:
        return "its certificate is not valid yet (is the clock here right?)";
    default:
        return X509_verify_cert_error_string(verdict);
    }
}

static const char *reason_words_of(unsigned long error)
{
    for (size_t i = 0; ERR_GET_LIB(error) == ERR_LIB_SSL && i < G_N_ELEMENTS(reasons); i++)
        if (reasons[i].reason == ERR_GET_REASON(error))
            return reasons[i].words;
    return ERR_reason_error_string(error);
}

void tls_explain(const SSL *tls, int result, int fd_error, const char *host, char why[TLS_REASON_BYTES])
{
    int kind = SSL_get_error(tls, result);
    unsigned long error = ERR_peek_error();
    long verdict = SSL_get_verify_result(tls);
    if (verdict == X509_V_ERR_HOSTNAME_MISMATCH || verdict == X509_V_ERR_IP_ADDRESS_MISMATCH)
        g_snprintf(why, TLS_REASON_BYTES, "its certificate is for another name than %s", host);
    else if (verdict != X509_V_OK)
        g_strlcpy(why, verdict_words(verdict), TLS_REASON_BYTES);
    else if (SSL_get_app_data(tls) != NULL) /* the alert may be lost when it hangs up */
        g_strlcpy(why, WANTS_CERTIFICATE, TLS_REASON_BYTES);
    else if (kind == SSL_ERROR_SSL && reason_words_of(error) != NULL)
        g_strlcpy(why, reason_words_of(error), TLS_REASON_BYTES);
    else if (kind == SSL_ERROR_SYSCALL && fd_error != 0)
        g_snprintf(why, TLS_REASON_BYTES, "the TLS connection broke: %s", g_strerror(fd_error));
    else
        g_strlcpy(why, "it hangs up instead of speaking TLS", TLS_REASON_BYTES);
    ERR_clear_error();
}
