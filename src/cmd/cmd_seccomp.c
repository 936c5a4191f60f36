/* seccomp: which system calls the box's programs may make. */
#include <errno.h>
#include <fcntl.h>
#include <linux/capability.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/handlers.h"
#include "cmd/seccomp.h"
#include "cmd/session.h"
#include "kern/caps.h"
#include "kern/explain.h"
#include "kern/observe.h"

enum { PROFILE_MAX = 1 << 20 };

void bw_shared_filter_drop(struct bw_shared_filter *f)
{
    if (!f || --f->users)
        return;
    bw_filter_free(&f->filter);
    free(f);
}

static void names_free(struct bw_names *n)
{
    for (size_t i = 0; i < n->n; i++)
        free(n->v[i]);
    free(n->v);
    *n = (struct bw_names){0};
}

static void names_add(struct bw_names *n, const char *name)
{
    for (size_t i = 0; i < n->n; i++)
        if (strcmp(n->v[i], name) == 0)
            return;
    n->v = bw_realloc(n->v, (n->n + 1) * sizeof *n->v);
    n->v[n->n++] = bw_strdup(name);
}

static void seccomp_free(struct bw_seccomp *c)
{
    free(c->name);
    bw_str_free(&c->text);
    bw_str_free(&c->oci);
    names_free(&c->deny);
    names_free(&c->log);
    bw_shared_filter_drop(c->filter);
    *c = (struct bw_seccomp){.text = BW_STR_INIT, .oci = BW_STR_INIT};
}

struct bw_seccomp *bw_seccomp_of(struct bw_box *box)
{
    if (!box->seccomp) {
        box->seccomp = bw_alloc(sizeof *box->seccomp);
        *box->seccomp = (struct bw_seccomp){.text = BW_STR_INIT, .oci = BW_STR_INIT};
    }
    return box->seccomp;
}

void bw_seccomp_end(struct bw_box *box)
{
    bw_notify_end(box);
    if (box->seccomp)
        seccomp_free(box->seccomp);
    free(box->seccomp);
    box->seccomp = NULL;
}

/* A copy to change: what is in force stays until the stage has taken the new one. */
static struct bw_seccomp copy_of(const struct bw_seccomp *c)
{
    struct bw_seccomp n = {.text = BW_STR_INIT, .oci = BW_STR_INIT};
    n.name = c->name ? bw_strdup(c->name) : NULL;
    bw_str_addn(&n.text, bw_str_get(&c->text), c->text.len);
    for (size_t i = 0; i < c->deny.n; i++)
        names_add(&n.deny, c->deny.v[i]);
    for (size_t i = 0; i < c->log.n; i++)
        names_add(&n.log, c->log.v[i]);
    return n;
}

static int compile(struct bw_session *s, struct bw_seccomp *c, struct bw_str *unknown)
{
    struct bw_status_file st;
    struct bw_profile p;
    if (bw_status_read(s->box->stage.pid, &st))
        return bw_err_call(&s->err, errno, "open", "\"/proc/%d/status\"", (int)s->box->stage.pid);
    struct bw_profile_request rq = {.text = c->name ? bw_str_get(&c->text) : NULL,
                                    .len = c->text.len,
                                    .deny = c->deny.v,
                                    .n_deny = c->deny.n,
                                    .log = c->log.v,
                                    .n_log = c->log.n,
                                    .bounding = st.cap_bnd};
    if (bw_profile_compile(&rq, &p, &s->err))
        return -1;
    c->calls = p.calls;
    c->filter = bw_alloc(sizeof *c->filter);
    *c->filter = (struct bw_shared_filter){.filter = p.filter, .users = 1};
    c->oci = p.oci;
    *unknown = p.unknown;
    return 0;
}

/* An ordinary user's filter is taken only where nothing can gain privilege under it. */
static int may_filter(struct bw_session *s)
{
    struct bw_status_file st;
    if (bw_status_read(s->box->stage.pid, &st) || st.no_new_privs > 0 ||
        st.cap_eff >> CAP_SYS_ADMIN & 1)
        return 0;
    bw_session_note(s, "without CAP_SYS_ADMIN the kernel takes a filter only under no_new_privs, "
                       "which is set now for all that the box starts");
    return bw_stage_no_new_privs(&s->box->stage, &s->err);
}

static void say_unknown(struct bw_session *s, const struct bw_str *unknown)
{
    size_t n = 0;
    for (const char *p = bw_str_get(unknown); *p; p++)
        n += *p == ' ';
    if (unknown->len && s->verbose > 1)
        bw_session_note(s, "left out, as this libseccomp does not know them: %s", unknown->s);
    else if (unknown->len)
        bw_session_note(s,
                        "%zu of its names are left out, as runc does: this libseccomp does not "
                        "know them (set verbose 2 names them)",
                        n + 1);
}

/* Compiles next and has the stage take it; next is the box's then, or freed. */
static int put(struct bw_session *s, struct bw_seccomp *next)
{
    BW_AUTO_STR unknown = BW_STR_INIT;
    bw_notify_begin(s);
    if (compile(s, next, &unknown) || may_filter(s) ||
        bw_stage_filter(&s->box->stage, &next->filter->filter, &s->err)) {
        seccomp_free(next);
        return -1;
    }
    say_unknown(s, &unknown);
    struct bw_seccomp *now = bw_seccomp_of(s->box);
    seccomp_free(now);
    *now = *next;
    if (!s->box->stage.programs.notifies)
        bw_session_note(s, "this kernel, or a filter around boxwright, lets nobody listen: what is "
                           "refused is refused all the same, and not shown");
    return 0;
}

static int off(struct bw_session *s)
{
    struct bw_seccomp *now = bw_seccomp_of(s->box);
    if (!now->filter) {
        bw_session_note(s, "nothing is filtered");
        return 0;
    }
    if (bw_stage_filter(&s->box->stage, NULL, &s->err))
        return -1;
    seccomp_free(now);
    bw_session_note(s, "programs started from now on have no filter; those that run keep theirs");
    return 0;
}

static int names(struct bw_session *s, bool deny, int n, char **words)
{
    struct bw_seccomp next = copy_of(bw_seccomp_of(s->box));
    for (int i = 0; i < n; i++)
        names_add(deny ? &next.deny : &next.log, words[i]);
    if (put(s, &next))
        return -1;
    bw_session_hint(s,
                    deny ? "run a program that calls %s: it is refused, and shown"
                         : "run a program that calls %s: it is shown",
                    words[0]);
    return 0;
}

static int read_profile(struct bw_session *s, const char *path, struct bw_str *text)
{
    BW_AUTO_FD fd = open(path, O_RDONLY | O_NONBLOCK | O_CLOEXEC);
    struct stat st;
    if (fd < 0 || fstat(fd, &st)) {
        bw_err_call(&s->err, errno, "open", "\"%s\", O_RDONLY|O_NONBLOCK|O_CLOEXEC", path);
        /* The shell reads it, on the host. */
        bw_explain_fill(&s->err, 0);
        return -1;
    }
    if (!S_ISREG(st.st_mode) || st.st_size > PROFILE_MAX) {
        bw_err_set(&s->err,
                   S_ISREG(st.st_mode) ? "%s is larger than a profile can be (1 MiB)"
                                       : "%s is no regular file",
                   path);
        return -1;
    }
    char *buf = bw_alloc((size_t)st.st_size + 1);
    ssize_t n = pread(fd, buf, (size_t)st.st_size, 0);
    if (n > 0)
        bw_str_addn(text, buf, (size_t)n);
    free(buf);
    return n == st.st_size ? 0 : bw_err_set(&s->err, "%s cannot be read whole", path);
}

static int profile(struct bw_session *s, const char *name)
{
    struct bw_seccomp next = copy_of(bw_seccomp_of(s->box));
    bw_str_clear(&next.text);
    free(next.name);
    next.name = bw_strdup(name);
    bool docker = strcmp(name, "docker") == 0;
    if (docker ? bw_profile_docker(&next.text, &s->err) : read_profile(s, name, &next.text)) {
        seccomp_free(&next);
        return -1;
    }
    size_t denied = next.deny.n + next.log.n;
    if (put(s, &next))
        return -1;
    if (denied)
        bw_session_note(s, "what was denied or logged by name before is so still");
    bw_session_shell(s, "runc run, with linux.seccomp of config.json");
    bw_session_hint(s, "seccomp show NAME: what is said to a call");
    return 0;
}

static void verdict_words(uint32_t v, struct bw_str *out)
{
    uint32_t data = v & SECCOMP_RET_DATA;
    switch (v & SECCOMP_RET_ACTION_FULL) {
    case SECCOMP_RET_ALLOW:
        bw_str_add(out, "allowed");
        break;
    case SECCOMP_RET_LOG:
        bw_str_add(out, "allowed, and logged");
        break;
    case SECCOMP_RET_ERRNO:
        bw_str_addf(out, "refused: %s", data ? bw_err_name((int)data) : "told that it was done");
        break;
    case SECCOMP_RET_TRAP:
        bw_str_add(out, "ends the program with SIGSYS, if it does not catch it");
        break;
    case SECCOMP_RET_TRACE:
        bw_str_add(out, "left to a tracer; ENOSYS without one");
        break;
    default:
        bw_str_add(out, "kills the program");
        break;
    }
}

static int show_calls(struct bw_session *s, const struct bw_seccomp *c, int n, char **words)
{
    for (int i = 0; i < n; i++) {
        struct seccomp_data d = {.nr = bw_call_number(words[i]), .arch = bw_call_arch()};
        BW_AUTO_STR text = BW_STR_INIT;
        if (d.nr < 0)
            return bw_err_usage(&s->err, "%s is no system call of this machine", words[i]);
        bool args = false;
        verdict_words(c->filter ? bw_filter_run(&c->filter->filter, &d, &args) : SECCOMP_RET_ALLOW,
                      &text);
        bw_data(s->out, "%-20s  %s%s\n", words[i], text.s,
                args ? ", with arguments of 0: it depends on them" : "");
    }
    return 0;
}

static void print_names(struct bw_session *s, const char *what, const struct bw_names *n)
{
    if (n->n == 0)
        return;
    bw_data(s->out, "%-12s ", what);
    for (size_t i = 0; i < n->n; i++)
        bw_data(s->out, " %s", n->v[i]);
    bw_data(s->out, "\n");
}

static int show(struct bw_session *s)
{
    const struct bw_seccomp *c = bw_seccomp_of(s->box);
    const struct bw_stage_programs *p = &s->box->stage.programs;
    BW_AUTO_STR safe = BW_STR_INIT;
    if (!c->filter) {
        bw_data(s->out, "no filter: programs may make every call\n");
        return 0;
    }
    bw_data(s->out, "%-12s  %s\n", "profile",
            c->name ? bw_str_safe(&safe, c->name) : "none: all is allowed but what is denied");
    print_names(s, "denied", &c->deny);
    print_names(s, "logged", &c->log);
    bw_data(s->out, "%-12s  %u instructions, %zu rules for calls\n", "filter", p->instructions,
            c->calls);
    bw_data(s->out, "%-12s  %s\n", "mode",
            p->seccomp == 2 ? "2 (filter), as a child that tried it "
                              "read it"
                            : "not known: reading it is refused");
    bw_data(s->out, "%-12s  %s\n", "refused", p->notifies ? "is shown by name" : "is not shown");
    return 0;
}

static int oci(struct bw_session *s)
{
    const struct bw_seccomp *c = bw_seccomp_of(s->box);
    if (!c->filter) {
        bw_err_set(&s->err, "the box has no filter to write down");
        bw_err_todo(&s->err, "seccomp docker, or seccomp deny NAME, comes first");
        return -1;
    }
    bw_data(s->out, "%s\n", bw_str_get(&c->oci));
    return 0;
}

int bw_cmd_seccomp(struct bw_session *s, int argc, char **argv)
{
    const char *verb = argc > 1 ? argv[1] : "show";
    bool deny = strcmp(verb, "deny") == 0;
    if (strcmp(verb, "show") == 0)
        return argc > 2 ? show_calls(s, bw_seccomp_of(s->box), argc - 2, argv + 2) : show(s);
    if (deny || strcmp(verb, "log") == 0) {
        if (argc < 3)
            return bw_err_usage(&s->err, "seccomp %s needs names of system calls", verb);
        return names(s, deny, argc - 2, argv + 2);
    }
    if (argc > 2)
        return bw_err_usage(&s->err, "seccomp %s takes nothing more", verb);
    if (strcmp(verb, "off") == 0)
        return off(s);
    if (strcmp(verb, "oci") == 0)
        return oci(s);
    if (strcmp(verb, "docker") == 0 || strpbrk(verb, "./"))
        return profile(s, verb);
    bw_err_usage(&s->err, "seccomp has no %s", verb);
    bw_err_todo(&s->err,
                "seccomp deny %s refuses a call of that name; a profile's file is named "
                "with its folder: ./%s",
                verb, verb);
    return -1;
}
