/* SPDX-License-Identifier: MIT */
#include "gateway_broker.h"

#include "gateway.h"

MqttOptions gateway_broker_options(const Config *config)
{
    const ConfigTls *tls = &config->mqtt_tls;
    return (MqttOptions){.host = config->mqtt_host,
                         .port = config->mqtt_port,
                         .username = config->mqtt_username,
                         .password_file = config->mqtt_password_file,
                         .tls = {.on = tls->on,
                                 .ca_file = tls->ca_file,
                                 .certificate_file = tls->certificate_file,
                                 .key_file = tls->key_file,
                                 .any_name = tls->any_name}};
}

char *gateway_spool_path(const Config *config)
{
    return config->state_dir != NULL ? g_build_filename(config->state_dir, "outbox", NULL) : NULL;
}

const char *gateway_fault(const Config *config)
{
    const MqttOptions options = gateway_broker_options(config);
    return mqtt_options_fault(&options);
}
