/* SPDX-License-Identifier: MIT
 *
 * Any bytes as a saved session. A checksum keeps out damage, not malice: so the same bytes come once more
 * under a header that fits, and what is then let in must be one that the session can go on with.
 */
#include "core/session_state.h"

#include "core/codec.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static SessionStateTally tally;

#define HEADER_BYTES 16

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static uint8_t bytes[SESSION_STATE_MAX_BYTES];

static void check_totals(const Totals *totals)
{
    if (totals->valid_ms + totals->unknown_ms + totals->paused_ms != totals->elapsed_ms)
        abort();
    bool above = totals->above_ms > 0, fast = totals->above_pace_ms > 0;
    if (above != (totals->excursions > 0) || above != (totals->longest_ms > 0) ||
        above != (totals->peak_over_bpm > 0) || above != (totals->overshoot_bpm_ms > 0) ||
        fast != (totals->pace_excursions > 0) || fast != (totals->pace_longest_ms > 0) ||
        totals->longest_ms > totals->above_ms)
        abort();
}

/* What was known when it was saved does not hold on: a minute later no rate is known, and no time valid. */
static void check_hold(const Session *session)
{
    Live live, later;
    int64_t now_ms = session->at_ms;
    if (now_ms == INT64_MIN || now_ms > SESSION_TIME_LIMIT_MS - 120000)
        return;
    session_live(session, now_ms + 60000, &live);
    session_live(session, now_ms + 120000, &later);
    if (live.hr_bpm != 0 || live.totals.valid_ms != later.totals.valid_ms || live.speed_mps >= 0)
        abort();
    if (live.signal == SIGNAL_LIVE || live.status == STATUS_IN || live.status == STATUS_ABOVE)
        abort();
}

/* Sums and times that the half hour could carry beyond what a restore lets in. */
static bool near_a_limit(const Session *session)
{
    const Totals *totals = &session->compliance.totals;
    return totals->excursions > 1000000 || totals->pace_excursions > 1000000 || session->alpha1_in_z1 > 1000000 ||
           session->alpha1_low_in_z1 > 1000000 || totals->elapsed_ms > INT64_C(1) << 43 ||
           totals->hr_bpm_ms > INT64_C(1) << 51 || totals->overshoot_bpm_ms > INT64_C(1) << 51 ||
           session->at_ms > INT64_C(1) << 51 || session->at_ms < -(INT64_C(1) << 51) || totals->trimp_edwards > 1e300 ||
           totals->trimp_banister > 1e300 || totals->distance_m > 1e300 || session->hrv.sum_sq_diff_ms2 > 1e300;
}

/* Half an hour with all that can happen; then what it became is saved and restored as any session is. */
static void go_on(Session *session)
{
    Live live;
    Summary summary;
    unsigned events;
    bool extreme = near_a_limit(session);
    check_hold(session);
    int64_t now_ms = session->at_ms == INT64_MIN ? 0 : session->at_ms;
    for (int i = 0; i < 40; i++) {
        Sample sample = {.t_ms = now_ms += i == 30 ? 1300000 : 1000, .bpm = (uint16_t)(120 + i), .speed_mps = NAN};
        sample.rr_ms[sample.rr_count++] = 480;
        session_sample(session, &sample);
        if (i % 8 == 0)
            session_command(session, (SessionCommand)(i / 8 % 4), now_ms, &events);
        session_set_speed(session, 2.5, now_ms);
        session_live(session, now_ms, &live);
        check_totals(&live.totals);
        if (session_summary(session, now_ms, &summary))
            check_totals(&summary.totals);
    }
    size_t len = session_save(session, bytes, sizeof bytes);
    if (len == 0 || (session_restore(session, bytes, len, 0, &tally) != SESSION_STATE_OK && !extreme))
        abort();
}

static void put_u32(uint8_t *to, size_t value)
{
    for (int i = 0; i < 4; i++)
        to[i] = (uint8_t)(value >> (8 * i));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static Session session;
    if (session_restore(&session, data, size, 0, &tally) == SESSION_STATE_OK)
        go_on(&session);
    if (size < HEADER_BYTES || size > sizeof bytes)
        return 0;
    uint8_t fitting[SESSION_STATE_MAX_BYTES];
    memcpy(fitting, data, size);
    memcpy(fitting, "Z1SS", 4);
    put_u32(fitting + 4, SESSION_STATE_FORMAT);
    put_u32(fitting + 8, size - HEADER_BYTES);
    put_u32(fitting + 12, codec_crc32(fitting + HEADER_BYTES, size - HEADER_BYTES));
    if (session_restore(&session, fitting, size, (int64_t)data[0] * 1000 - 100000, &tally) == SESSION_STATE_OK)
        go_on(&session);
    return 0;
}
