/* Lines that install packages: what they are installed for is here already, or is not done behind
 * the machine's back. */
#include <string.h>
#include <unistd.h>

#include "article_priv.h"
#include "cmd/session.h"
#include "cmd/table.h"

static const struct {
    const char *name, *install; /* the word or option that installs */
} managers[] = {{"apt", "install"},    {"apt-get", "install"}, {"aptitude", "install"},
                {"dnf", "install"},    {"yum", "install"},     {"microdnf", "install"},
                {"zypper", "install"}, {"pacman", "-S"},       {"apk", "add"}};

/* Packages whose commands boxwright has itself. */
static const struct {
    const char *name, *commands;
    bool cgroups;
} known[] = {{"cgroups-tools", "cgcreate, cgset, cgget, cgexec, cgclassify and cgdelete", true},
             {"cgroup-tools", "cgcreate, cgset, cgget, cgexec, cgclassify and cgdelete", true},
             {"cgroup-bin", "cgcreate, cgset, cgget, cgexec, cgclassify and cgdelete", true},
             {"libcgroup-tools", "cgcreate, cgset, cgget, cgexec, cgclassify and cgdelete", true},
             {"libcgroup", "cgcreate, cgset, cgget, cgexec, cgclassify and cgdelete", true},
             {"util-linux", "unshare, mount, umount and lsns", false}};

static int known_package(const char *word)
{
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (strcmp(known[i].name, word) == 0)
            return (int)i;
    return -1;
}

static void say(struct article *a, int i)
{
    if (strcmp(known[i].name, "cgroups-tools") == 0)
        bw_session_note(a->s, "there is no package cgroups-tools: Debian and Ubuntu call it "
                              "cgroup-tools, Fedora libcgroup-tools, others libcgroup");
    bw_session_note(a->s, "nothing needs installing: %s are commands of boxwright",
                    known[i].commands);
}

static bool not_done(struct article *a, int *status)
{
    BW_AUTO_FREE char *line = article_text(a, 0);

    bw_err_set(&a->s->err, "boxwright does not install packages on this machine by itself");
    bw_err_todo(&a->s->err, "outside the box: host %s%s; inside it: run %s",
                geteuid() == 0 ? "" : "sudo ", line, line);
    *status = -1;
    return true;
}

bool article_packages(struct article *a, int *status)
{
    const char *install = NULL;
    bool installs = false, all = true;
    int packages = 0;

    for (size_t i = 0; i < sizeof managers / sizeof *managers; i++)
        if (strcmp(managers[i].name, a->v[0]) == 0)
            install = managers[i].install;
    if (!install)
        return false;
    for (int i = 1; i < a->n; i++) {
        if (!installs) {
            installs = bw_str_starts(a->v[i], install);
        } else if (a->v[i][0] != '-') {
            packages++;
            all = all && known_package(a->v[i]) >= 0;
        }
    }
    if (packages == 0 || !all)
        return not_done(a, status);
    for (int i = 1; i < a->n; i++)
        if (known_package(a->v[i]) >= 0)
            say(a, known_package(a->v[i]));
    *status = 0;
    return true;
}
