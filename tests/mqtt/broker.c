/* SPDX-License-Identifier: MIT */
#include "broker.h"

#include "waiting.h"

#include <arpa/inet.h>
#include <errno.h>
#include <glib/gstdio.h>
#include <netinet/in.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#define START_TRIES 200
#define START_STEP_US 25000

struct Broker {
    char *folder, *config;
    unsigned port;
    GPid pid; /* 0: not running */
};

static void make_accounts(const Broker *broker);
static char *run(GPtrArray *arguments);
static bool accepts(unsigned port);

static void die_with_parent(gpointer data)
{
    (void)data;
    prctl(PR_SET_PDEATHSIG, SIGKILL);
}

Broker *broker_new(const char *extra)
{
    Broker *broker = g_new0(Broker, 1);
    char *here = g_get_current_dir();
    broker->folder = g_build_filename(here, "broker-XXXXXX", NULL);
    g_free(here);
    if (g_mkdtemp(broker->folder) == NULL)
        give_up("no folder for the broker: %s", g_strerror(errno));
    broker->port = broker_free_port();
    bool says = extra != NULL && strstr(extra, "allow_anonymous") != NULL;
    char *text = g_strdup_printf("listener %u 127.0.0.1\npersistence false\nlog_dest file %s/log\nlog_type all\n"
                                 "%s%s%s\n",
                                 broker->port, broker->folder, geteuid() == 0 ? "user root\n" : "",
                                 says ? "" : "allow_anonymous true\n", extra != NULL ? extra : "");
    char **parts = g_strsplit(text, "@", -1);
    char *config = g_strjoinv(broker->folder, parts);
    broker->config = broker_file(broker, "mosquitto.conf", config);
    g_free(config);
    g_strfreev(parts);
    g_free(text);
    make_accounts(broker);
    broker_start(broker);
    return broker;
}

static void make_accounts(const Broker *broker)
{
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(arguments, g_strdup("mosquitto_passwd"));
    g_ptr_array_add(arguments, g_strdup("-b"));
    g_ptr_array_add(arguments, g_strdup("-c"));
    g_ptr_array_add(arguments, broker_file(broker, "users", NULL));
    g_ptr_array_add(arguments, g_strdup("gateway"));
    g_ptr_array_add(arguments, g_strdup("right"));
    g_free(run(arguments));
    g_free(broker_file(broker, "rights", "topic readwrite allowed/#\n"));
}

unsigned broker_port(const Broker *broker)
{
    return broker->port;
}

char *broker_file(const Broker *broker, const char *name, const char *text)
{
    char *path = g_build_filename(broker->folder, name, NULL);
    if (text != NULL && !g_file_set_contents(path, text, -1, NULL))
        give_up("%s: not written", path);
    return path;
}

void broker_start(Broker *broker)
{
    const char *program = g_file_test("/usr/sbin/mosquitto", G_FILE_TEST_EXISTS) ? "/usr/sbin/mosquitto" : "mosquitto";
    const char *arguments[] = {program, "-c", broker->config, NULL};
    GError *error = NULL;
    if (!g_spawn_async(NULL, (char **)(guintptr)arguments, NULL,
                       G_SPAWN_SEARCH_PATH | G_SPAWN_DO_NOT_REAP_CHILD | G_SPAWN_STDOUT_TO_DEV_NULL |
                           G_SPAWN_STDERR_TO_DEV_NULL,
                       die_with_parent, NULL, &broker->pid, &error))
        give_up("mosquitto: %s", error->message);
    for (unsigned i = 0; i < START_TRIES; i++) {
        if (accepts(broker->port))
            return;
        if (waitpid(broker->pid, NULL, WNOHANG) == broker->pid)
            break;
        g_usleep(START_STEP_US);
    }
    broker_print_log(broker);
    give_up("mosquitto does not start on port %u", broker->port);
}

static void end(Broker *broker, int with)
{
    if (broker->pid == 0)
        return;
    kill(broker->pid, with);
    while (waitpid(broker->pid, NULL, 0) < 0 && errno == EINTR)
        ;
    broker->pid = 0;
}

void broker_stop(Broker *broker)
{
    end(broker, SIGTERM);
}

void broker_kill(Broker *broker)
{
    end(broker, SIGKILL);
}

void broker_free(Broker *broker)
{
    if (broker == NULL)
        return;
    end(broker, SIGKILL);
    GDir *folder = g_dir_open(broker->folder, 0, NULL);
    const char *name;
    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        char *path = g_build_filename(broker->folder, name, NULL);
        g_unlink(path);
        g_free(path);
    }
    if (folder != NULL)
        g_dir_close(folder);
    g_rmdir(broker->folder);
    g_free(broker->folder);
    g_free(broker->config);
    g_free(broker);
}

static char *run(GPtrArray *arguments)
{
    char *output = NULL;
    GError *error = NULL;
    g_ptr_array_add(arguments, NULL);
    if (!g_spawn_sync(NULL, (char **)arguments->pdata, NULL, G_SPAWN_SEARCH_PATH | G_SPAWN_STDERR_TO_DEV_NULL,
                      die_with_parent, NULL, &output, NULL, NULL, &error))
        give_up("%s: %s", (const char *)arguments->pdata[0], error->message);
    g_ptr_array_unref(arguments);
    return output;
}

static GPtrArray *command(const Broker *broker, const char *program, const char *topic)
{
    GPtrArray *arguments = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(arguments, g_strdup(program));
    g_ptr_array_add(arguments, g_strdup("-h"));
    g_ptr_array_add(arguments, g_strdup("127.0.0.1"));
    g_ptr_array_add(arguments, g_strdup("-p"));
    g_ptr_array_add(arguments, g_strdup_printf("%u", broker->port));
    g_ptr_array_add(arguments, g_strdup("-t"));
    g_ptr_array_add(arguments, g_strdup(topic));
    return arguments;
}

char *broker_subscribe(const Broker *broker, const char *topic, unsigned count, unsigned wait_s,
                       const char *const *arguments)
{
    GPtrArray *all = command(broker, "mosquitto_sub", topic);
    g_ptr_array_add(all, g_strdup("-C"));
    g_ptr_array_add(all, g_strdup_printf("%u", count));
    g_ptr_array_add(all, g_strdup("-W"));
    g_ptr_array_add(all, g_strdup_printf("%u", wait_s));
    for (; arguments != NULL && *arguments != NULL; arguments++)
        g_ptr_array_add(all, g_strdup(*arguments));
    return run(all);
}

void broker_publish(const Broker *broker, const char *topic, const char *payload, bool retain)
{
    GPtrArray *all = command(broker, "mosquitto_pub", topic);
    g_ptr_array_add(all, g_strdup("-q"));
    g_ptr_array_add(all, g_strdup("1"));
    g_ptr_array_add(all, g_strdup("-m"));
    g_ptr_array_add(all, g_strdup(payload));
    if (retain)
        g_ptr_array_add(all, g_strdup("-r"));
    g_free(run(all));
}

void broker_publish_many(const Broker *broker, const char *topic, unsigned count)
{
    GString *lines = g_string_new(NULL);
    for (unsigned i = 0; i < count; i++)
        g_string_append_printf(lines, "%u\n", i);
    char *path = broker_file(broker, "lines", lines->str);
    GPtrArray *shell = g_ptr_array_new_with_free_func(g_free);
    g_ptr_array_add(shell, g_strdup("sh"));
    g_ptr_array_add(shell, g_strdup("-c"));
    g_ptr_array_add(shell, g_strdup_printf("exec mosquitto_pub -h 127.0.0.1 -p %u -t '%s' -l <'%s'", broker->port,
                                           topic, path));
    g_free(run(shell));
    g_free(path);
    g_string_free(lines, TRUE);
}

void broker_print_log(const Broker *broker)
{
    char *path = broker_file(broker, "log", NULL), *text = NULL;
    if (g_file_get_contents(path, &text, NULL, NULL))
        g_printerr("%s\n", text);
    g_free(text);
    g_free(path);
}

static struct sockaddr_in loopback(unsigned port)
{
    struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((guint16)port)};
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    return address;
}

unsigned broker_free_port(void)
{
    struct sockaddr_in address = loopback(0);
    socklen_t size = sizeof address;
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    if (fd < 0 || bind(fd, (struct sockaddr *)&address, size) != 0 ||
        getsockname(fd, (struct sockaddr *)&address, &size) != 0)
        give_up("no free port: %s", g_strerror(errno));
    close(fd);
    return ntohs(address.sin_port);
}

static bool accepts(unsigned port)
{
    struct sockaddr_in address = loopback(port);
    int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    bool connected = connect(fd, (struct sockaddr *)&address, sizeof address) == 0;
    close(fd);
    return connected;
}
