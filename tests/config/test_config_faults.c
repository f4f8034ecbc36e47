/* SPDX-License-Identifier: MIT
 *
 * What a wrong configuration is told: where it is wrong, and what would be right.
 */
#include "config.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#define ATHLETE "[athlete a]\nmax=185\n"

typedef struct {
    const char *text;
    const char *start; /* the message begins with this */
    const char *part;  /* and has this in it */
} Mistake;

static void expect_refusal(const char *bytes, gsize len, const char *start, const char *part)
{
    g_autoptr(GError) error = NULL;
    Config *config = config_parse(bytes, len, "f.conf", &error);
    if (config != NULL)
        fail_msg("taken, and should not be: %s", bytes);
    assert_true(g_error_matches(error, CONFIG_ERROR, CONFIG_ERROR_VALUE));
    if (!g_str_has_prefix(error->message, start) || strstr(error->message, part) == NULL)
        fail_msg("'%s' is told '%s'; expected '%s ... %s'", bytes, error->message, start, part);
    if (strchr(error->message, '\n') != NULL)
        fail_msg("'%s' is told more than one thing: '%s'", bytes, error->message);
}

static void expect_all(const Mistake *mistakes, size_t count)
{
    for (size_t i = 0; i < count; i++)
        expect_refusal(mistakes[i].text, strlen(mistakes[i].text), mistakes[i].start, mistakes[i].part);
}

static void test_text(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {"", "f.conf:1: there is no athlete", "write a section [athlete NAME]"},
        {"# nothing\n\n", "f.conf:1: there is no athlete", ""},
        {ATHLETE "strap = \"Polar H10 1A2B3C4D\"\n", "f.conf:3: [athlete a] strap: there are quotes", "without them"},
        {ATHLETE "strap = A0:9E:1A:12:34:56 # mine\n", "f.conf:3: [athlete a] strap: 'A0:9E:1A:12:34:56 # mine'",
         "nothing behind them"},
        {"[athlete a]\nstrap = x\n", "f.conf:1: [athlete a] max: the zones need the maximum", "or age in years"},
        {ATHLETE "\nrest\n", "f.conf:4: 'rest ...' is neither", "key = value"},
        {ATHLETE "; a comment\n", "f.conf:3: '; ...' is neither", "a comment begins with #"},
        {ATHLETE "password secret\n", "f.conf:3: 'password ...'", "is neither"},
        {ATHLETE " = 5\n", "f.conf:3: '' is no key", "write key = value"},
        {ATHLETE "rest[de] = 5\n", "f.conf:3: 'rest[de]' is no key", ""},
        {"max = 5\n" ATHLETE, "f.conf:1: max: stands before any section", "[gateway], [mqtt] or [athlete NAME]"},
        {ATHLETE "[mqtt\nport=1\n", "f.conf:3: '[mqtt' has no ']'", ""},
        {ATHLETE "[mqtt] # here\n", "f.conf:3: '[mqtt] # here': something follows", "stands alone"},
        {ATHLETE "[]\n", "f.conf:3: '[]' is no name", ""},
        {ATHLETE "[a[b]\n", "f.conf:3: '[a[b]' is no name", ""},
        {ATHLETE "Encoding = latin1\n", "f.conf:3: [athlete a] Encoding: there is no such key", ""},
        {ATHLETE "\n# caf\xe9\n", "f.conf:4: this is not UTF-8", "save the file in UTF-8"},
    };
    expect_all(mistakes, G_N_ELEMENTS(mistakes));
    static const char with_nul[] = "[athlete a]\nmax=185\nrest=\0\n";
    expect_refusal(with_nul, sizeof with_nul - 1, "f.conf:3: a NUL byte", "no text file");
}

static void test_twice(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {ATHLETE "rest=50\n\nmax = 190\n", "f.conf:5: [athlete a] max: stands twice, first on line 2", ""},
        {"[mqtt]\nport=1883\n" ATHLETE "[mqtt]\nhost=b\n", "f.conf:5: [mqtt]: stands twice, first on line 1", ""},
        {ATHLETE ATHLETE, "f.conf:3: [athlete a]: stands twice", ""},
    };
    for (size_t i = 0; i < 2; i++)
        expect_refusal(mistakes[i].text, strlen(mistakes[i].text), mistakes[i].start, mistakes[i].part);
    g_autoptr(GError) error = NULL;
    assert_null(config_parse(mistakes[2].text, strlen(mistakes[2].text), "f.conf", &error));
    assert_string_equal(error->message,
                        "f.conf:3: [athlete a]: stands twice, first on line 1; take one of them out\n"
                        "f.conf:4: [athlete a] max: stands twice, first on line 2; take one of them out");
}

static void test_names(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {ATHLETE "[gatway]\nname=b\n", "f.conf:3: [gatway]: there is no such section", "did you mean [gateway]?"},
        {ATHLETE "[MQTT]\n", "f.conf:3: [MQTT]: there is no such section", "did you mean [mqtt]?"},
        {ATHLETE "[athlet Anna]\nmax=1\n", "f.conf:3: [athlet Anna]:", "did you mean [athlete Anna]?"},
        {ATHLETE "[Athlete]\n", "f.conf:3: [Athlete]:", "did you mean [athlete NAME]?"},
        {ATHLETE "[athlete]\n", "f.conf:3: [athlete]: the athlete has no name", "[athlete NAME]"},
        {ATHLETE "[athlete ]\n", "f.conf:3: [athlete ]: the athlete has no name", ""},
        {ATHLETE "[display]\n", "f.conf:3: [display]:", "[home-assistant], [athlete NAME]"},
        {ATHLETE "rset = 55\n", "f.conf:3: [athlete a] rset: there is no such key", "did you mean 'rest'?"},
        {ATHLETE "Rest = 55\n", "f.conf:3: [athlete a] Rest:", "did you mean 'rest'?"},
        {ATHLETE "max_hr = 185\n", "f.conf:3: [athlete a] max_hr:", "did you mean 'max'?"},
        {ATHLETE "treshold = 170\n", "f.conf:3: [athlete a] treshold:", "did you mean 'threshold'?"},
        {ATHLETE "tresholds = 1,2\n", "f.conf:3: [athlete a] tresholds:", "did you mean 'thresholds'?"},
        {ATHLETE "model = hrr\n", "f.conf:3: [athlete a] model:", "did you mean 'zone-model'?"},
        {ATHLETE "zone_model = hrr\n", "f.conf:3: [athlete a] zone_model:", "did you mean 'zone-model'?"},
        {ATHLETE "weight = 70\n", "f.conf:3: [athlete a] weight:", "there are strap, age, max, rest"},
        {ATHLETE "port = 1883\n", "f.conf:3: [athlete a] port: the key does not belong here", "it belongs in [mqtt]"},
        {ATHLETE "[mqtt]\nmax=1\n", "f.conf:4: [mqtt] max: the key does not belong", "[athlete NAME]"},
        {ATHLETE "[mqtt]\nuser=z\n", "f.conf:4: [mqtt] user:", "did you mean 'username'?"},
        {ATHLETE "[gateway]\nintervall=z\n", "f.conf:4: [gateway] intervall:", "there are name, state-interval"},
    };
    expect_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void test_gateway_and_mqtt(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {ATHLETE "share=some\n", "f.conf:3: [athlete a] share: ", "'some' is not known here; there are full"},
        {ATHLETE "retain-summary=maybe\n", "f.conf:3: [athlete a] retain-summary: ", "neither yes nor no"},
        {ATHLETE "speed-topic=QZ/+/speed\n", "f.conf:3: [athlete a] speed-topic: ", "wildcard"},
        {"[gateway]\nname = ---\n" ATHLETE, "f.conf:2: [gateway] name:", "no letter a to z"},
        {"[gateway]\nname =\n" ATHLETE, "f.conf:2: [gateway] name: there is no value", "such as gym"},
        {"[gateway]\nstate-interval = 0\n" ATHLETE, "f.conf:2: [gateway] state-interval: 0 is out", "1 to 3600 s"},
        {"[gateway]\nstate-interval = 3601\n" ATHLETE, "f.conf:2: [gateway] state-interval: 3601 is out", "3600"},
        {"[gateway]\nstate-interval = 5 ms\n" ATHLETE, "f.conf:2: [gateway] state-interval: '5 ms' is not", " = 5"},
        {"[mqtt]\nport = 0\n" ATHLETE, "f.conf:2: [mqtt] port: 0 is out of range", "1 to 65535 is possible"},
        {"[mqtt]\nport = 65536\n" ATHLETE, "f.conf:2: [mqtt] port: 65536 is out", ""},
        {"[mqtt]\nport = 99999999999\n" ATHLETE, "f.conf:2: [mqtt] port: '99999999999' is not a whole number", ""},
        {"[mqtt]\nport = -1\n" ATHLETE, "f.conf:2: [mqtt] port: '-1' is not a whole number", "port = 1883"},
        {"[mqtt]\nport = 1883 # tls\n" ATHLETE, "f.conf:2: [mqtt] port: '1883 # tls' has a comment", "its own"},
        {"[mqtt]\nhost = mqtt://b\n" ATHLETE, "f.conf:2: [mqtt] host: 'mqtt://b' is a URL", "alone"},
        {"[mqtt]\nhost = b:1883\n" ATHLETE, "f.conf:2: [mqtt] host: 'b:1883' is no host name", "the key port"},
        {"[mqtt]\nhost = my broker\n" ATHLETE, "f.conf:2: [mqtt] host: 'my broker' is no host", "localhost"},
        {"[mqtt]\nhost =\n" ATHLETE, "f.conf:2: [mqtt] host: there is no value", ""},
        {"[mqtt]\npassword = x\n" ATHLETE, "f.conf:2: [mqtt] password: a password does not belong", "password-file"},
        {"[mqtt]\npassword-file = /x\n" ATHLETE, "f.conf:2: [mqtt] password-file: there is no username", ""},
        {"[mqtt]\nusername=u\npassword-file = a/b\n" ATHLETE, "f.conf:3: [mqtt] password-file: 'a/b' is a rel", ""},
        {"[mqtt]\nusername=u\npassword-file = ..\n" ATHLETE, "f.conf:3: [mqtt] password-file: '..' is a rel", ""},
        {"[mqtt]\nusername = u\tu\n" ATHLETE, "f.conf:2: [mqtt] username: there is a control character", ""},
        {"[mqtt]\ntls = maybe\n" ATHLETE, "f.conf:2: [mqtt] tls: 'maybe' is neither yes nor no", ""},
        {"[mqtt]\nca-file = /ca.pem\n" ATHLETE, "f.conf:2: [mqtt] ca-file: it is for TLS only", "tls = yes"},
        {"[mqtt]\nverify-name = no\n" ATHLETE, "f.conf:2: [mqtt] verify-name: it is for TLS only", ""},
        {"[mqtt]\ntls=yes\nkey-file = /k\n" ATHLETE, "f.conf:3: [mqtt] key-file: there is no certificate", ""},
        {"[mqtt]\ntls=yes\nca-file = a/b\n" ATHLETE, "f.conf:3: [mqtt] ca-file: 'a/b' is a relative", ""},
        {"[mqtt]\nhost=/run/m\nport = 1\n" ATHLETE, "f.conf:3: [mqtt] port: a Unix socket has no port", ""},
        {"[mqtt]\nhost=/run/m\ntls=yes\n" ATHLETE, "f.conf:3: [mqtt] tls: TLS does not go with a Unix", ""},
        {"[home-assistant]\ndiscovery = maybe\n" ATHLETE, "f.conf:2: [home-assistant] discovery: 'maybe'", "nor no"},
        {"[home-assistant]\nprefix = a/+\n" ATHLETE, "f.conf:2: [home-assistant] prefix: 'a/+'", "homeassistant"},
        {"[homeassistant]\nprefix = a\n" ATHLETE, "f.conf:1: [homeassistant]:", "did you mean [home-assistant]?"},
        {ATHLETE "wled = /a\n", "f.conf:3: [athlete a] wled: '/a' is no topic", ""},
        {"[mqtt]\nprefix = a/#\n" ATHLETE, "f.conf:2: [mqtt] prefix: 'a/#' is no topic", "such as zone1d"},
        {"[mqtt]\nprefix = /a\n" ATHLETE, "f.conf:2: [mqtt] prefix: '/a' is no topic", ""},
        {"[mqtt]\nprefix = a/\n" ATHLETE, "f.conf:2: [mqtt] prefix: 'a/' is no topic", ""},
        {"[mqtt]\nprefix = a//b\n" ATHLETE, "f.conf:2: [mqtt] prefix: 'a//b' is no topic", ""},
        {"[mqtt]\nprefix = $SYS\n" ATHLETE, "f.conf:2: [mqtt] prefix: '$SYS' is no topic", ""},
    };
    expect_all(mistakes, G_N_ELEMENTS(mistakes));
}

#define A "[athlete a]\n"

static void test_numbers(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {A "max=99\n", "f.conf:2: [athlete a] max: 99 is out of range", "100 to 230 bpm is possible"},
        {A "max=231\n", "f.conf:2: [athlete a] max: 231 is out of range", ""},
        {A "max=0\n", "f.conf:2: [athlete a] max: 0 is out of range", ""},
        {A "max=0.85\n", "f.conf:2: [athlete a] max: '0.85' looks like a share", "bpm belongs here, such as 185"},
        {A "max=85%\n", "f.conf:2: [athlete a] max: '85%' is a percentage", "bpm belongs here, such as 185"},
        {A "max=185.5\n", "f.conf:2: [athlete a] max: '185.5' is not a whole number of bpm", "max = 185"},
        {A "max=185 bmp\n", "f.conf:2: [athlete a] max: '185 bmp' is not a whole number", ""},
        {A "max=1e2\n", "f.conf:2: [athlete a] max: '1e2' is not", ""},
        {A "max=0x99\n", "f.conf:2: [athlete a] max: '0x99' is not", ""},
        {A "max=+185\n", "f.conf:2: [athlete a] max: '+185' is not", ""},
        {A "max=high\n", "f.conf:2: [athlete a] max: 'high' is not", ""},
        {A "max=\n", "f.conf:2: [athlete a] max: there is no value", "max = 185"},
        {A "max=185\nrest=24\n", "f.conf:3: [athlete a] rest: 24 is out of range", "25 to 110 bpm"},
        {A "max=185\nrest=111\n", "f.conf:3: [athlete a] rest: 111 is out of range", ""},
        {A "max=185\nrest=60 %\n", "f.conf:3: [athlete a] rest: '60 %' is a percentage", "such as 55"},
        {A "max=185\nthreshold=24\n", "f.conf:3: [athlete a] threshold: 24 is out of range", "25 to 230 bpm"},
        {A "age=4\n", "f.conf:2: [athlete a] age: 4 is out of range", "5 to 110 years"},
        {A "age=111\n", "f.conf:2: [athlete a] age: 111 is out of range", ""},
        {A "age=1985-04-01\n", "f.conf:2: [athlete a] age: '1985-04-01' is not a whole number of years", "age = 40"},
    };
    expect_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void test_profile(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {"\n[athlete a]\nstrap = x\n", "f.conf:2: [athlete a] max: ", "give max in bpm, or age"},
        {A "rest = 55\nzone-model = hrr\n", "f.conf:3: [athlete a] zone-model: hrr: ", "give max"},
        {A "max=185\nzone-model=hrr\n", "f.conf:3: [athlete a] zone-model: hrr: ", "give rest in bpm"},
        {A "max=185\nzone-model=lthr\n", "f.conf:3: [athlete a] zone-model: lthr: ", "give threshold"},
        {A "zone-model=bpm\n", "f.conf:2: [athlete a] zone-model: bpm: too few bounds", ""},
        {A "zone-model=threshold3\n", "f.conf:2: [athlete a] zone-model: threshold3: too few", ""},
        {A "bounds=95\n", "f.conf:2: [athlete a] bounds: 95: too few bounds", ""},
        {A "thresholds=95\n", "f.conf:2: [athlete a] thresholds: 95: too few bounds", ""},
        {A "max=100\nrest=100\n", "f.conf:3: [athlete a] rest: 100: ", "below the maximum"},
        {A "max=185\nthreshold=186\n", "f.conf:3: [athlete a] threshold: 186: ", "outside rest and maximum"},
        {A "max=185\nrest=70\nthreshold=69\n", "f.conf:4: [athlete a] threshold: 69: ", ""},
        {A "max=105\nrest=104\n", "f.conf:3: [athlete a] rest: 104: ", "higher than the one before"},
        {A "bounds=95,114,114\n", "f.conf:2: [athlete a] bounds: 95,114,114: ", "higher than the one before"},
        {A "max=185\npercent=50,60,60.0\n", "f.conf:3: [athlete a] percent: ", "higher than the one before"},
        {A "bounds=10,20,30\n", "f.conf:2: [athlete a] bounds: 10,20,30: ", "look like percentages"},
        {A "max=185\npercent=121,133\n", "f.conf:3: [athlete a] percent: 121,133: ", "look like bpm"},
        {A "bounds=95,251\n", "f.conf:2: [athlete a] bounds: 95,251: ", "25..250"},
        {A "bounds=95,114\npercent=50,60\n", "f.conf:3: [athlete a] percent: 50,60: ", "does not use such a list"},
        {A "max=185\nzone-model=hrmax\nbounds=95,114\n", "f.conf:4: [athlete a] bounds: 95,114: ", "does not use"},
        {A "age=40\nzone-model=hrmax\nthresholds=95,114\n", "f.conf:4: [athlete a] thresholds: 95,114: ", "does"},
        {A "bounds=95,114\nthresholds=95,114\n", "f.conf:3: [athlete a] thresholds: bounds are given too", ""},
        {A "zone-model=threshold3\nbounds=95,114\n", "f.conf:3: [athlete a] bounds: ", "thresholds = LT1,LT2"},
        {A "zone-model=bpm\nthresholds=95,114\n", "f.conf:3: [athlete a] thresholds: ", "bounds = "},
        {A "zone-model=karvonen\n", "f.conf:2: [athlete a] zone-model: 'karvonen' is no zone model", "hrr, lthr"},
        {A "age=40\nsex=x\n", "f.conf:3: [athlete a] sex: 'x' is not known", "female or male"},
        {A "age=40\nmax-formula=x\n", "f.conf:3: [athlete a] max-formula: 'x' is no formula", "tanaka"},
        {A "max=185\nmax-formula=fox\n", "f.conf:3: [athlete a] max-formula: max is given", ""},
        {A "bounds=95,114\nmax-formula=fox\n", "f.conf:3: [athlete a] max-formula: there is no age", "give age"},
    };
    expect_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void test_lists(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {A "bounds=50%,60%\n", "f.conf:2: [athlete a] bounds: '50%' is a percentage", "the key percent"},
        {A "bounds=0.5,0.6\n", "f.conf:2: [athlete a] bounds: '0.5' looks like a share", "bpm belong here"},
        {A "bounds=95,,114\n", "f.conf:2: [athlete a] bounds: '' is not a whole number", "bounds = 120,133"},
        {A "bounds=95;114\n", "f.conf:2: [athlete a] bounds: '95;114' has something behind", ""},
        {A "bounds=95.5,114\n", "f.conf:2: [athlete a] bounds: '95.5' is not a whole number", ""},
        {A "bounds=\n", "f.conf:2: [athlete a] bounds: there is no value", ""},
        {A "bounds=80,90,100,110,120,130,140,150,160\n", "f.conf:2: [athlete a] bounds: more than 8", ""},
        {A "thresholds=1,2,3\n", "f.conf:2: [athlete a] thresholds: more than 2 values", ""},
        {A "max=185\npercent=95 bpm,114 bpm\n", "f.conf:3: [athlete a] percent: '95 bpm' is in bpm", "key bounds"},
        {A "max=185\npercent=0.5,0.6\n", "f.conf:3: [athlete a] percent: '0.5' looks like a share", "50,60,70"},
        {A "max=185\npercent=50.25,60\n", "f.conf:3: [athlete a] percent: '50.25' is too fine", "one decimal"},
        {A "max=185\npercent=fifty\n", "f.conf:3: [athlete a] percent: 'fifty' is not a number", ""},
    };
    expect_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void test_pace_and_verdict(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {ATHLETE "speed-cap = 0.9\n", "f.conf:3: [athlete a] speed-cap: 0.9 is out of range", "1 to 30 km/h"},
        {ATHLETE "speed-cap = 30.1 km/h\n", "f.conf:3: [athlete a] speed-cap: 30.1 is out of range", ""},
        {ATHLETE "speed-cap = 8.55\n", "f.conf:3: [athlete a] speed-cap: '8.55' is not a number with one", "8.5"},
        {ATHLETE "speed-cap = 6:30\n", "f.conf:3: [athlete a] speed-cap: '6:30' is not a number", "km/h"},
        {ATHLETE "speed-cap = 8 mph\n", "f.conf:3: [athlete a] speed-cap: '8 mph' is not a number", "of km/h"},
        {ATHLETE "speed-cap = 90 %\n", "f.conf:3: [athlete a] speed-cap: '90 %' is a percentage", "8.5"},
        {ATHLETE "[verdict]\nkept = 101\n", "f.conf:4: [verdict] kept: 101 is out of range", "0 to 100 %"},
        {ATHLETE "[verdict]\nkept = 95 bpm\n", "f.conf:4: [verdict] kept: '95 bpm' is not a number", "kept = 95"},
        {ATHLETE "[verdict]\nkept-longest = 60.5\n", "f.conf:4: [verdict] kept-longest: '60.5' is not a whole", ""},
        {ATHLETE "[verdict]\nmin-valid = 36001 s\n", "f.conf:4: [verdict] min-valid: 36001 is out of range", ""},
        {ATHLETE "[verdict]\nslipped = 96\n", "f.conf:4: [verdict] slipped: slipped begins above kept", "higher"},
        {ATHLETE "[verdict]\nkept = 79.9\n", "f.conf:4: [verdict] kept: slipped begins above kept", ""},
        {ATHLETE "[verdict]\nlongest = 60\n", "f.conf:4: [verdict] longest: there is no such key", "kept-longest"},
    };
    expect_all(mistakes, G_N_ELEMENTS(mistakes));
}

static void test_strap_and_target(void **state)
{
    (void)state;
    static const Mistake mistakes[] = {
        {ATHLETE "strap =\n", "f.conf:3: [athlete a] strap: there is no value", "AA:BB:CC:DD:EE:FF"},
        {ATHLETE "strap = A0:9E:1A:12:34\n", "f.conf:3: [athlete a] strap: 'A0:9E:1A:12:34' is not quite", "six pairs"},
        {ATHLETE "strap = A0:9E:1A:12:34:5G:\n[gateway]\nnam=x", "f.conf:5: [gateway] nam:", "'name'"},
        {ATHLETE "strap = A0:9E-1A:12:34:56\n", "f.conf:3: [athlete a] strap: ", "six pairs"},
        {ATHLETE "strap = a\x01z\n", "f.conf:3: [athlete a] strap: there is a control character", ""},
        {ATHLETE "strap = a; b;\n", "f.conf:3: [athlete a] strap: there is nothing beside a ';'", "SPARE"},
        {ATHLETE "strap = a; b; a\n", "f.conf:3: [athlete a] strap: 'a' stands there twice", ""},
        {ATHLETE "strap = a; b; c; d; e\n", "f.conf:3: [athlete a] strap: one strap too many", "4 at most"},
        {ATHLETE "strap = a; A0:9E:1A:12:34\n", "f.conf:3: [athlete a] strap: 'A0:9E:1A:12:34' is not quite", ""},
        {ATHLETE "strap=x; Polar\n[athlete b]\nage=40\nstrap=Wahoo;Polar\n",
         "f.conf:6: [athlete b] strap: [athlete a] has the same strap", ""},
        {ATHLETE "target = fast\n", "f.conf:3: [athlete a] target: 'fast' is no target", "recovery, easy"},
        {ATHLETE "target = cap:79\n", "f.conf:3: [athlete a] target: 'cap:79' is no target", "cap:80 to cap:200"},
        {ATHLETE "target = cap:201\n", "f.conf:3: [athlete a] target: 'cap:201'", ""},
        {ATHLETE "target = z6\n", "f.conf:3: [athlete a] target: 'z6' does not fit", "z1 to z5"},
        {ATHLETE "target = z5a\n", "f.conf:3: [athlete a] target: 'z5a' does not fit", "z1 to z5"},
        {A "threshold=175\nzone-model=lthr\ntarget = z8\n", "f.conf:4: [athlete a] target: 'z8'", "z1 to z5c"},
        {A "bounds=95,114\ntarget = easy\n", "f.conf:3: [athlete a] target: 'easy' does not fit", "z1 to z2"},
        {ATHLETE "[athlete A!]\nage=40\n", "f.conf:3: [athlete A!]: the name gives the same id, 'a'", "[athlete a]"},
        {ATHLETE "[athlete !]\nage=40\n", "f.conf:3: [athlete !]: the name has no letter", ""},
        {ATHLETE "strap=Polar\n[athlete b]\nage=40\nstrap=Polar\n",
         "f.conf:6: [athlete b] strap: [athlete a] has the same strap", ""},
        {ATHLETE "strap=aa:bb:cc:dd:ee:ff\n[athlete b]\nage=40\nstrap=AA-BB-CC-DD-EE-FF\n",
         "f.conf:6: [athlete b] strap: [athlete a] has the same strap", ""},
    };
    expect_all(mistakes, G_N_ELEMENTS(mistakes));
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(test_text),    cmocka_unit_test(test_twice),
        cmocka_unit_test(test_names),   cmocka_unit_test(test_gateway_and_mqtt),
        cmocka_unit_test(test_numbers), cmocka_unit_test(test_profile),
        cmocka_unit_test(test_lists),   cmocka_unit_test(test_strap_and_target),
        cmocka_unit_test(test_pace_and_verdict),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
