/* SPDX-License-Identifier: MIT */
#include "group.h"

#include "core/session_state.h"
#include "group_note.h"
#include "mqtt/group_payload.h"
#include "mqtt/json.h"
#include "mqtt/topics.h"

#include <string.h>

#define LIVE_EXPIRY_S 5

static const char *const set_leaves[] = {"set", "set/session"};

typedef struct {
    Athlete *athlete;
    const AthleteConfig *config;
    SessionState seen;
    char *session_id;  /* of the one in this session of the group; NULL: none yet */
    bool has_finished; /* that one has */
    Summary finished;
} Member;

typedef struct {
    const char *id; /* the configuration's */
    char *live_topic, *session_topic, *result_topic;
    GArray *members; /* Member */
    SessionState state; /* idle, active, finished */
    gint64 start_wall_us;
    bool here; /* that label is of this boot's wall clock */
    int64_t live_ms, session_ms; /* last times; INT64_MIN: not yet */
    guint told_in_target;
    bool silent; /* the last live message said that there is no more to say */
} Group;

/* Where an athlete stands. */
typedef struct {
    Group *group; /* NULL: in none */
    guint member;
} Place;

struct Groups {
    const AthleteContext *context;
    GPtrArray *list; /* Group */
    Place *places;   /* by the athlete's number */
};

static void clear_member(gpointer data) { g_free(((Member *)data)->session_id); }

static void group_free(gpointer data)
{
    Group *group = data;
    g_array_unref(group->members);
    g_free(group->live_topic);
    g_free(group->session_topic);
    g_free(group->result_topic);
    g_free(group);
}

static char *topic_of(const Groups *groups, const char *id, const char *leaf)
{
    return g_strdup_printf("%s/group/%s/%s", groups->context->config->mqtt_prefix, id, leaf);
}

static Group *find_group(const Groups *groups, const char *id)
{
    for (guint i = 0; i < groups->list->len; i++) {
        Group *group = groups->list->pdata[i];
        if (strcmp(group->id, id) == 0)
            return group;
    }
    return NULL;
}

static Group *add_group(Groups *groups, const char *id)
{
    Group *group = g_new0(Group, 1);
    *group = (Group){.id = id, .live_ms = INT64_MIN, .session_ms = INT64_MIN, .silent = true};
    group->live_topic = topic_of(groups, id, "live");
    group->session_topic = topic_of(groups, id, "session");
    group->result_topic = topic_of(groups, id, "result");
    group->members = g_array_new(FALSE, TRUE, sizeof(Member));
    g_array_set_clear_func(group->members, clear_member);
    g_ptr_array_add(groups->list, group);
    for (gsize i = 0; i < G_N_ELEMENTS(set_leaves); i++) {
        g_autofree char *topic = topic_of(groups, id, set_leaves[i]);
        mqtt_client_subscribe_new(groups->context->mqtt, topic, 1);
    }
    return group;
}

Groups *groups_new(const AthleteContext *context, Athlete *const *athletes)
{
    Groups *groups = g_new0(Groups, 1);
    groups->context = context;
    groups->list = g_ptr_array_new_with_free_func(group_free);
    groups->places = g_new0(Place, context->config->athlete_count);
    for (unsigned i = 0; i < context->config->athlete_count; i++) {
        const AthleteConfig *config = &context->config->athletes[i];
        const Member member = {.athlete = athletes[i], .config = config, .seen = SESSION_IDLE};
        if (config->group_id == NULL)
            continue;
        Group *group = find_group(groups, config->group_id);
        if (group == NULL)
            group = add_group(groups, config->group_id);
        groups->places[i] = (Place){.group = group, .member = group->members->len};
        g_array_append_val(group->members, member);
    }
    return groups;
}

void groups_free(Groups *groups)
{
    if (groups == NULL)
        return;
    g_ptr_array_unref(groups->list);
    g_free(groups->places);
    g_free(groups);
}

/* ---- what is told ---- */

static gint64 wall_us_at(const Groups *groups, int64_t t_ms)
{
    const Source *source = groups->context->source;
    return source_wall_us(source) - (source_now_ms(source) - t_ms) * 1000;
}

/* ROWS has a place for each member. */
static GroupReport report_of(const Groups *groups, const Group *group, GroupRow *rows, int64_t now_ms)
{
    for (guint i = 0; i < group->members->len; i++) {
        const Member *member = &g_array_index(group->members, Member, i);
        const Share share = member->config->share;
        rows[i] = (GroupRow){.athlete_id = member->config->id,
                             .alias = member->config->alias,
                             .zones = athlete_zones(member->athlete),
                             .hide_rate = share != SHARE_FULL,
                             .hide_all = share == SHARE_NONE,
                             .finished = member->has_finished && share != SHARE_NONE ? &member->finished : NULL};
        athlete_live(member->athlete, now_ms, &rows[i].live);
    }
    return (GroupReport){.group_id = group->id,
                         .gateway_id = groups->context->config->gateway_id,
                         .wall_us = wall_us_at(groups, now_ms),
                         .state = group->state,
                         .start_wall_us = group->start_wall_us,
                         .rows = rows,
                         .count = group->members->len};
}

static void tell_session(const Groups *groups, Group *group, int64_t now_ms)
{
    g_autofree GroupRow *rows = g_new(GroupRow, group->members->len);
    const GroupReport report = report_of(groups, group, rows, now_ms);
    g_autofree char *json = payload_group_session(&report);
    group->session_ms = now_ms;
    group->told_in_target = group_in_target(&report);
    mqtt_client_publish(groups->context->mqtt, MQTT_KEEP, group->session_topic, json, 1, true, 0);
}

static bool anything_on(const GroupReport *report)
{
    for (guint i = 0; i < report->count; i++) {
        const Live *live = &report->rows[i].live;
        if (session_is_running(live->session) || (live->signal != SIGNAL_NONE && live->signal != SIGNAL_LOST))
            return true;
    }
    return false;
}

/* After the last sign of life one more, so that nothing is left standing. */
static void tell_live(const Groups *groups, Group *group, int64_t now_ms)
{
    g_autofree GroupRow *rows = g_new(GroupRow, group->members->len);
    const GroupReport report = report_of(groups, group, rows, now_ms);
    bool on = anything_on(&report);
    group->live_ms = now_ms;
    if (!on && group->silent)
        return;
    group->silent = !on;
    g_autofree char *json = payload_group_live(&report);
    mqtt_client_publish(groups->context->mqtt, MQTT_LIVE, group->live_topic, json, 0, false, LIVE_EXPIRY_S);
    if (group->state == SESSION_ACTIVE && now_ms - group->session_ms >= GROUP_SESSION_MS &&
        group_in_target(&report) != group->told_in_target)
        tell_session(groups, group, now_ms);
}

/* ---- what is kept ---- */

static Member *member_at(const Group *group, guint index) { return &g_array_index(group->members, Member, index); }

static void keep(const Groups *groups, const Group *group)
{
    GroupNote note;
    if (groups->context->store == NULL)
        return;
    group_note_init(&note);
    note.active = group->state == SESSION_ACTIVE;
    for (guint i = 0; i < group->members->len; i++) {
        const Member *member = member_at(group, i);
        if (member->session_id != NULL)
            g_hash_table_replace(note.sessions, g_strdup(member->config->id), g_strdup(member->session_id));
    }
    g_autofree char *key = group_note_key(group->id), *data = group_note_print(&note);
    store_note(groups->context->store, key, group->here ? groups->context->clock : NULL, group->start_wall_us, data);
    group_note_clear(&note);
}

static bool find_summary(const Member *member, StoreReader *reader, int64_t now_ms, Summary *ret)
{
    gsize len;
    /* What ended just now may not be written yet. */
    if (member->seen == SESSION_FINISHED && g_strcmp0(athlete_session_id(member->athlete), member->session_id) == 0)
        return athlete_summary(member->athlete, now_ms, ret);
    g_autoptr(StoreRecord) record = store_reader_get(reader, member->session_id, NULL, NULL);
    if (record == NULL || record->ended_us == 0 || record->summary == NULL)
        return false;
    const uint8_t *bytes = g_bytes_get_data(record->summary, &len);
    return summary_restore(ret, bytes, len) == SESSION_STATE_OK;
}


/* True when the member's session, which is the group's, still runs. */
static bool restore_member(Member *member, const char *session_id, StoreReader *reader, int64_t now_ms)
{
    member->seen = athlete_session_state(member->athlete);
    if (session_id == NULL)
        return false;
    member->session_id = g_strdup(session_id);
    if (session_is_running(member->seen) && g_strcmp0(athlete_session_id(member->athlete), session_id) == 0)
        return true;
    member->has_finished = find_summary(member, reader, now_ms, &member->finished);
    return false;
}

static void restore_group(const Groups *groups, Group *group, StoreReader *reader, int64_t now_ms)
{
    GroupNote note;
    g_autofree char *key = group_note_key(group->id);
    g_autoptr(StoreNote) stored = store_reader_note(reader, key);
    bool runs = false;
    group_note_init(&note);
    if (stored != NULL && group_note_parse(stored->data, &note)) {
        for (guint i = 0; i < group->members->len; i++) {
            Member *member = member_at(group, i);
            runs |= restore_member(member, g_hash_table_lookup(note.sessions, member->config->id), reader, now_ms);
        }
        group->state = note.active && runs ? SESSION_ACTIVE : SESSION_FINISHED;
        group->start_wall_us = stored->at_us;
        group->here = stored->clock != NULL && g_strcmp0(stored->clock, groups->context->clock) == 0;
        if (note.active && !runs)
            keep(groups, group);
    }
    group_note_clear(&note);
}

void groups_restore(Groups *groups, StoreReader *reader, int64_t now_ms)
{
    for (guint i = 0; i < groups->list->len; i++)
        restore_group(groups, groups->list->pdata[i], reader, now_ms);
}

void groups_correct_clock(Groups *groups, gint64 delta_us, int64_t now_ms)
{
    for (guint i = 0; i < groups->list->len; i++) {
        Group *group = groups->list->pdata[i];
        if (!group->here)
            continue;
        group->start_wall_us += delta_us;
        tell_session(groups, group, now_ms);
    }
}

static void remove_sessions(const Groups *groups, Group *group, const char *athlete, const StoreNews *news,
                            int64_t now_ms)
{
    for (guint i = 0; i < group->members->len; i++) {
        Member *member = member_at(group, i);
        if (!member->has_finished || strcmp(member->config->id, athlete) != 0 ||
            (news != NULL && !store_news_has(news, member->session_id)))
            continue;
        member->has_finished = false;
        g_clear_pointer(&member->session_id, g_free);
        keep(groups, group);
        tell_session(groups, group, now_ms);
    }
}

void groups_removed(Groups *groups, const char *athlete, const StoreNews *news, int64_t now_ms)
{
    for (guint i = 0; i < groups->list->len; i++)
        remove_sessions(groups, groups->list->pdata[i], athlete, news, now_ms);
}

/* ---- the group's session ---- */

static bool anybody_runs(const Group *group)
{
    for (guint i = 0; i < group->members->len; i++)
        if (session_is_running(member_at(group, i)->seen))
            return true;
    return false;
}

static void begin(const Groups *groups, Group *group, int64_t now_ms)
{
    group->state = SESSION_ACTIVE;
    group->start_wall_us = wall_us_at(groups, now_ms);
    group->here = true;
    for (guint i = 0; i < group->members->len; i++) {
        member_at(group, i)->has_finished = false;
        g_clear_pointer(&member_at(group, i)->session_id, g_free);
    }
}

/* True when the member's session began or ended. */
static bool note_member(const Groups *groups, Group *group, Member *member, int64_t now_ms)
{
    SessionState before = member->seen, now = athlete_session_state(member->athlete);
    if (before == now)
        return false;
    member->seen = now;
    if (session_is_running(now) && group->state != SESSION_ACTIVE)
        begin(groups, group, now_ms);
    if (session_is_running(now) && !session_is_running(before)) {
        g_free(member->session_id);
        member->session_id = g_strdup(athlete_session_id(member->athlete));
    }
    if (now == SESSION_FINISHED && group->state == SESSION_ACTIVE)
        member->has_finished = athlete_summary(member->athlete, now_ms, &member->finished);
    return session_is_running(before) != session_is_running(now);
}

/* A member's session began or ended. */
static void conclude(const Groups *groups, Group *group, int64_t now_ms)
{
    if (group->state == SESSION_ACTIVE && !anybody_runs(group))
        group->state = SESSION_FINISHED;
    keep(groups, group);
    tell_session(groups, group, now_ms);
    tell_live(groups, group, now_ms);
}

static bool live_is_due(const Group *group, int64_t now_ms)
{
    return group->live_ms == INT64_MIN || now_ms - group->live_ms >= GROUP_LIVE_MS;
}

static bool anybody_is_heard(const Group *group)
{
    for (guint i = 0; i < group->members->len; i++)
        if (!athlete_is_silent(member_at(group, i)->athlete))
            return true;
    return false;
}

static void tell_if_due(const Groups *groups, Group *group, int64_t now_ms)
{
    if (live_is_due(group, now_ms) && (!group->silent || anybody_is_heard(group)))
        tell_live(groups, group, now_ms);
}

void groups_advance(Groups *groups, int64_t now_ms)
{
    for (guint i = 0; i < groups->list->len; i++) {
        Group *group = groups->list->pdata[i];
        bool changed = false;
        for (guint j = 0; j < group->members->len; j++)
            changed |= note_member(groups, group, &g_array_index(group->members, Member, j), now_ms);
        if (changed)
            conclude(groups, group, now_ms);
        tell_if_due(groups, group, now_ms);
    }
}

void groups_athlete_changed(Groups *groups, unsigned athlete, int64_t now_ms)
{
    const Place place = groups->places[athlete];
    if (place.group == NULL)
        return;
    if (note_member(groups, place.group, &g_array_index(place.group->members, Member, place.member), now_ms))
        conclude(groups, place.group, now_ms);
    tell_if_due(groups, place.group, now_ms);
}

int64_t groups_deadline_ms(const Groups *groups)
{
    int64_t deadline_ms = SOURCE_NEVER;
    for (guint i = 0; i < groups->list->len; i++) {
        const Group *group = groups->list->pdata[i];
        if (!group->silent)
            deadline_ms = MIN(deadline_ms, group->live_ms + GROUP_LIVE_MS);
    }
    return deadline_ms;
}

void groups_announce(Groups *groups, int64_t now_ms)
{
    for (guint i = 0; i < groups->list->len; i++)
        tell_session(groups, groups->list->pdata[i], now_ms);
}

/* ---- another configuration ---- */

static void carry_over(Group *group, const Group *before)
{
    group->state = before->state;
    group->start_wall_us = before->start_wall_us;
    group->here = before->here;
    group->live_ms = before->live_ms;
    group->session_ms = before->session_ms;
    group->told_in_target = before->told_in_target;
    group->silent = before->silent;
    for (guint i = 0; i < group->members->len; i++) {
        Member *member = &g_array_index(group->members, Member, i);
        for (guint j = 0; j < before->members->len; j++) {
            const Member *old = &g_array_index(before->members, Member, j);
            if (old->athlete != member->athlete)
                continue;
            member->seen = old->seen;
            member->session_id = g_strdup(old->session_id);
            member->has_finished = old->has_finished;
            member->finished = old->finished;
        }
    }
    if (group->state == SESSION_ACTIVE && !anybody_runs(group))
        group->state = SESSION_FINISHED;
}

static void retire(const Groups *groups, const Group *group)
{
    for (gsize i = 0; i < G_N_ELEMENTS(set_leaves); i++) {
        g_autofree char *topic = topic_of(groups, group->id, set_leaves[i]);
        mqtt_client_unsubscribe(groups->context->mqtt, topic);
    }
    mqtt_client_publish(groups->context->mqtt, MQTT_KEEP, group->session_topic, "", 1, true, 0);
}

Groups *groups_renew(Groups *before, Athlete *const *athletes, int64_t now_ms)
{
    Groups *groups = groups_new(before->context, athletes);
    for (guint i = 0; i < before->list->len; i++) {
        const Group *old = before->list->pdata[i];
        Group *group = find_group(groups, old->id);
        if (group != NULL)
            carry_over(group, old);
        else
            retire(before, old);
    }
    groups_free(before);
    groups_announce(groups, now_ms);
    return groups;
}

/* ---- what it is told ---- */

/* Who has a session already keeps it, who has none is left alone by a stop. */
static const char *carry_out(Group *group, SessionCommand command, int64_t now_ms)
{
    unsigned done = 0;
    for (guint i = 0; i < group->members->len; i++)
        done += athlete_command(member_at(group, i)->athlete, command, now_ms);
    static const char *const unfit[] = {
        [SESSION_CMD_START] = "all members have a session already",
        [SESSION_CMD_STOP] = "no member has a session",
        [SESSION_CMD_PAUSE] = "no member has a session that runs",
        [SESSION_CMD_RESUME] = "no member has a paused session",
    };
    return done > 0 ? NULL : unfit[command];
}

static const char *take(Group *group, const CommandSet *set, int64_t now_ms)
{
    for (CommandKey key = 0; key < COMMAND_KEY_COUNT; key++)
        if (set->given[key] && key != COMMAND_SESSION)
            return "a group can be told session alone";
    return carry_out(group, set->session, now_ms);
}

static void answer(const Groups *groups, const Group *group, const MqttIncoming *message, const CommandSet *set,
                   const char *error)
{
    cJSON *object = cJSON_CreateObject();
    json_string(object, "key", "session");
    json_string(object, "status", error == NULL ? "ok" : "error");
    if (error != NULL)
        json_string(object, "error", error);
    if (set->transaction[0] != '\0')
        json_string(object, "transaction", set->transaction);
    g_autofree char *json = json_print(object);
    mqtt_client_answer(groups->context->mqtt, message, group->result_topic, json);
}

bool groups_take(Groups *groups, const MqttIncoming *message, int64_t now_ms)
{
    char id[TOPIC_MAX_ID_BYTES + 1];
    CommandSet set;
    CommandFault fault;
    const char *leaf = topic_split(message->topic, groups->context->config->mqtt_prefix, "group", id);
    Group *group = leaf != NULL ? find_group(groups, id) : NULL;
    bool plain = leaf != NULL && strcmp(leaf, "set/session") == 0;
    if (group == NULL || (!plain && strcmp(leaf, "set") != 0))
        return false;
    /* A stored "start" must never be carried out again. */
    if (message->retained)
        return true;
    bool taken = plain ? command_parse_plain("session", message->payload, message->len, &set, &fault)
                       : command_parse_json(message->payload, message->len, &set, &fault);
    answer(groups, group, message, &set, taken ? take(group, &set, now_ms) : fault.text);
    groups_advance(groups, now_ms);
    return true;
}
