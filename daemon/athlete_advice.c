/* SPDX-License-Identifier: MIT */
#include "athlete_advice.h"

#include "core/advice_history.h"
#include "mqtt/json.h"
#include "mqtt/payload.h"
#include "mqtt/topics.h"
#include "wall_clock.h"

#define MAX_SESSIONS 100 /* of the last days; nobody runs so often */
#define FUTURE_MS (24 * 3600 * 1000) /* a session that ended later than this from now: the clock is wrong */

/* The label of one of them. */
typedef struct {
    char *id;
    gint64 started_us;
    bool here; /* of this boot's wall clock */
} Label;

struct AthleteAdvice {
    const AthleteContext *context;
    const AthleteConfig *config;
    char *topic;
    GArray *past;   /* PastSession */
    GArray *labels; /* Label of each, by the same index */
    char *said;     /* the last message; NULL: none yet */
    int64_t due_ms;
};

static void clear_label(gpointer label) { g_free(((Label *)label)->id); }

AthleteAdvice *athlete_advice_new(const AthleteContext *context, const AthleteConfig *config)
{
    AthleteAdvice *advice = g_new0(AthleteAdvice, 1);
    advice->context = context;
    advice->config = config;
    advice->topic = topic_athlete(context->config->mqtt_prefix, config->id, "advice");
    advice->past = g_array_new(FALSE, FALSE, sizeof(PastSession));
    advice->labels = g_array_new(FALSE, FALSE, sizeof(Label));
    g_array_set_clear_func(advice->labels, clear_label);
    advice->due_ms = SOURCE_NEVER;
    return advice;
}

void athlete_advice_free(AthleteAdvice *advice)
{
    if (advice == NULL)
        return;
    g_free(advice->topic);
    g_array_unref(advice->past);
    g_array_unref(advice->labels);
    g_free(advice->said);
    g_free(advice);
}

/* ---- what was run ---- */

/* The local calendar day, counted from anywhere. */
static int64_t day_of(gint64 wall_us)
{
    g_autoptr(GDateTime) utc = g_date_time_new_from_unix_utc(wall_us / G_USEC_PER_SEC);
    g_autoptr(GDateTime) local = utc != NULL ? g_date_time_to_local(utc) : NULL;
    int year, month, day;
    if (local == NULL)
        return 0;
    g_date_time_get_ymd(local, &year, &month, &day);
    GDate date;
    g_date_clear(&date, 1);
    g_date_set_dmy(&date, (GDateDay)day, (GDateMonth)month, (GDateYear)year);
    return g_date_get_julian(&date);
}

static Label *label_at(const AthleteAdvice *advice, gsize index)
{
    return &g_array_index(advice->labels, Label, index);
}

/* Its day is that on which it began. */
static void put(AthleteAdvice *advice, const Label *label, gint64 ended_us, double load, int64_t top_ms)
{
    const PastSession session = {ended_us / 1000, day_of(label->started_us), load, top_ms};
    const Label own = {g_strdup(label->id), label->started_us, label->here};
    for (guint i = 0; i < advice->labels->len; i++) {
        if (g_strcmp0(label_at(advice, i)->id, own.id) != 0)
            continue;
        clear_label(label_at(advice, i));
        *label_at(advice, i) = own;
        g_array_index(advice->past, PastSession, i) = session;
        return;
    }
    if (advice->past->len == MAX_SESSIONS) {
        g_array_remove_index(advice->past, 0);
        g_array_remove_index(advice->labels, 0);
    }
    g_array_append_val(advice->past, session);
    g_array_append_val(advice->labels, own);
}

static void clear(AthleteAdvice *advice)
{
    g_array_set_size(advice->past, 0);
    g_array_set_size(advice->labels, 0);
}

void athlete_advice_load(AthleteAdvice *advice, StoreReader *reader)
{
    g_autoptr(GPtrArray) records = store_reader_list(reader, advice->config->id, MAX_SESSIONS, NULL);
    clear(advice);
    for (guint i = records != NULL ? records->len : 0; i > 0; i--) {
        const StoreRecord *record = records->pdata[i - 1];
        const bool here = record->clock != NULL && g_strcmp0(record->clock, advice->context->clock) == 0;
        if (record->ended_us != 0)
            put(advice, &(Label){record->id, record->started_us, here}, record->ended_us, record->load,
                record->top_ms);
    }
}

/* ---- what follows ---- */

static gint64 wall_us_at(const AthleteAdvice *advice, int64_t now_ms)
{
    const Source *source = advice->context->source;
    return source_wall_us(source) - (source_now_ms(source) - now_ms) * 1000;
}

static bool clock_is_wrong(const AthleteAdvice *advice, gint64 wall_us)
{
    if (wall_us < WALL_CLOCK_FLOOR_US)
        return true;
    for (guint i = 0; i < advice->past->len; i++)
        if (g_array_index(advice->past, PastSession, i).ended_ms > wall_us / 1000 + FUTURE_MS)
            return true;
    return false;
}

static char *reason_words(const AthleteAdvice *advice, const AdviceResult *result)
{
    const AdviceRules *rules = &advice->context->config->advice;
    const int hours = (int)(rules->window_ms / 3600000);
    if (result->advice == RUN_FREE)
        return g_strdup_printf("no hard session in the last %d h", hours);
    const PastSession *session = &g_array_index(advice->past, PastSession, result->reason);
    return g_strdup_printf("%s: load %d (hard from %d), %d min in the two highest zones (hard from %d)",
                           result->advice == RUN_REST ? "two hard days, the last one" : "a hard session",
                           (int)session->load, rules->hard_load, (int)(session->top_ms / 60000),
                           (int)(rules->hard_top_ms / 60000));
}

static void add_time(cJSON *object, const char *key, gint64 wall_ms)
{
    g_autofree char *text = wall_ms < INT64_MAX ? payload_time(wall_ms * 1000) : NULL;
    json_string(object, key, text);
}

static char *json_of(const AthleteAdvice *advice, const AdviceResult *result)
{
    const bool due = result->advice != RUN_FREE;
    const PastSession *session = due ? &g_array_index(advice->past, PastSession, result->reason) : NULL;
    g_autofree char *reason = reason_words(advice, result);
    cJSON *object = cJSON_CreateObject();
    json_int(object, "v", PAYLOAD_VERSION);
    json_string(object, "advice", run_advice_name(result->advice));
    json_string(object, "reason", reason);
    json_string(object, "session", due ? label_at(advice, result->reason)->id : NULL);
    json_string(object, "session_before",
                result->advice == RUN_REST ? label_at(advice, result->before)->id : NULL);
    add_time(object, "ended_at", due ? session->ended_ms : INT64_MAX);
    add_time(object, "until", result->until_ms);
    return json_print(object);
}

static char *unknown_json(void)
{
    cJSON *object = cJSON_CreateObject();
    json_int(object, "v", PAYLOAD_VERSION);
    json_string(object, "advice", NULL);
    json_string(object, "reason", "the clock has not been set");
    json_string(object, "session", NULL);
    json_string(object, "session_before", NULL);
    json_string(object, "ended_at", NULL);
    json_string(object, "until", NULL);
    return json_print(object);
}

static char *judge(AthleteAdvice *advice, int64_t now_ms)
{
    const gint64 wall_us = wall_us_at(advice, now_ms);
    advice->due_ms = SOURCE_NEVER;
    if (clock_is_wrong(advice, wall_us))
        return unknown_json();
    const AdviceResult result = advice_of_history((const PastSession *)(const void *)advice->past->data,
                                                  advice->past->len, &advice->context->config->advice, wall_us / 1000);
    if (result.until_ms != INT64_MAX)
        advice->due_ms = now_ms + MAX(result.until_ms - wall_us / 1000, 1);
    return json_of(advice, &result);
}

static void say(AthleteAdvice *advice, int64_t now_ms, bool again)
{
    if (advice->context->store == NULL || advice->config->share == SHARE_NONE)
        return;
    g_autofree char *json = judge(advice, now_ms);
    if (!again && g_strcmp0(json, advice->said) == 0)
        return;
    g_free(advice->said);
    advice->said = g_steal_pointer(&json);
    mqtt_client_publish(advice->context->mqtt, MQTT_KEEP, advice->topic, advice->said, 1, true, 0);
}

void athlete_advice_add(AthleteAdvice *advice, const Summary *summary, const char *id, gint64 started_us, bool here)
{
    g_autoptr(StoreRecord) record = store_record_new();
    g_autofree char *own = g_strdup(id);
    store_record_take(record, summary);
    put(advice, &(Label){own, started_us, here}, started_us + record->elapsed_ms * 1000, record->load,
        record->top_ms);
}

void athlete_advice_remove(AthleteAdvice *advice, const StoreNews *news)
{
    for (guint i = advice->labels->len; i-- > 0;) {
        if (!store_news_has(news, label_at(advice, i)->id))
            continue;
        g_array_remove_index(advice->labels, i);
        g_array_remove_index(advice->past, i);
    }
}

void athlete_advice_say(AthleteAdvice *advice, int64_t now_ms) { say(advice, now_ms, false); }

void athlete_advice_correct(AthleteAdvice *advice, gint64 delta_us, int64_t now_ms)
{
    for (guint i = 0; i < advice->past->len; i++) {
        PastSession *session = &g_array_index(advice->past, PastSession, i);
        Label *label = label_at(advice, i);
        if (!label->here)
            continue;
        label->started_us += delta_us;
        session->ended_ms += delta_us / 1000;
        session->day = day_of(label->started_us);
    }
    say(advice, now_ms, false);
}

void athlete_advice_forget(AthleteAdvice *advice)
{
    clear(advice);
    advice->due_ms = SOURCE_NEVER;
    athlete_advice_withdraw(advice);
}

void athlete_advice_withdraw(AthleteAdvice *advice)
{
    g_clear_pointer(&advice->said, g_free);
    if (advice->context->store != NULL)
        mqtt_client_publish(advice->context->mqtt, MQTT_KEEP, advice->topic, "", 1, true, 0);
}

void athlete_advice_announce(AthleteAdvice *advice, int64_t now_ms) { say(advice, now_ms, true); }

void athlete_advice_advance(AthleteAdvice *advice, int64_t now_ms)
{
    if (now_ms >= advice->due_ms)
        say(advice, now_ms, false);
}

int64_t athlete_advice_deadline_ms(const AthleteAdvice *advice) { return advice->due_ms; }
