/* SPDX-License-Identifier: MIT */
#include "bluez/strap_private.h"

#include <string.h>

void strap_info(const Strap *strap, int64_t now_ms, StrapInfo *ret)
{
    bool connected = strap->link.state == LINK_LIVE;

    *ret = (StrapInfo){.connected = connected, .battery_percent = -1, .reconnects = strap->reconnects};
    ret->lost_ms = strap->lost_total_ms + (strap->was_live && !connected ? now_ms - strap->lost_ms : 0);
    ret->drops = strap->link.drops;
    ret->drop_reason = strap->drop_reason[0] != '\0' ? strap->drop_reason : NULL;
    ret->recovery_ms = strap->recovery_ms;
    if (!connected)
        return;
    ret->adapter = strrchr(strap->adapter_path, '/') + 1;
    details_fill(strap->details, ret);
}

void strap_status(const Strap *strap, int64_t now_ms, StrapStatus *ret)
{
    *ret = (StrapStatus){
        .state = strap->link.state,
        .bound = strap->keys.count > 0,
        .address = strap->link.state == LINK_LIVE ? strap->path_address : NULL,
        .adapter_path = strap->path != NULL && !link_searching(&strap->link) ? strap->adapter_path : NULL,
        .packet_age_ms = strap->packet_ms != INT64_MIN ? now_ms - strap->packet_ms : -1,
        .reason = strap->reason[0] != '\0' ? strap->reason : NULL,
    };
    strap_info(strap, now_ms, &ret->info);
}

static void note_reason(Strap *strap, bool dropped)
{
    link_reason_words(strap->link.why, strap->detail, strap->reason, sizeof strap->reason);
    if (dropped)
        g_strlcpy(strap->drop_reason, strap->reason, sizeof strap->drop_reason);
}

/* An InProgress of StartNotify is waited out, and no reason. */
void strap_note_error(Strap *strap, const char *what, const char *error, const char *text)
{
    char words[LINK_REASON_MAX];

    link_reason_of_error(error, text, words, sizeof words);
    g_strlcpy(strap->detail, words, sizeof strap->detail);
    if (strap->link.failures == 0)
        g_info("strap %u: %s: %s: %s", strap->number + 1, what, error, words);
    else
        g_debug("strap %u: %s: %s: %s", strap->number + 1, what, error, text);
}

/* BlueZ says it before the property changes; should it come after, the loss gets its reason late. */
void strap_disconnected(Strap *strap, const DeviceObject *device, const char *reason)
{
    const char *words = link_reason_of_disconnect(reason);

    if (words == NULL || g_strcmp0(strap->path, device->path) != 0 || strap->link.state == LINK_DISCONNECTING)
        return;
    g_strlcpy(strap->detail, words, sizeof strap->detail);
    if (strap->link.state != LINK_BACKOFF || strap->link.why != LINK_WHY_DISCONNECTED)
        return;
    note_reason(strap, strcmp(strap->drop_reason, strap->reason) == 0);
    strap->context->changed(strap->context->user, strap->number, bluez_now_ms());
}

/* A loss and a return are worth a line each, unless they come in quick succession. */
static void log_step(const Strap *strap, LinkState before, unsigned failures_before, int64_t now_ms)
{
    const Link *link = &strap->link;
    GLogLevelFlags level = link->failures <= 1 ? G_LOG_LEVEL_MESSAGE : G_LOG_LEVEL_INFO;
    unsigned strap_no = strap->number + 1;

    g_debug("strap %u: %s -> %s", strap_no, link_state_name(before), link_state_name(link->state));
    if (link->state == LINK_LIVE && !strap->was_live)
        g_message("strap %u: live", strap_no);
    else if (link->state == LINK_LIVE)
        g_log(G_LOG_DOMAIN, level, "strap %u: live again after %.1f s", strap_no,
              (double)(now_ms - strap->lost_ms) / 1000);
    else if (before == LINK_LIVE)
        g_log(G_LOG_DOMAIN, level, "strap %u: lost: %s", strap_no, strap->reason);
    else if (link->failures == 1 && failures_before == 0)
        g_info("strap %u: not reached: %s; trying on", strap_no, strap->reason);
}

void strap_note_step(Strap *strap, LinkState before, unsigned failures_before, int64_t now_ms)
{
    const Link *link = &strap->link;

    if (link->state == before)
        return;
    if (before == LINK_LIVE || link->failures > failures_before)
        note_reason(strap, before == LINK_LIVE);
    log_step(strap, before, failures_before, now_ms);
    if (before == LINK_SUBSCRIBING && link->failures > failures_before && strap->unverified)
        strap_note_unread(strap);
}
