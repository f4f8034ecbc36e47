/* SPDX-License-Identifier: MIT */
#include "ctl/board.h"

#include "core/names.h"
#include "ctl/words.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define MARGIN 1
#define TOP_ROWS 2
#define CARD_COLUMNS 58 /* of one member; as many beside each other as fit */
#define ALIAS_COLUMNS 18

void board_init(Board *board, const char *broker, const char *group)
{
    memset(board, 0, sizeof *board);
    g_strlcpy(board->broker, broker, sizeof board->broker);
    g_strlcpy(board->group, group, sizeof board->group);
}

const char *board_fault(const Board *board, gint64 now_ms)
{
    if (!board->broker_up)
        return "No answer from the broker; trying again.";
    if (!board->have_live && board->have_session)
        return "Nobody of the group is heard yet.";
    if (!board->have_live)
        return "Nothing of this group yet. Is it in the configuration, and zone1d running?";
    return now_ms - board->live_at_ms > BOARD_SILENCE_MS ? "Nothing from the group any more." : NULL;
}

/* ---- the order ---- */

/* Whom the coach should look at first. */
static int rank(const LiveReport *live)
{
    bool runs = session_is_running(live->session);
    if (live->status == STATUS_ABOVE)
        return 0;
    if (runs && live->signal != SIGNAL_LIVE)
        return 1;
    if (live->status == STATUS_BELOW)
        return 2;
    return runs ? 3 : live->signal == SIGNAL_LIVE ? 4 : 5;
}

static int compare(const void *a, const void *b)
{
    const MemberReport *one = *(const MemberReport *const *)a, *other = *(const MemberReport *const *)b;
    int by_rank = rank(&one->live) - rank(&other->live);
    int over = (other->live.hr_bpm - other->live.cap_bpm) - (one->live.hr_bpm - one->live.cap_bpm);
    if (by_rank != 0)
        return by_rank;
    if (rank(&one->live) == 0 && over != 0)
        return over;
    return one < other ? -1 : 1; /* as they stand in the configuration */
}

static void sort(const Board *board, const MemberReport **members)
{
    for (unsigned i = 0; i < board->live.count; i++)
        members[i] = &board->live.members[i];
    qsort(members, board->live.count, sizeof(void *), compare);
}

/* ---- one member ---- */

static Style style_of(const LiveReport *live)
{
    return live->zone < 0 ? STYLE_DIM : (Style)MIN(STYLE_BELOW + live->zone, STYLE_Z5);
}

static const char *words_of(const LiveReport *live)
{
    switch (live->signal) {
    case SIGNAL_LIVE:
        break;
    case SIGNAL_LOST:
        return "signal lost";
    case SIGNAL_STALE:
        return "no signal";
    case SIGNAL_NO_CONTACT:
        return "no contact";
    case SIGNAL_NONE:
        return "-";
    }
    if (live->status == STATUS_ABOVE)
        return "EASE OFF";
    return live->status == STATUS_NONE ? session_state_name(live->session) : words_status(live->status);
}

/* "Anna               142  z2   +8  EASE OFF      93.4 %" */
static void draw_member(Frame *frame, int row, int column, const MemberReport *member)
{
    const LiveReport *live = &member->live;
    char percent[WORDS_PERCENT], rate[8] = "-", over[16] = "";
    if (live->hr_bpm > 0)
        g_snprintf(rate, sizeof rate, "%d", live->hr_bpm);
    if (live->hr_bpm > 0 && live->cap_bpm > 0)
        g_snprintf(over, sizeof over, "%+d", live->hr_bpm - live->cap_bpm);
    g_autofree char *alias = g_strndup(member->alias, ALIAS_COLUMNS);
    g_autofree char *figures = g_strdup_printf("%3s  %-5s%4s", rate, live->zone_name, over);
    const char *compliance = isnan(live->compliance) ? "" : words_percent(live->compliance, percent);
    g_autofree char *share = g_strdup_printf("%8s", compliance);
    bool above = live->status == STATUS_ABOVE;
    frame_put(frame, row, column, STYLE_BOLD, alias);
    frame_put(frame, row, column + ALIAS_COLUMNS + 1, style_of(live), figures);
    frame_put(frame, row, column + ALIAS_COLUMNS + 17, above ? STYLE_ALARM : STYLE_PLAIN, words_of(live));
    frame_put(frame, row, column + ALIAS_COLUMNS + 29, STYLE_PLAIN, share);
}

/* ---- all of them ---- */

static unsigned count_above(const Board *board)
{
    unsigned count = 0;
    for (unsigned i = 0; i < board->live.count; i++)
        count += board->live.members[i].live.status == STATUS_ABOVE;
    return count;
}

static unsigned count_in_target(const Board *board)
{
    unsigned count = 0;
    for (unsigned i = 0; i < board->live.count; i++)
        count += board->live.members[i].live.status == STATUS_IN;
    return count;
}

static void draw_title(const Board *board, Frame *frame)
{
    g_autofree char *text = g_strdup_printf("%u in target, %u above, of %u", count_in_target(board), count_above(board),
                                            board->live.count);
    int column = frame_put(frame, 0, MARGIN, STYLE_BOLD, board->group);
    if (board->have_live)
        frame_put(frame, 0, column + 3, STYLE_PLAIN, text);
}

void board_draw(const Board *board, gint64 now_ms, Frame *frame)
{
    const MemberReport *members[REPORT_MAX_MEMBERS];
    const char *fault = board_fault(board, now_ms);
    int rows = MAX(frame_rows(frame) - TOP_ROWS - 1, 1);
    int beside = MAX((frame_columns(frame) - MARGIN) / CARD_COLUMNS, 1);
    unsigned shown = MIN(board->live.count, (unsigned)(rows * beside));
    draw_title(board, frame);
    int column = frame_put(frame, frame_rows(frame) - 1, MARGIN, STYLE_DIM, "q quits");
    if (fault != NULL) {
        frame_put(frame, TOP_ROWS, MARGIN, STYLE_ALARM, fault);
        return;
    }
    sort(board, members);
    for (unsigned i = 0; i < shown; i++)
        draw_member(frame, TOP_ROWS + (int)i % rows, MARGIN + (int)i / rows * CARD_COLUMNS, members[i]);
    g_autofree char *more = g_strdup_printf("and %u more: make the window larger", board->live.count - shown);
    if (shown < board->live.count)
        frame_put(frame, frame_rows(frame) - 1, column + 3, STYLE_BOLD, more);
}

char *board_line(const Board *board, gint64 now_ms)
{
    const MemberReport *members[REPORT_MAX_MEMBERS];
    const char *fault = board_fault(board, now_ms);
    if (fault != NULL)
        return g_strdup_printf("%s: %s", board->group, fault);
    g_autoptr(GString) line = g_string_new(NULL);
    g_string_append_printf(line, "%s: %u of %u in target", board->group, count_in_target(board), board->live.count);
    sort(board, members);
    for (unsigned i = 0; i < board->live.count && members[i]->live.status == STATUS_ABOVE; i++) {
        g_string_append_printf(line, "%s%s", i == 0 ? "; above: " : ", ", members[i]->alias);
        if (members[i]->live.hr_bpm > 0)
            g_string_append_printf(line, " %d", members[i]->live.hr_bpm);
    }
    return g_strdup(line->str);
}

static int compare_verdicts(const void *a, const void *b)
{
    const VerdictRow *one = a, *other = b;
    double left = isnan(one->compliance) ? -1 : one->compliance;
    double right = isnan(other->compliance) ? -1 : other->compliance;
    if (left != right)
        return left > right ? -1 : 1;
    return strcmp(one->alias, other->alias);
}

char *board_verdicts(const Board *board)
{
    g_autoptr(GString) text = g_string_new(NULL);
    GroupSessionReport session = board->session;
    if (!board->have_session || session.count == 0)
        return g_strdup("");
    qsort(session.verdicts, session.count, sizeof session.verdicts[0], compare_verdicts);
    for (unsigned i = 0; i < session.count; i++) {
        const VerdictRow *row = &session.verdicts[i];
        char percent[WORDS_PERCENT], valid[WORDS_DURATION], above[WORDS_DURATION];
        g_string_append_printf(text, "%-18.18s %-13s%9s in %s, above %s\n", row->alias, verdict_name(row->verdict),
                               words_percent(row->compliance, percent), words_duration(row->valid_s, valid),
                               words_duration(row->above_s, above));
    }
    return g_strdup(text->str);
}
