/* SPDX-License-Identifier: MIT */
#include "gateway_reload.h"

static void log_refusal(const char *faults)
{
    g_auto(GStrv) lines = g_strsplit(faults, "\n", -1);
    for (char **line = lines; *line != NULL; line++)
        if (**line != '\0')
            g_warning("%s", *line);
    g_warning("the configuration is refused; the one before stays in force: mend the file and reload again");
}

typedef struct {
    unsigned added, changed, removed;
} Tally;

/* Athletes and guests alike; they are not named in the log. */
static Tally tally_of(const Config *before, const Config *now)
{
    ConfigChange change;
    Tally tally = {0};
    config_change_find(&change, before, now);
    for (unsigned i = 0; i < now->athlete_count; i++)
        if (change.from[i] < 0)
            tally.added++;
        else if (!config_same_athlete(&before->athletes[change.from[i]], &now->athletes[i]))
            tally.changed++;
    tally.removed = before->athlete_count + tally.added - now->athlete_count;
    return tally;
}

bool gateway_reload_file(Gateway *gateway, Config *running)
{
    g_autoptr(GError) error = NULL;
    g_autoptr(Config) fresh = config_load(running->path, &error);
    const char *fault = fresh != NULL ? gateway_fault(fresh) : NULL;
    if (fault != NULL)
        g_set_error(&error, CONFIG_ERROR, CONFIG_ERROR_VALUE, "%s: [mqtt] host: %s", fresh->path, fault);
    if (fresh == NULL || error != NULL) {
        log_refusal(error->message);
        return false;
    }
    g_autofree char *fixed = config_keep_fixed(fresh, running);
    const Tally tally = tally_of(running, fresh);
    gateway_reload(gateway, fresh);
    g_message("the configuration was read anew: %u athletes added, %u changed, %u removed", tally.added, tally.changed,
              tally.removed);
    if (fixed != NULL)
        g_warning("%s: %s: only a restart takes this over; until then the values of before count", running->path,
                  fixed);
    return true;
}
