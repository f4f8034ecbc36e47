/* SPDX-License-Identifier: MIT */
#include "gateway_guests.h"

#include "bindings.h"
#include "config.h"
#include "mqtt/json.h"

#include <string.h>

#define MAX_ID_BYTES 16

static char *key_of(const char *guest) { return g_strconcat("guest/", guest, NULL); }

void gateway_guests_keep(Store *store, const char *guest, const GuestStrap *strap)
{
    g_autofree char *key = key_of(guest), *data = NULL;
    if (store == NULL)
        return;
    if (strap != NULL) {
        cJSON *object = cJSON_CreateObject();
        json_string(object, "id", strap->id);
        json_string(object, "address", strap->address);
        json_string(object, "name", strap->name);
        data = json_print(object);
    }
    store_note(store, key, NULL, 0, data);
}

void gateway_guests_restore(StoreReader *reader, const char *guest, Source *source, unsigned athlete)
{
    g_autofree char *key = key_of(guest);
    g_autoptr(StoreNote) note = store_reader_note(reader, key);
    cJSON *object = note != NULL ? cJSON_Parse(note->data) : NULL;
    const GuestStrap strap = {
        .id = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "id")),
        .address = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "address")),
        .name = cJSON_GetStringValue(cJSON_GetObjectItemCaseSensitive(object, "name")),
    };
    if (strap.id != NULL && strlen(strap.id) <= MAX_ID_BYTES && bindings_is_address(strap.address) &&
        (strap.name == NULL || strlen(strap.name) <= CONFIG_MAX_STRAP_NAME_BYTES))
        bluez_source_restore_guest(source, athlete, &strap);
    cJSON_Delete(object);
}
