#include "kern/rlimits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/call.h"
#include "kern/trial.h"

const struct bw_rlimit_info bw_rlimits[BW_RLIMITS] = {
    {"as", RLIMIT_AS, "address space", true},
    {"core", RLIMIT_CORE, "size of core dumps", true},
    {"cpu", RLIMIT_CPU, "seconds of CPU time", false},
    {"data", RLIMIT_DATA, "data segment", true},
    {"fsize", RLIMIT_FSIZE, "size of a file it writes", true},
    {"memlock", RLIMIT_MEMLOCK, "locked memory", true},
    {"msgqueue", RLIMIT_MSGQUEUE, "bytes in POSIX message queues", true},
    {"nice", RLIMIT_NICE, "20 minus the lowest nice value", false},
    {"nofile", RLIMIT_NOFILE, "one more than the highest file descriptor", false},
    {"nproc", RLIMIT_NPROC, "processes and threads of the user", false},
    {"rss", RLIMIT_RSS, "resident memory (not enforced)", true},
    {"rtprio", RLIMIT_RTPRIO, "real-time priority", false},
    {"rttime", RLIMIT_RTTIME, "microseconds of real-time CPU without a pause", false},
    {"sigpending", RLIMIT_SIGPENDING, "queued signals", false},
    {"stack", RLIMIT_STACK, "stack", true},
};

int bw_rlimit_by_name(const char *name)
{
    for (int i = 0; i < BW_RLIMITS; i++)
        if (strcmp(bw_rlimits[i].name, name) == 0)
            return i;
    return -1;
}

static int parse_one(const struct bw_rlimit_info *info, const char *word, size_t len, rlim_t *out)
{
    static const char units[] = "KMGT";
    char text[32], *end;
    if (len == 0 || len >= sizeof text)
        return -1;
    snprintf(text, sizeof text, "%.*s", (int)len, word);
    if (strcmp(text, "unlimited") == 0 || strcmp(text, "max") == 0)
        return *out = RLIM_INFINITY, 0;
    if (text[0] < '0' || text[0] > '9')
        return -1;
    errno = 0;
    unsigned long long n = strtoull(text, &end, 10);
    const char *unit = *end && info->bytes ? strchr(units, *end) : NULL;
    int shift = unit ? 10 * (int)(unit - units + 1) : 0;
    if (errno || (*end && !unit) || (unit && end[1]) || n > RLIM_INFINITY >> shift)
        return -1;
    *out = n << shift;
    return 0;
}

int bw_rlimit_parse(const struct bw_rlimit_info *info, const char *text, struct rlimit *out,
                    struct bw_err *err)
{
    size_t n = strcspn(text, ":");
    if (parse_one(info, text, n, &out->rlim_cur) ||
        (text[n] && parse_one(info, text + n + 1, strlen(text + n + 1), &out->rlim_max))) {
        bw_err_usage(err, "\"%s\" is no limit for %s", text, info->name);
        bw_err_todo(err, "SOFT or SOFT:HARD, each a number%s or unlimited",
                    info->bytes ? ", with K, M or G for bytes," : "");
        return -1;
    }
    if (!text[n])
        out->rlim_max = out->rlim_cur;
    if (out->rlim_cur > out->rlim_max)
        return bw_err_usage(err, "the soft limit of \"%s\" is above the hard one", text);
    return 0;
}

void bw_rlimit_add(rlim_t v, struct bw_str *out)
{
    if (v == RLIM_INFINITY)
        bw_str_add(out, "unlimited");
    else
        bw_str_addf(out, "%llu", (unsigned long long)v);
}

/* As strace writes the call. */
static void call_text(int which, const struct rlimit *r, struct bw_str *out)
{
    bw_str_add(out, "0, RLIMIT_");
    for (const char *p = bw_rlimits[which].name; *p; p++)
        bw_str_addc(out, (char)(*p - 'a' + 'A'));
    for (int hard = 0; hard < 2; hard++) {
        rlim_t v = hard ? r->rlim_max : r->rlim_cur;
        bw_str_add(out, hard ? ", rlim_max=" : ", {rlim_cur=");
        if (v == RLIM_INFINITY)
            bw_str_add(out, "RLIM64_INFINITY");
        else
            bw_rlimit_add(v, out);
    }
    bw_str_add(out, "}, NULL");
}

int bw_rlimit_set(int which, const struct rlimit *r, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    int done = setrlimit((__rlimit_resource_t)bw_rlimits[which].resource, r), saved = errno;
    call_text(which, r, &text);
    errno = saved;
    return (int)bw_call_done(err, BW_CALL_STEP, done, "prlimit64", "%s", text.s);
}

struct trial {
    int resource;
    struct rlimit asked;
};

struct finding {
    int code;
    struct rlimit kept;
};

static void try_here(void *ctx, void *found, volatile int *step)
{
    const struct trial *t = ctx;
    struct finding *out = found;
    (void)step;
    if (setrlimit((__rlimit_resource_t)t->resource, &t->asked) ||
        getrlimit((__rlimit_resource_t)t->resource, &out->kept))
        out->code = errno;
}

int bw_rlimit_try(int which, struct rlimit *r, struct bw_err *err)
{
    struct trial t = {bw_rlimits[which].resource, *r};
    struct finding found = {0};
    if (bw_trial(try_here, &t, &found, sizeof found, err))
        return -1;
    BW_AUTO_STR text = BW_STR_INIT;
    call_text(which, r, &text);
    errno = found.code;
    bw_call_done(err, BW_CALL_STEP, found.code ? -1 : 0, "prlimit64", "%s", text.s);
    bw_call_note(
        "tried in a child that ends at once; each program gets it right before its execve");
    if (found.code)
        return -1;
    *r = found.kept;
    return 0;
}
