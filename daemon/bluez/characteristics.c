/* SPDX-License-Identifier: MIT */
#include "bluez/characteristics.h"

#include <glib.h>

#define BASE_UUID "0000%04x-0000-1000-8000-00805f9b34fb"

static const unsigned NUMBERS[CHARACTERISTIC_COUNT] = {
    [CHARACTERISTIC_MEASUREMENT] = 0x2a37, [CHARACTERISTIC_BATTERY] = 0x2a19,  [CHARACTERISTIC_LOCATION] = 0x2a38,
    [CHARACTERISTIC_MAKER] = 0x2a29,       [CHARACTERISTIC_MODEL] = 0x2a24,    [CHARACTERISTIC_SERIAL] = 0x2a25,
    [CHARACTERISTIC_HARDWARE] = 0x2a27,    [CHARACTERISTIC_FIRMWARE] = 0x2a26, [CHARACTERISTIC_SOFTWARE] = 0x2a28,
    [CHARACTERISTIC_CONTROL_POINT] = 0x2a39,
};

bool characteristic_kind(const char *uuid, CharacteristicKind *ret)
{
    for (int kind = 0; kind < CHARACTERISTIC_COUNT; kind++) {
        char known[37];

        g_snprintf(known, sizeof known, BASE_UUID, NUMBERS[kind]);
        if (g_ascii_strcasecmp(uuid, known) != 0)
            continue;
        *ret = (CharacteristicKind)kind;
        return true;
    }
    return false;
}
