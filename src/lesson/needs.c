/* What a lesson requires of the machine: kern/probe knows, or a fact that is plain to see. */
#include <linux/capability.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/err.h"
#include "kern/cgroup.h"
#include "kern/observe.h"
#include "kern/probe.h"
#include "lesson/lesson.h"

/* Words of lessons for what probes call otherwise. */
static const struct {
    const char *word, *probe;
} alias[] = {{"net", "ns-net"},         {"uts", "ns-uts"}, {"ipc", "ns-ipc"},
             {"pid-ns", "ns-pid"},      {"mnt", "ns-mnt"}, {"time-ns", "ns-time"},
             {"cgroup-ns", "ns-cgroup"}};

static const char *const plain[] = {"root", "cgroup-v1", "cgroup-v2", "cgroup-hybrid"};

static const char *probe_of(const char *word)
{
    for (size_t i = 0; i < sizeof alias / sizeof *alias; i++)
        if (strcmp(alias[i].word, word) == 0)
            return alias[i].probe;
    return word;
}

static bool is_plain(const char *word)
{
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (strcmp(plain[i], word) == 0)
            return true;
    return false;
}

bool bw_lesson_require_known(const char *word)
{
    return is_plain(word) || bw_probe_known(probe_of(word));
}

/* Root of a container may lack what root is asked for. */
static bool privileged(void)
{
    struct bw_status_file st;

    return bw_status_read(getpid(), &st) == 0 && (st.cap_eff >> CAP_SYS_ADMIN & 1) != 0;
}

bool bw_lesson_unprivileged(const struct bw_lesson *l)
{
    return l->without_root.n > 0 && !privileged();
}

static bool fill(struct bw_lesson_lack *out, const char *why, const char *fix)
{
    snprintf(out->why, sizeof out->why, "%s", why);
    snprintf(out->fix, sizeof out->fix, "%s", fix);
    return true;
}

static bool lacks_probe(const char *probe, struct bw_lesson_lack *out)
{
    struct bw_probe_row row;

    if (bw_probe_one(probe, &row) != 0 || row.state == BW_PROBE_NO || row.state == BW_PROBE_UNKNOWN)
        return fill(out, row.found, row.fix);
    return false;
}

static bool lacks_version(const char *word, struct bw_lesson_lack *out)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_cg_host host;
    bool there = false;

    if (bw_cg_discover(&host, &ignored) == 0)
        there = strcmp(word, "cgroup-v1") == 0   ? host.version != BW_CG_V2
                : strcmp(word, "cgroup-v2") == 0 ? host.version != BW_CG_V1
                                                 : host.version == BW_CG_HYBRID;
    return !there && fill(out, "this machine mounts control groups of another version",
                          "read it with another machine at hand: nothing on this one changes it");
}

static bool lacks(const struct bw_lesson *l, const char *word, struct bw_lesson_lack *out)
{
    snprintf(out->what, sizeof out->what, "%s", word);
    if (!is_plain(word))
        return lacks_probe(probe_of(word), out);
    if (strcmp(word, "root") != 0)
        return lacks_version(word, out);
    if (privileged())
        return false;
    if (bw_lesson_unprivileged(l))
        return lacks_probe("userns", out);
    return fill(out, "its steps need the privileges of root", "start it with sudo: sudo boxwright");
}

size_t bw_lesson_lacks(const struct bw_lesson *l, struct bw_lesson_lack *v, size_t max)
{
    size_t n = 0;

    for (size_t i = 0; i < l->requires.n && n < max; i++)
        if (lacks(l, l->requires.v[i].text, &v[n]))
            n++;
    return n;
}
