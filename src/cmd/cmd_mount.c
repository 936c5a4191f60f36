/* Mounts: mount, umount, bind, mountproc, overlay. */
#include <errno.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cmd/handlers.h"
#include "cmd/session.h"
#include "kern/mnt.h"
#include "kern/observe.h"
#include "untrusted.h"

static int do_mount(struct bw_session *s, const char *source, const char *target, const char *type,
                    unsigned long flags, const char *data)
{
    if (stays_in_box(s, target))
        return -1;
    BW_AUTO_FREE char *root = NULL;
    BW_AUTO_FREE char *source_root = NULL;
    if (untrusted_root(s, target, &root) ||
        (flags & MS_BIND && untrusted_root(s, source, &source_root)))
        return -1;
    return bw_stage_mount(&s->box->stage, root, source, source_root, target, type, flags, data,
                          &s->err);
}

/* Read-only takes a second call: the first ignores MS_RDONLY. Both or none. */
static int do_bind(struct bw_session *s, const char *source, const char *target,
                   unsigned long flags)
{
    if (do_mount(s, source, target, NULL, flags & (MS_BIND | MS_REC), NULL))
        return -1;
    unsigned long rest = flags & ~(unsigned long)(MS_BIND | MS_REC);
    BW_AUTO_FREE char *root = NULL;
    if (rest && untrusted_root(s, target, &root))
        return -1;
    if (!rest || bw_stage_mount(&s->box->stage, root, NULL, NULL, target, NULL,
                                rest | MS_REMOUNT | MS_BIND, NULL, &s->err) == 0)
        return 0;
    struct bw_err failed = s->err;
    if (bw_stage_umount(&s->box->stage, root, target, MNT_DETACH, &s->err) == 0)
        s->box->stage.changes = 0;
    s->err = failed;
    return -1;
}

static int list_mounts(struct bw_session *s)
{
    struct bw_mounts m;
    if (box_mounts(s, &m))
        return -1;
    for (size_t i = 0; i < m.n; i++) {
        BW_AUTO_STR line = BW_STR_INIT, safe = BW_STR_INIT;
        bw_str_addf(&line, "%s on %s type %s (%s)%s%s", m.v[i].source, m.v[i].target, m.v[i].type,
                    m.v[i].options, *m.v[i].propagation ? " " : "", m.v[i].propagation);
        bw_str_add_safe(&safe, line.s);
        bw_data(s->out, "%s\n", safe.s);
    }
    bw_mounts_free(&m);
    return 0;
}

struct request {
    const char *type, *what[2];
    int n;
    unsigned long flags;
    char *data;
};

static int parse_mount(struct bw_session *s, int argc, char **argv, struct request *r)
{
    for (int i = 1; i < argc; i++) {
        char *word = argv[i], *data = NULL;
        if (strcmp(word, "--bind") == 0 || strcmp(word, "--rbind") == 0) {
            r->flags |= MS_BIND | (word[2] == 'r' ? MS_REC : 0UL);
        } else if (bw_str_starts(word, "--make-")) {
            if (bw_mnt_options(word + 7, &r->flags, &data, &s->err) || data) {
                free(data);
                return bw_err_usage(&s->err, "mount has no option %s", word);
            }
        } else if ((strcmp(word, "-t") == 0 || strcmp(word, "-o") == 0) && i + 1 < argc) {
            if (word[1] == 't')
                r->type = argv[++i];
            else if (bw_mnt_options(argv[++i], &r->flags, &r->data, &s->err))
                return -1;
        } else if (*word == '-' || r->n == 2) {
            return bw_err_usage(&s->err, "mount does not know %s", word);
        } else {
            r->what[r->n++] = word;
        }
    }
    return 0;
}

enum { PROPAGATIONS = MS_PRIVATE | MS_SLAVE | MS_SHARED | MS_UNBINDABLE };

static int mount_request(struct bw_session *s, const struct request *r)
{
    if (r->flags & PROPAGATIONS && r->n == 1)
        return bw_stage_propagation(&s->box->stage, r->what[0], r->flags, &s->err);
    if (r->n != 2) {
        bw_err_usage(&s->err, "mount needs a source (or a type) and a target");
        bw_err_todo(&s->err, "mount tmpfs /tmp, mount -t TYPE -o OPTIONS SOURCE TARGET, "
                             "mount --bind SOURCE TARGET, mount --make-rprivate /");
        return -1;
    }
    if (r->flags & MS_BIND)
        return do_bind(s, r->what[0], r->what[1], r->flags);
    /* mount proc /proc: the one word is type and source */
    const char *type = r->type ? r->type : r->what[0];
    return do_mount(s, r->what[0], r->what[1], type, r->flags, r->data);
}

int bw_cmd_mount(struct bw_session *s, int argc, char **argv)
{
    struct request r = {0};
    if (argc == 1)
        return list_mounts(s);
    int done = parse_mount(s, argc, argv, &r);
    if (done == 0 && !bw_session_own(s, BW_NS_MNT)) {
        bw_err_set(&s->err, "mount needs a mount namespace of its own: this box still shares the "
                            "host's, and no mount of boxwright reaches the host");
        bw_err_todo(&s->err, "unshare mnt, then mount again");
        done = -1;
    }
    if (done == 0)
        done = mount_request(s, &r);
    free(r.data);
    if (done == 0)
        bw_session_shell(s, "mount -t TYPE SOURCE TARGET");
    return done;
}

int bw_cmd_umount(struct bw_session *s, int argc, char **argv)
{
    bool lazy = argc == 3 && strcmp(argv[1], "-l") == 0;
    if (argc != (lazy ? 3 : 2) || *argv[argc - 1] == '-')
        return bw_err_usage(&s->err, "usage: umount [-l] TARGET");
    BW_AUTO_FREE char *root = NULL;
    if (untrusted_root(s, argv[argc - 1], &root))
        return -1;
    if (bw_stage_umount(&s->box->stage, root, argv[argc - 1], lazy ? MNT_DETACH : 0, &s->err))
        return -1;
    bw_session_shell(s, "umount %s", argv[argc - 1]);
    return 0;
}

int bw_cmd_bind(struct bw_session *s, int argc, char **argv)
{
    bool ro = argc > 1 && strcmp(argv[1], "--ro") == 0;
    int first = ro ? 2 : 1;
    if (argc != first + 2)
        return bw_err_usage(&s->err, "usage: bind [--ro] SOURCE TARGET");
    if (do_bind(s, argv[first], argv[first + 1], MS_BIND | MS_REC | (ro ? MS_RDONLY : 0UL)))
        return -1;
    bw_session_shell(s, "mount --rbind %s %s", argv[first], argv[first + 1]);
    return 0;
}

/* As util-linux does: a mount namespace first if there is none, and nothing shared. */
static int own_mounts(struct bw_session *s)
{
    if (bw_session_own(s, BW_NS_MNT))
        return 0;
    if (bw_stage_unshare(&s->box->stage, CLONE_NEWNS, &s->err))
        return -1;
    return bw_stage_propagation(&s->box->stage, "/", MS_PRIVATE, &s->err);
}

int bw_cmd_mountproc(struct bw_session *s, int argc, char **argv)
{
    const char *target = argc > 1 ? argv[1] : "/proc";
    if (argc > 2 || *target == '-')
        return bw_err_usage(&s->err, "usage: mountproc [DIR]");
    if (own_mounts(s) ||
        do_mount(s, "proc", target, "proc", MS_NOSUID | MS_NODEV | MS_NOEXEC, NULL))
        return -1;
    bw_session_shell(s, "mount -t proc proc %s", target);
    if (!bw_session_own(s, BW_NS_PID))
        bw_session_note(s, "the box shares the host's PID namespace: this proc shows the host's "
                           "processes (unshare pid first)");
    else
        bw_session_hint(s, "run ps: only the box's processes");
    return 0;
}

static int overlay_on_tmpfs(struct bw_session *s, const char *lower, const char *target)
{
    /* Upper and work must lie on one file system that is not the lower's root: a tmpfs, made on the
     * target itself and then covered by the overlay. */
    BW_AUTO_STR upper = BW_STR_INIT, work = BW_STR_INIT, data = BW_STR_INIT;
    bw_str_addf(&upper, "%s/upper", target);
    bw_str_addf(&work, "%s/work", target);
    if (do_mount(s, "tmpfs", target, "tmpfs", MS_NOSUID | MS_NODEV, "mode=755") ||
        bw_stage_mkdir(&s->box->stage, NULL, upper.s, 0755, false, &s->err) ||
        bw_stage_mkdir(&s->box->stage, NULL, work.s, 0755, false, &s->err))
        return -1;
    bw_str_addf(&data, "lowerdir=%s,upperdir=%s,workdir=%s", lower, upper.s, work.s);
    return do_mount(s, "overlay", target, "overlay", 0, data.s);
}

int bw_cmd_overlay(struct bw_session *s, int argc, char **argv)
{
    BW_AUTO_STR data = BW_STR_INIT;
    int r;
    if (argc != 3 && argc != 5)
        return bw_err_usage(&s->err, "usage: overlay LOWER[:LOWER...] TARGET [UPPER WORK]");
    for (int i = 1; i < argc; i++)
        if (strchr(argv[i], ','))
            return bw_err_usage(&s->err, "%s has a comma, which overlay takes for the next option",
                                argv[i]);
    if (argc == 3) {
        r = overlay_on_tmpfs(s, argv[1], argv[2]);
    } else {
        bw_str_addf(&data, "lowerdir=%s,upperdir=%s,workdir=%s", argv[1], argv[3], argv[4]);
        r = do_mount(s, "overlay", argv[2], "overlay", 0, data.s);
    }
    if (r == 0) {
        bw_session_shell(s,
                         "mount -t overlay overlay -o lowerdir=LOWER,upperdir=UPPER,workdir=WORK "
                         "TARGET");
        bw_session_hint(s, "what is written to %s goes to the upper layer alone", argv[2]);
    }
    return r;
}
