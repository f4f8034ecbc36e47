/* SPDX-License-Identifier: MIT
 *
 * TLS for the probe's own connection (OpenSSL, as Paho uses it), and what went wrong in words. What
 * is accepted here is accepted by Paho a moment later, and the other way round: a chain to one of the
 * known authorities, within its time, and (unless any_name) for the name that was asked for.
 * Any thread; no call blocks.
 */
#ifndef ZONE1D_MQTT_TLS_H
#define ZONE1D_MQTT_TLS_H

#include "mqtt/client.h"

#include <openssl/ssl.h>

#define TLS_REASON_BYTES 256

/* Starts OpenSSL so that it does not clean up at the process's exit, when Paho's threads may still run.
 * Before anything else uses it; as often as you like. */
void tls_prepare(void);

/* A client's side as OPTIONS say, or NULL with the reason in WHY: a file that cannot be read or is no
 * certificate, a key that does not fit. Free with SSL_CTX_free. */
SSL_CTX *tls_context_new(const MqttTls *options, char why[TLS_REASON_BYTES]);

/* A connection over FD (stays the caller's) that is to be HOST's: a name, or an address without
 * brackets. NULL when there is no memory. Free with SSL_free. */
SSL *tls_connection_new(SSL_CTX *context, int fd, const char *host, bool any_name);

/* Why a call on TLS that returned RESULT failed, for people; FD_ERROR: errno after it. */
void tls_explain(const SSL *tls, int result, int fd_error, const char *host, char why[TLS_REASON_BYTES]);

#endif
