/* SPDX-License-Identifier: MIT
 *
 * The configuration file (docs/config.md): one INI file (GKeyFile), every key consumed, whatever is
 * left over, stands twice or is out of range refused with file, line, key and what would be right.
 * The bytes may be anything. Main thread.
 */
#ifndef ZONE1D_CONFIG_H
#define ZONE1D_CONFIG_H

#include "core/advice_history.h"
#include "core/session.h"
#include "core/strap_info.h"

#include <glib.h>

#define CONFIG_MAX_ATHLETES 128
#define CONFIG_MAX_BYTES (256 * 1024) /* a larger file is refused */
#define CONFIG_MAX_ID_BYTES 32
#define CONFIG_MAX_STRAPS 4 /* of one athlete: one and the spare ones */
#define CONFIG_MAX_STRAP_NAME_BYTES 248 /* what the Bluetooth Core Specification allows for a device name */

#define CONFIG_MAX_SERIAL_BYTES 64
#define CONFIG_MAX_GUESTS 16

#define CONFIG_ERROR (config_error_quark())
GQuark config_error_quark(void);
typedef enum {
    CONFIG_ERROR_READ,  /* cannot be opened or read: exit status 78 as well, but another sentence */
    CONFIG_ERROR_VALUE, /* one or more lines, in the file's order, 20 at most, each
                           "file:line: [section] key: what is wrong; what would be right" */
} ConfigErrorCode;

/* One of the three is given. No two of a configuration are the same. */
typedef struct {
    char *address; /* "AA:BB:CC:DD:EE:FF" upper case, or NULL */
    char *name;    /* advertised name, or NULL */
    char *serial;  /* serial number (0x2A25), upper case, or NULL */
} ConfigStrap;

/* Who may see what of an athlete. */
typedef enum {
    SHARE_FULL, /* all that is published */
    SHARE_ZONE, /* the zone and the verdict, nothing that tells a heart rate */
    SHARE_NONE, /* no live, no state, no event, no summary */
} Share;

typedef struct {
    char *id;            /* [a-z0-9-], from the section's name; unique */
    char *alias;         /* what people read on displays; default: the section's name */
    char *group_id;      /* the group they belong to; NULL: none */
    Share share;
    bool retain_summary; /* session/last stays at the broker */
    char *speed_topic;   /* of a treadmill's speed in km/h, without prefix; NULL: none */
    ConfigStrap straps[CONFIG_MAX_STRAPS]; /* the athlete's, in the file's order */
    unsigned strap_count;
    AthleteProfile profile;
    ZoneTable zones;     /* built from the profile */
    Target target;       /* within the zones: target_bounds gives bounds for it */
    int speed_cap_mm_s;  /* 0: none */
    bool guest;          /* a place for guests: without a strap of its own, id "guest-1" ... */
    char *wled_topic;    /* of the lamp that shows the zone; NULL: none */
    char *awtrix_topic;  /* of the clock that shows the heart rate; NULL: none */
} AthleteConfig;

/* The files are absolute paths, not looked at here; NULL: none. */
typedef struct {
    bool on;
    char *ca_file, *certificate_file, *key_file;
    bool any_name; /* the broker's certificate may be for another name */
} ConfigTls;

typedef struct {
    unsigned interval_s;        /* 1..60, default 4 */
    unsigned keep_days;         /* 0: for ever, the default; likewise the next */
    unsigned keep_samples_days;
} ConfigStore;

typedef struct {
    char *path;
    /* [gateway] */
    char *gateway_id;          /* default: the host name made an id */
    unsigned state_interval_s; /* 1..3600, default 5 */
    UnknownStraps unknown_straps; /* default UNKNOWN_IGNORE */
    bool probe_serials;           /* default false: only what is named or paired is connected for its serial number */
    char *state_dir;              /* absolute; default: $STATE_DIRECTORY; NULL: none, and nothing is kept */
    /* [mqtt] */
    char *mqtt_host;          /* name, address (IPv6 without brackets) or path of a Unix socket, default localhost */
    unsigned mqtt_port;       /* 1..65535, default 1883, with TLS 8883 */
    ConfigTls mqtt_tls;
    char *mqtt_username;      /* NULL: none */
    char *mqtt_password_file; /* absolute path; NULL: none. Never the password itself; not looked at here */
    char *mqtt_prefix;        /* topic without '/' at its ends and without wildcards, default zone1d */
    /* [home-assistant] */
    bool discovery;           /* default true */
    char *discovery_prefix;   /* topic like mqtt_prefix, default homeassistant */
    VerdictRules rules;       /* [verdict]; default: verdict_rules_default() */
    ConfigStore store;        /* [store] */
    AdviceRules advice;       /* [advice]; default: advice_rules_default() */
    AthleteConfig *athletes;  /* in the file's order, guests last */
    unsigned athlete_count;   /* 1..CONFIG_MAX_ATHLETES, guests too */
    unsigned guest_count;     /* 0..CONFIG_MAX_GUESTS; 0 unless unknown straps are guests */
} Config;

/* Reads and checks PATH. NULL and *error on any fault. Free with config_free. */
Config *config_load(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same from LEN bytes of any content (the fuzzer's way in); PATH is for messages only. Reads the
 * host name, $CREDENTIALS_DIRECTORY (for a password-file that is a bare name) and $STATE_DIRECTORY. */
Config *config_parse(const char *bytes, gsize len, const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* NULL is fine. */
void config_free(Config *config);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Config, config_free)

/* A name made an id: letters with marks to their plain ones, lower case, everything else than
 * [a-z0-9] becomes one '-' (none at the ends), at most CONFIG_MAX_ID_BYTES. NULL when nothing is
 * left, or NAME is not UTF-8. Caller frees. */
char *config_make_id(const char *name);

#endif
