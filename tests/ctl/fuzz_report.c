/* SPDX-License-Identifier: MIT */
#include "ctl/board.h"
#include "ctl/view.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void show_board(const uint8_t *data, size_t size)
{
    static Board board;
    board_init(&board, "localhost:1883", "tue");
    board.broker_up = true;
    board.have_live = report_parse_group(data, size, &board.live);
    board.have_session = report_parse_group_session(data, size, &board.session);
    g_autoptr(Frame) frame = frame_new(10, 130);
    board_draw(&board, 0, frame);
    g_autofree char *line = board_line(&board, 0), *verdicts = board_verdicts(&board);
    for (const char *at = verdicts; *at != '\0'; at++)
        g_assert((*at >= ' ' && *at <= '~') || *at == '\n');
    for (const char *at = line; *at != '\0'; at++)
        g_assert(*at >= ' ' && *at <= '~');
}

/* Whatever the broker sends can be read, drawn and printed, and leaves no control character behind. */
int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    LiveReport live;
    SummaryReport summary;
    View view;
    view_init(&view, "localhost:1883", "anna", 0);
    view.broker_up = true;
    if (report_parse_live(data, size, &live)) {
        view_take_live(&view, &live, 0);
        g_autoptr(Frame) frame = frame_new(VIEW_MIN_ROWS, VIEW_MIN_COLUMNS);
        view_draw(&view, 0, frame);
        g_free(view_line(&view, 0));
    }
    show_board(data, size);
    if (report_parse_summary(data, size, &summary)) {
        g_autofree char *text = view_verdict(&summary, view.athlete);
        for (const char *at = text; *at != '\0'; at++)
            g_assert((*at >= ' ' && *at <= '~') || *at == '\n');
    }
    return 0;
}
