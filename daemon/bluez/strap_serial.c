/* SPDX-License-Identifier: MIT */
#include "bluez/bus_read.h"
#include "bluez/details_parse.h"
#include "bluez/gatt.h"
#include "bluez/strap_private.h"

static void judge(Strap *strap, const DeviceObject *device)
{
    if (strap_fit(strap, device) == STRAP_FIT_SURE) {
        strap->unverified = false;
        strap_subscribe(strap);
        return;
    }
    g_info("strap %u: a strap was connected to read its serial number, and it is another's; it is not tried again",
           strap->number + 1);
    strap_refuse(strap);
}

static void on_serial(void *user, DBusMessage *reply, const char *error, const char *text)
{
    Strap *strap = user;
    const DeviceObject *device = objects_device(strap->context->objects, strap->path);
    g_autofree char *serial = NULL;
    const uint8_t *bytes = NULL;
    DBusMessageIter body;
    size_t len = 0;

    if (error != NULL)
        strap_note_error(strap, "its serial number", error, text);
    if (device == NULL || error != NULL || !bus_read_open(reply, "ay", &body) ||
        !bus_read_bytes(&body, &bytes, &len)) {
        strap_step(strap, LINK_EV_SUBSCRIBE_FAILED);
        return;
    }
    serial = details_parse_text(bytes, len);
    serials_learn(strap->context->serials, device->address, serial);
    judge(strap, device);
}

void strap_verify(Strap *strap, const DeviceObject *device)
{
    const CharacteristicObject *characteristic = device->characteristics[CHARACTERISTIC_SERIAL];
    g_autoptr(DBusMessage) message = NULL;

    if (serials_known(strap->context->serials, device->address) != NULL) {
        judge(strap, device);
        return;
    }
    if (characteristic == NULL || strap->call != NULL)
        return;
    message = gatt_method(characteristic->path, "ReadValue", NULL);
    strap_call(strap, message, on_serial);
}

void strap_note_unread(Strap *strap)
{
    if (!serials_miss(strap->context->serials, strap->path_address))
        return;
    g_info("strap %u: a strap does not tell its serial number, and is not tried again; bind it by its name or "
           "address", strap->number + 1);
    strap->parting = true;
}
