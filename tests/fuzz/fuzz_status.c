/* /proc/PID/status, stat, fdinfo, children, net/dev, and pressure files */
#include <stdlib.h>
#include <string.h>

#include "../../src/model/live_priv.h"
#include "base/str.h"
#include "fuzz.h"
#include "kern/observe.h"

static bool same(const struct bw_status_file *a, const struct bw_status_file *b)
{
    return strcmp(a->comm, b->comm) == 0 && a->state == b->state && a->ppid == b->ppid &&
           a->n_nspid == b->n_nspid &&
           memcmp(a->nspid, b->nspid, (size_t)a->n_nspid * sizeof *a->nspid) == 0 &&
           memcmp(a->uid, b->uid, sizeof a->uid) == 0 &&
           memcmp(a->gid, b->gid, sizeof a->gid) == 0 && a->cap_inh == b->cap_inh &&
           a->cap_prm == b->cap_prm && a->cap_eff == b->cap_eff && a->cap_bnd == b->cap_bnd &&
           a->cap_amb == b->cap_amb && a->no_new_privs == b->no_new_privs &&
           a->seccomp == b->seccomp;
}

/* What was read, written as the kernel writes it, is read as the same. */
static void check_again(const struct bw_status_file *f)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct bw_status_file again;

    bw_str_addf(&text, "Name:\t%s\nState:\t%c\nPPid:\t%d\nNSpid:", f->comm, f->state, f->ppid);
    for (int i = 0; i < f->n_nspid; i++)
        bw_str_addf(&text, "\t%d", f->nspid[i]);
    bw_str_addf(&text, "\nUid:\t%u\t%u\t%u\t%u\n", f->uid[0], f->uid[1], f->uid[2], f->uid[3]);
    bw_str_addf(&text, "Gid:\t%u\t%u\t%u\t%u\n", f->gid[0], f->gid[1], f->gid[2], f->gid[3]);
    bw_str_addf(&text, "CapInh:\t%016llx\nCapPrm:\t%016llx\n", (unsigned long long)f->cap_inh,
                (unsigned long long)f->cap_prm);
    bw_str_addf(&text, "CapEff:\t%016llx\nCapBnd:\t%016llx\n", (unsigned long long)f->cap_eff,
                (unsigned long long)f->cap_bnd);
    bw_str_addf(&text, "CapAmb:\t%016llx\nNoNewPrivs:\t%d\nSeccomp:\t%d\n",
                (unsigned long long)f->cap_amb, f->no_new_privs, f->seccomp);
    FUZZ_CHECK(bw_status_parse(text.s, text.len, &again) == 0);
    FUZZ_CHECK(same(f, &again));
}

static void check_status(const uint8_t *data, size_t size)
{
    struct bw_status_file f;
    int r = bw_status_parse((const char *)data, size, &f);

    FUZZ_CHECK(memchr(f.comm, '\0', sizeof f.comm) != NULL);
    FUZZ_CHECK(f.n_nspid >= 0 && f.n_nspid <= 32);
    if (r == 0)
        check_again(&f);
}

static void check_links(const char *text)
{
    struct bw_live l = {0};

    bw_live_parse_links(text, &l);
    FUZZ_CHECK(l.n_links <= BW_LIVE_LINES);
    for (size_t i = 0; i < l.n_links; i++)
        FUZZ_CHECK(strlen(l.links[i].name) < sizeof l.links[i].name);
    free(l.links);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    struct fuzz_input in = {data, size};
    BW_AUTO_FREE char *text = fuzz_rest(&in);
    pid_t children[16];

    check_status(data, size);
    check_links(text);
    bw_starttime_parse(text);
    bw_fdinfo_parse(text);
    FUZZ_CHECK(bw_children_parse(text, children, 16) <= 16);
    FUZZ_CHECK(bw_live_parse_pressure(text) >= -1);
    return 0;
}
