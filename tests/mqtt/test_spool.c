/* SPDX-License-Identifier: MIT
 *
 * The spool alone: what is added is there again, what is done with is not, and no damage, full disk or
 * stranger's file does more harm than it must.
 */
#include "mqtt/spool.h"
#include "mqtt/spool_record.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <unistd.h>
#include <cmocka.h>

ssize_t __real_pwrite64(int fd, const void *bytes, size_t len, off_t offset);
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset);

static char *folder, *path;
static bool disk_is_full;
static guint log_lines;

/* A full disk takes half of it, and then nothing. */
ssize_t __wrap_pwrite64(int fd, const void *bytes, size_t len, off_t offset)
{
    if (disk_is_full && len < 2) {
        errno = ENOSPC;
        return -1;
    }
    return __real_pwrite64(fd, bytes, disk_is_full ? len / 2 : len, offset);
}

static GLogWriterOutput count_line(GLogLevelFlags level, const GLogField *fields, gsize count, gpointer user)
{
    (void)level;
    (void)fields;
    (void)count;
    (void)user;
    log_lines++;
    return G_LOG_WRITER_HANDLED;
}

static int make_folder(void **state)
{
    (void)state;
    g_log_set_writer_func(count_line, NULL, NULL);
    folder = g_strdup("spool-XXXXXX");
    if (g_mkdtemp(folder) == NULL)
        return -1;
    path = g_build_filename(folder, "outbox", NULL);
    return 0;
}

static int remove_folder(void **state)
{
    (void)state;
    char *lock = g_strconcat(path, ".lock", NULL), *aside = g_strconcat(path, ".unreadable", NULL);
    g_unlink(lock);
    g_unlink(aside);
    g_unlink(path);
    int failure = g_rmdir(folder);
    g_free(aside);
    g_free(lock);
    g_free(path);
    g_free(folder);
    return failure;
}

static gsize file_size(void)
{
    GStatBuf info;
    return g_stat(path, &info) == 0 ? (gsize)info.st_size : 0;
}

static bool add(Spool *spool, const char *topic, const char *payload, guint64 *ret_number)
{
    OutMessage *message = out_message_new(MQTT_KEEP, topic, payload, 1, topic[0] == 'r', 0);
    GByteArray *records = g_byte_array_new();
    message->spool_number = *ret_number = spool_next_number(spool);
    spool_put_message(records, message);
    bool added = spool_append(spool, records, ret_number, 1);
    g_byte_array_unref(records);
    out_message_free(message);
    return added;
}

/* A new spool on the same file; what waits in it as "topic=payload ...", freed with g_free. */
static Spool *reopen(Spool *spool, char **ret_waiting)
{
    GPtrArray *messages = NULL;
    GString *text = g_string_new(NULL);
    spool_free(spool);
    spool = spool_new(path);
    assert_true(spool_load(spool, &messages));
    assert_int_equal(spool_waiting(spool), messages->len);
    for (guint i = 0; i < messages->len; i++) {
        const OutMessage *message = messages->pdata[i];
        assert_int_equal(message->retain, message->topic[0] == 'r');
        g_string_append_printf(text, "%s=%s ", message->topic, message->payload);
    }
    g_ptr_array_unref(messages);
    *ret_waiting = g_string_free(text, FALSE);
    return spool;
}

static void assert_waiting(Spool **spool, const char *expected)
{
    char *waiting = NULL;
    *spool = reopen(*spool, &waiting);
    assert_string_equal(waiting, expected);
    g_free(waiting);
}

static void keeps_what_waits_in_order(void **state)
{
    (void)state;
    guint64 numbers[4];
    Spool *spool = NULL;
    assert_waiting(&spool, "");
    assert_int_equal(file_size(), 0);
    assert_true(add(spool, "event", "1", &numbers[0]));
    assert_true(add(spool, "r/session", "2", &numbers[1]));
    assert_true(add(spool, "event", "", &numbers[2]));
    assert_waiting(&spool, "event=1 r/session=2 event= ");
    assert_true(spool_done(spool, &numbers[1], 1));
    assert_true(add(spool, "event", "4", &numbers[3]));
    assert_waiting(&spool, "event=1 event= event=4 ");
    assert_true(numbers[3] > numbers[2]);
    numbers[1] = numbers[3];
    assert_true(spool_done(spool, numbers, 4));
    assert_int_equal(file_size(), 0);
    assert_waiting(&spool, "");
    spool_free(spool);
    spool_free(NULL);
}

/* Cut at every byte, and every byte changed: what stands before is whole, and nothing else comes. */
static void damage_costs_the_tail_only(void **state)
{
    (void)state;
    guint64 number;
    gsize len = 0, ends[3];
    char *bytes = NULL;
    Spool *spool = NULL;
    static const char *const whole[] = {"", "event=1 ", "event=1 event=2 ", "event=1 event=2 event=3 "};
    assert_waiting(&spool, "");
    for (int i = 0; i < 3; i++) {
        char text[] = {(char)('1' + i), '\0'};
        assert_true(add(spool, "event", text, &number));
        ends[i] = file_size();
    }
    spool_free(spool);
    assert_true(g_file_get_contents(path, &bytes, &len, NULL));
    for (gsize cut = 0; cut < 2 * len; cut++) {
        gsize at = cut % len;
        bool changes = cut >= len;
        char saved = bytes[at];
        bytes[at] ^= changes ? 0x10 : 0;
        assert_true(g_file_set_contents(path, bytes, (gssize)(changes ? len : at), NULL));
        bytes[at] = saved;
        guint left = at < ends[0] ? 0 : at < ends[1] ? 1 : 2;
        spool = NULL;
        assert_waiting(&spool, whole[left]);
        spool_free(spool);
    }
    g_free(bytes);
    g_unlink(path);
}

static void strangers_are_set_aside(void **state)
{
    (void)state;
    char *aside = g_strconcat(path, ".unreadable", NULL), *text = NULL;
    Spool *spool = NULL;
    guint64 number;
    assert_true(g_file_set_contents(path, "zone1d-spool\x02\0\0\0from the future", 31, NULL));
    log_lines = 0;
    assert_waiting(&spool, "");
    assert_int_equal(log_lines, 1);
    assert_true(g_file_get_contents(aside, &text, NULL, NULL));
    assert_true(g_str_has_prefix(text, "zone1d-spool\x02"));
    assert_true(add(spool, "event", "1", &number));
    assert_waiting(&spool, "event=1 ");
    assert_true(spool_done(spool, &number, 1));
    spool_free(spool);
    g_free(text);
    g_free(aside);
}

static void full_disk_is_said_once_and_over_once(void **state)
{
    (void)state;
    guint64 number, first;
    Spool *spool = NULL;
    assert_waiting(&spool, "");
    assert_true(add(spool, "event", "1", &first));
    gsize before = file_size();
    disk_is_full = true;
    log_lines = 0;
    assert_false(add(spool, "event", "2", &number));
    assert_false(add(spool, "event", "3", &number));
    assert_int_equal(log_lines, 1);
    assert_int_equal(file_size(), before);
    disk_is_full = false;
    assert_true(add(spool, "event", "4", &number));
    assert_int_equal(log_lines, 2);
    assert_waiting(&spool, "event=1 event=4 ");
    /* The last one needs no room to be done with. */
    assert_true(spool_done(spool, &first, 1));
    disk_is_full = true;
    assert_true(spool_done(spool, &number, 1));
    disk_is_full = false;
    assert_int_equal(file_size(), 0);
    spool_free(spool);
}

static void one_process_has_it(void **state)
{
    (void)state;
    GPtrArray *messages = NULL;
    Spool *spool = NULL, *second = spool_new(path);
    assert_waiting(&spool, "");
    log_lines = 0;
    assert_false(spool_load(second, &messages));
    assert_false(spool_load(second, &messages));
    assert_int_equal(log_lines, 1);
    spool_free(spool);
    assert_true(spool_load(second, &messages));
    g_ptr_array_unref(messages);
    spool_free(second);
}

static void nowhere_to_write(void **state)
{
    (void)state;
    GPtrArray *messages = NULL;
    char *below = g_strconcat(path, "/below", NULL);
    assert_true(g_file_set_contents(path, "", 0, NULL)); /* a file, not a folder: root is refused too */
    Spool *spool = spool_new(below);
    log_lines = 0;
    assert_false(spool_load(spool, &messages));
    assert_int_equal(log_lines, 1);
    spool_free(spool);
    g_unlink(path);
    g_free(below);
}

/* A long outage with a session message every so often: the file does not grow with it. */
static void stays_small(void **state)
{
    (void)state;
    guint64 event, older = 0, newer;
    char *large = g_strnfill(4000, 'x'), *waiting = NULL;
    Spool *spool = NULL;
    gsize largest = 0;
    assert_waiting(&spool, "");
    assert_true(add(spool, "event", "first", &event));
    for (int i = 0; i < 500; i++) {
        assert_true(add(spool, "r/session", large, &newer));
        assert_true(older == 0 || spool_done(spool, &older, 1));
        older = newer;
        largest = MAX(largest, file_size());
    }
    assert_true(largest < 300 * 1024);
    spool = reopen(spool, &waiting);
    assert_true(g_str_has_prefix(waiting, "event=first r/session=xxx"));
    assert_int_equal(spool_waiting(spool), 2);
    assert_true(spool_done(spool, &event, 1) && spool_done(spool, &newer, 1));
    assert_int_equal(file_size(), 0);
    spool_free(spool);
    g_free(waiting);
    g_free(large);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(keeps_what_waits_in_order),
        cmocka_unit_test(damage_costs_the_tail_only),
        cmocka_unit_test(strangers_are_set_aside),
        cmocka_unit_test(full_disk_is_said_once_and_over_once),
        cmocka_unit_test(one_process_has_it),
        cmocka_unit_test(nowhere_to_write),
        cmocka_unit_test(stays_small),
    };
    return cmocka_run_group_tests(tests, make_folder, remove_folder);
}
