/* SPDX-License-Identifier: MIT
 *
 * usage: kill_child FOLDER INTERVAL_S
 * An athlete whose session is stored in FOLDER, until it is killed. Its clock is CLOCK_BOOTTIME times two, so that
 * two seconds of a session go by in one. Says what it found when it began (BEGAN id ms, or BEGAN none: when the
 * newest stored sample came, since the session's start), and then the same of each sample that it takes (KNOWS ms).
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "athlete.h"
#include "mqtt/client.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#define FASTER 2
#define SAMPLE_EVERY_MS 250
#define WALL0_US (G_GINT64_CONSTANT(1764000000) * G_USEC_PER_SEC)

/* In the place of the real one. */
void mqtt_client_publish(MqttClient *client, MqttKind kind, const char *topic, const char *payload, int qos,
                         bool retain, unsigned expiry_s)
{
    (void)client, (void)kind, (void)topic, (void)payload, (void)qos, (void)retain, (void)expiry_s;
}

bool mqtt_client_take_back(MqttClient *client, const char *topic)
{
    (void)client, (void)topic;
    return false;
}

static int64_t clock_ms(const Source *source)
{
    struct timespec now;
    (void)source;
    clock_gettime(CLOCK_BOOTTIME, &now);
    return ((int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000) * FASTER / 1000;
}

static int64_t wall_us(const Source *source) { return WALL0_US + clock_ms(source) * 1000; }

static const SourceClass class = {.now_ms = clock_ms, .wall_us = wall_us};

static void begin(Athlete *athlete, const AthleteContext *context)
{
    Summary summary;
    const int64_t now_ms = clock_ms(NULL);
    TrackEntry newest = {0};
    g_autoptr(StoreReader) reader = store_reader_open(store_file(context->store), NULL);
    g_autoptr(StoreSaved) saved = reader != NULL ? store_reader_saved(reader, "anna") : NULL;
    if (reader != NULL)
        athlete_restore(athlete, reader, now_ms);
    g_autoptr(StoreTrack) track = saved != NULL ? store_reader_track(reader, saved->record->id, NULL) : NULL;
    if (track != NULL && store_track_count(track) > 0)
        store_track_get(track, store_track_count(track) - 1, &newest);
    if (track != NULL && athlete_summary(athlete, now_ms, &summary))
        printf("BEGAN %s %d\n", saved->record->id, (int)newest.sample.t_ms);
    else
        puts("BEGAN none");
    if (saved == NULL)
        athlete_command(athlete, SESSION_CMD_START, now_ms);
    fflush(stdout);
}

int main(int argc, char **argv)
{
    static const char config_text[] = "[gateway]\nname = gym\n[athlete Anna]\nmax = 185\nrest = 55\n";
    if (argc != 3)
        return 64;
    g_autoptr(Config) config = config_parse(config_text, strlen(config_text), "kill.conf", NULL);
    Source source = {.class = &class};
    config->store.interval_s = (unsigned)strtoul(argv[2], NULL, 10);
    const StoreOptions options = {.folder = argv[1], .interval_s = 1};
    AthleteContext context = {.config = config, .source = &source, .store = store_new(&options), .clock = "boot",
                              .clock_trusted = true};
    Athlete *athlete = athlete_new(&context, &config->athletes[0]);
    begin(athlete, &context);
    for (;;) {
        Summary summary;
        Sample sample = {.t_ms = clock_ms(NULL), .bpm = 125, .contact = CONTACT_DETECTED, .speed_mps = (double)NAN,
                         .rr_count = 1};
        sample.rr_ms[0] = 480.46875;
        athlete_sample(athlete, &sample);
        if (athlete_summary(athlete, sample.t_ms, &summary))
            printf("KNOWS %d\n", (int)(sample.t_ms - summary.start_ms));
        fflush(stdout);
        g_usleep(SAMPLE_EVERY_MS * 1000 / FASTER);
    }
}
