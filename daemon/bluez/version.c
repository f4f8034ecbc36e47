/* SPDX-License-Identifier: MIT */
#include "bluez/version.h"

#include <glib.h>
#include <string.h>

#define PREFIX "usb:v1D6Bp0246d"

bool bluez_version_parse(const char *modalias, BluezVersion *ret)
{
    const char *digits = modalias + strlen(PREFIX);
    unsigned value = 0;

    if (g_ascii_strncasecmp(modalias, PREFIX, strlen(PREFIX)) != 0 || strlen(digits) != 4)
        return false;
    for (int i = 0; i < 4; i++) {
        if (!g_ascii_isxdigit(digits[i]))
            return false;
        value = value << 4 | (unsigned)g_ascii_xdigit_value(digits[i]);
    }
    if (value == 0)
        return false;
    *ret = (BluezVersion){.major = value >> 8, .minor = value & 0xff};
    return true;
}

const char *bluez_version_warning(BluezVersion version)
{
    if (version.major == 5 && version.minor == 87)
        return "it crashes when a strap drops out while it is being subscribed (zone1d starts it again); "
               "another version is better";
    if (version.major < 5 || (version.major == 5 && version.minor < 65))
        return "it leaves adapters off after a start unless /etc/bluetooth/main.conf says AutoEnable=true";
    if (version.major == 5 && version.minor == 66)
        return "after a restart it may hold a strap's link without data (zone1d removes the strap and finds it again), "
               "and AcquireNotify can wedge it (zone1d does not use it, other programs may)";
    if (version.major == 5 && version.minor <= 85)
        return "AcquireNotify can wedge or crash it (zone1d does not use it, other programs may)";
    return NULL;
}
