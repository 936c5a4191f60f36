/* A delegated scope from systemd, over its bus interface: org.freedesktop.systemd1(5). Loaded only
 * where control groups are asked for on a systemd host with cgroup v2. */
#include <errno.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/types.h>
#include <systemd/sd-bus.h>
#include <unistd.h>

#include "base/clock.h"
#include "base/err.h"
#include "kern/scope.h"

#define TIMEOUT_US 5000000LL

static const char dest[] = "org.freedesktop.systemd1", path[] = "/org/freedesktop/systemd1",
                  iface[] = "org.freedesktop.systemd1.Manager";

struct job {
    const char *path;
    bool done, failed;
    char result[32];
};

static int removed(sd_bus_message *m, void *ctx, sd_bus_error *ignored)
{
    (void)ignored;
    struct job *job = ctx;
    const char *its, *unit, *result;
    uint32_t id;
    if (sd_bus_message_read(m, "uoss", &id, &its, &unit, &result) < 0 || !job->path ||
        strcmp(its, job->path) != 0)
        return 0;
    job->done = true;
    job->failed = strcmp(result, "done") != 0;
    strncat(job->result, result, sizeof job->result - 1);
    return 0;
}

static int refused(struct bw_err *err, int code, const char *what, const sd_bus_error *e)
{
    const char *why = e && e->message ? e->message : strerror(-code);
    return bw_err_set(err, "systemd gives no scope with delegated control groups: %s: %s", what,
                      why);
}

static int ask(sd_bus *bus, const char *unit, const pid_t *pids, size_t n, sd_bus_message **reply,
               sd_bus_error *e)
{
    sd_bus_message *m = NULL;
    int r = sd_bus_message_new_method_call(bus, &m, dest, path, iface, "StartTransientUnit");
    if (r >= 0)
        r = sd_bus_message_append(m, "ss", unit, "fail");
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'a', "(sv)");
    if (r >= 0)
        r = sd_bus_message_append(m, "(sv)(sv)(sv)", "Description", "s", "boxwright's session",
                                  "Delegate", "b", 1, "CollectMode", "s", "inactive-or-failed");
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'r', "sv");
    if (r >= 0)
        r = sd_bus_message_append(m, "s", "PIDs");
    if (r >= 0)
        r = sd_bus_message_open_container(m, 'v', "au");
    uint32_t *list = malloc(n * sizeof *list);
    for (size_t i = 0; list && i < n; i++)
        list[i] = (uint32_t)pids[i];
    if (r >= 0)
        r = sd_bus_message_append_array(m, 'u', list, n * sizeof *list);
    free(list);
    for (int i = 0; i < 3 && r >= 0; i++)
        r = sd_bus_message_close_container(m);
    if (r >= 0)
        r = sd_bus_message_append(m, "a(sa(sv))", 0);
    if (r >= 0)
        r = sd_bus_call(bus, m, TIMEOUT_US, e, reply);
    sd_bus_message_unref(m);
    return r;
}

/* The unit exists once its job has been removed from the queue. */
static int wait_job(sd_bus *bus, struct job *job, struct bw_err *err)
{
    long long end = bw_now_us() + TIMEOUT_US;
    while (!job->done) {
        int r = sd_bus_process(bus, NULL);
        long long now = bw_now_us();
        if (r == 0 && now >= end)
            return refused(err, 0, "the job", &(sd_bus_error){.message = "not done after 5 s"});
        if (r == 0)
            r = sd_bus_wait(bus, (uint64_t)(end > now ? end - now : 0));
        if (r < 0 && r != -EINTR)
            return refused(err, r, "waiting for the job", NULL);
    }
    const sd_bus_error failed = {.message = job->result};
    if (job->failed)
        return refused(err, 0, "the job", &failed);
    return 0;
}

int bw_scope_start(const char *unit, const pid_t *pids, size_t n, struct bw_err *err)
{
    sd_bus *bus = NULL;
    sd_bus_error e = SD_BUS_ERROR_NULL;
    sd_bus_message *reply = NULL;
    struct job job = {0};
    int r = geteuid() == 0 ? sd_bus_open_system(&bus) : sd_bus_open_user(&bus);
    if (r < 0)
        return refused(err, r, geteuid() == 0 ? "its system bus" : "the user's bus", NULL);
    r = sd_bus_match_signal(bus, NULL, dest, path, iface, "JobRemoved", removed, &job);
    if (r >= 0)
        r = ask(bus, unit, pids, n, &reply, &e);
    if (r >= 0)
        r = sd_bus_message_read(reply, "o", &job.path);
    r = r < 0 ? refused(err, r, "StartTransientUnit", &e) : wait_job(bus, &job, err);
    sd_bus_message_unref(reply);
    sd_bus_error_free(&e);
    sd_bus_flush_close_unref(bus);
    return r;
}
