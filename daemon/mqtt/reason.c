/* SPDX-License-Identifier: MIT */
#include "mqtt/reason.h"

#include <stddef.h>

typedef struct {
    int code;
    const char *words;
} Reason;

static const Reason refusals_v3[] = {
    {1, "it does not speak this version of MQTT"},
    {2, "it does not accept the client id"},
    {3, "it is not available just now"},
    {4, "the user name or the password is wrong"},
    {5, "not authorised (a user name and password may be missing or wrong)"},
};

static const Reason reasons_v5[] = {
    {0x80, "it gives no reason"},
    {0x81, "it found a malformed packet"},
    {0x82, "it found a protocol error"},
    {0x83, "it cannot do this"},
    {0x84, "it does not speak this version of MQTT"},
    {0x85, "it does not accept the client id"},
    {0x86, "the user name or the password is wrong"},
    {0x87, "not authorised (a user name and password may be missing or wrong, or its access list forbids it)"},
    {0x88, "it is not available just now"},
    {0x89, "it is busy"},
    {0x8A, "this client is banned"},
    {0x8B, "it is shutting down"},
    {0x8C, "it wants another way of authentication"},
    {0x8D, "it heard nothing for longer than the keep-alive"},
    {0x8E, "another client with the same client id took the connection over"},
    {0x8F, "the topic filter is not valid"},
    {0x90, "the topic name is not valid"},
    {0x93, "it got more messages at once than it takes"},
    {0x95, "the packet was too large"},
    {0x96, "messages come too fast"},
    {0x97, "a quota is used up"},
    {0x98, "an administrator closed it"},
    {0x99, "the payload has the wrong format"},
    {0x9A, "it does not support retained messages"},
    {0x9B, "it does not support this QoS"},
    {0x9C, "it points to another server"},
    {0x9D, "it has moved to another server"},
    {0x9F, "connections come too fast"},
    {0xA0, "it allows a connection for a limited time only"},
    {0xA2, "it does not support wildcard subscriptions"},
};

static const char *look_up(const Reason *reasons, size_t count, int code)
{
    for (size_t i = 0; i < count; i++)
        if (reasons[i].code == code)
            return reasons[i].words;
    return "it gives a reason unknown here";
}

const char *reason_refused(int code)
{
    return code < 0x80 ? look_up(refusals_v3, sizeof refusals_v3 / sizeof refusals_v3[0], code) : reason_words(code);
}

const char *reason_words(int code)
{
    return look_up(reasons_v5, sizeof reasons_v5 / sizeof reasons_v5[0], code);
}

bool reason_needs_help(int code)
{
    return code == 2 || code == 4 || code == 5 || code == 0x85 || code == 0x86 || code == 0x87 || code == 0x8A ||
           code == 0x8C || code == REASON_TAKEN_OVER;
}

bool reason_is_version(int code)
{
    return code == REASON_V3_BAD_VERSION || code == REASON_BAD_VERSION;
}
