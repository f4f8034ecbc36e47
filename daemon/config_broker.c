/* SPDX-License-Identifier: MIT */
#include "config_broker.h"

#include "config_names.h"
#include "config_value.h"

#include <string.h>

#define DEFAULT_HOST "localhost"
#define DEFAULT_PORT 1883
#define DEFAULT_TLS_PORT 8883
#define CREDENTIAL_STORE "/etc/credstore"
#define MAX_HOST_BYTES 253
#define MAX_SOCKET_BYTES 107 /* sun_path and its NUL: 108 */
#define MAX_NAME_BYTES 128
#define MAX_PATH_BYTES 4095

static const ConfigNumber port_number = {1, 65535, "", "1883", false};

static bool is_host_name(const char *text)
{
    for (const char *c = text; *c != '\0'; c++)
        if (!g_ascii_isalnum(*c) && strchr("-._", *c) == NULL)
            return false;
    return true;
}

/* The address within [brackets], which are for URLs; anything else as it is. */
static char *without_brackets(const char *text)
{
    const gsize len = strlen(text);
    return len > 2 && text[0] == '[' && text[len - 1] == ']' ? g_strndup(text + 1, len - 2) : g_strdup(text);
}

static char *read_host(ConfigReader *reader)
{
    g_autofree char *text = config_text(reader, CONFIG_MQTT, "host", MAX_HOST_BYTES,
                                        "the broker's host name or address, or the path of its Unix socket");
    if (text == NULL)
        return g_strdup(DEFAULT_HOST);
    if (text[0] == '/' && strlen(text) <= MAX_SOCKET_BYTES)
        return g_steal_pointer(&text);
    g_autofree char *host = without_brackets(text);
    if (is_host_name(host) || g_hostname_is_ip_address(host))
        return g_steal_pointer(&host);
    g_autofree char *shown = config_show(text);
    if (text[0] == '/')
        config_fault(reader, CONFIG_MQTT, "host", "'%s' is longer than the path of a socket can be (%d bytes)", shown,
                     MAX_SOCKET_BYTES);
    else if (strstr(text, "://") != NULL)
        config_fault(reader, CONFIG_MQTT, "host", "'%s' is a URL; write the host name or address alone", shown);
    else if (strchr(text, ':') != NULL)
        config_fault(reader, CONFIG_MQTT, "host", "'%s' is no host name; a port number goes into the key port", shown);
    else
        config_fault(reader, CONFIG_MQTT, "host", "'%s' is no host name and no address; write for example localhost",
                     shown);
    return NULL;
}

/* A bare name is a credential of the service manager's, which also says where it lies. */
static char *credential_path(const char *name)
{
    const char *folder = g_getenv("CREDENTIALS_DIRECTORY");
    return g_build_filename(folder != NULL && g_path_is_absolute(folder) ? folder : CREDENTIAL_STORE, name, NULL);
}

/* The absolute path at KEY, of a bare name the credential's; NULL when there is none, or it is refused. */
static char *read_path(ConfigReader *reader, const char *key, const char *what)
{
    g_autofree char *text = config_text(reader, CONFIG_MQTT, key, MAX_PATH_BYTES, what);
    if (text == NULL || g_path_is_absolute(text))
        return g_steal_pointer(&text);
    if (strchr(text, '/') == NULL && strcmp(text, ".") != 0 && strcmp(text, "..") != 0)
        return credential_path(text);
    g_autofree char *shown = config_show(text);
    config_fault(reader, CONFIG_MQTT, key,
                 "'%s' is a relative path; write an absolute one, or the bare name of a credential", shown);
    return NULL;
}

static void read_login(ConfigReader *reader, Config *config)
{
    config->mqtt_username =
        config_text(reader, CONFIG_MQTT, "username", MAX_NAME_BYTES, "the name by which the broker knows this gateway");
    config->mqtt_password_file =
        read_path(reader, "password-file", "the absolute path of the file that holds the password");
    if (config->mqtt_password_file != NULL && !config_has(reader, CONFIG_MQTT, "username"))
        config_fault(reader, CONFIG_MQTT, "password-file", "there is no username to go with it; give username too");
    g_autofree char *password = config_value(reader, CONFIG_MQTT, "password");
    if (password != NULL)
        config_fault(reader, CONFIG_MQTT, "password",
                     "a password does not belong in this file; write it into a file that only zone1d can read, "
                     "and that file's path as password-file");
}

/* --- TLS --- */

/* The yes or no at KEY to *ret, which stays as it is when there is none. */
static void read_yes_no(ConfigReader *reader, const char *key, bool *ret)
{
    g_autofree char *text = config_text(reader, CONFIG_MQTT, key, MAX_NAME_BYTES, "yes or no");
    if (text == NULL)
        return;
    const bool yes = g_ascii_strcasecmp(text, "yes") == 0;
    g_autofree char *shown = config_show(text);
    if (!yes && g_ascii_strcasecmp(text, "no") != 0)
        config_fault(reader, CONFIG_MQTT, key, "'%s' is neither yes nor no", shown);
    *ret = yes;
}

static void check_tls(ConfigReader *reader, const Config *config)
{
    static const char *const keys[] = {"ca-file", "certificate-file", "key-file", "verify-name"};
    for (gsize i = 0; i < G_N_ELEMENTS(keys) && !config->mqtt_tls.on; i++)
        if (config_has(reader, CONFIG_MQTT, keys[i]))
            config_fault(reader, CONFIG_MQTT, keys[i], "it is for TLS only; give tls = yes too");
    if (config_has(reader, CONFIG_MQTT, "key-file") && !config_has(reader, CONFIG_MQTT, "certificate-file"))
        config_fault(reader, CONFIG_MQTT, "key-file",
                     "there is no certificate to go with it; give certificate-file too");
}

static void read_tls(ConfigReader *reader, Config *config)
{
    ConfigTls *tls = &config->mqtt_tls;
    bool verify_name = true;
    read_yes_no(reader, "tls", &tls->on);
    read_yes_no(reader, "verify-name", &verify_name);
    tls->any_name = !verify_name;
    tls->ca_file = read_path(reader, "ca-file", "the absolute path of the authorities' certificates");
    tls->certificate_file = read_path(reader, "certificate-file", "the absolute path of this gateway's certificate");
    tls->key_file = read_path(reader, "key-file", "the absolute path of the certificate's key");
    check_tls(reader, config);
}

/* What a Unix socket has no use for. */
static void check_socket(ConfigReader *reader, const Config *config)
{
    if (config->mqtt_host == NULL || config->mqtt_host[0] != '/')
        return;
    if (config_has(reader, CONFIG_MQTT, "port"))
        config_fault(reader, CONFIG_MQTT, "port", "a Unix socket has no port; leave it out");
    if (config->mqtt_tls.on)
        config_fault(reader, CONFIG_MQTT, "tls", "TLS does not go with a Unix socket; leave it out");
}

void config_read_broker(ConfigReader *reader, Config *config)
{
    config->mqtt_host = read_host(reader);
    read_tls(reader, config);
    int port = config->mqtt_tls.on ? DEFAULT_TLS_PORT : DEFAULT_PORT;
    config_number(reader, CONFIG_MQTT, "port", &port_number, &port);
    config->mqtt_port = (unsigned)port;
    check_socket(reader, config);
    read_login(reader, config);
}

void config_clear_broker(Config *config)
{
    g_free(config->mqtt_host);
    g_free(config->mqtt_username);
    g_free(config->mqtt_password_file);
    g_free(config->mqtt_tls.ca_file);
    g_free(config->mqtt_tls.certificate_file);
    g_free(config->mqtt_tls.key_file);
}
