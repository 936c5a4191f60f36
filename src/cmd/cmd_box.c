/* Several boxes in one session: box new, box NAME, box list, box rm, box share. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "cmd/boxes.h"
#include "cmd/handlers.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "enter.h"

enum { FILES_PER_BOX = 4, FILES_BESIDE = 128 };

unsigned bw_cmd_box_needs(int argc, char **argv)
{
    return argc > 1 && strcmp(argv[1], "share") == 0 ? BW_STEP | BW_BOX : 0;
}

/* ---- box share ---- */

static int parse_kinds(struct bw_session *s, const char *list, unsigned *kinds)
{
    BW_AUTO_FREE char *copy = bw_strdup(list);
    char *rest = NULL;
    *kinds = 0;
    for (char *w = strtok_r(copy, ",", &rest); w; w = strtok_r(NULL, ",", &rest)) {
        int ns = bw_ns_by_name(w);
        if (ns < 0)
            return bw_ns_unknown(w, &s->err);
        *kinds |= 1u << ns;
    }
    return *kinds ? 0 : bw_err_usage(&s->err, "no kind of namespace is named");
}

static int check_owner(struct bw_session *s, const struct bw_box *other, unsigned kinds)
{
    if (other == s->box)
        return bw_err_set(&s->err, "box %s shares its namespaces with itself already", other->name);
    if (bw_box_check_lean(s, other))
        return -1;
    for (int ns = 0; ns < BW_NS_COUNT; ns++) {
        if (!(kinds & 1u << ns))
            continue;
        uint64_t inode = other->stage.pid > 0 ? bw_ns_inode(other->stage.pid, (enum bw_ns)ns) : 0;
        if (inode && inode != bw_ns_inode(getpid(), (enum bw_ns)ns))
            continue;
        bw_err_set(&s->err, "box %s has no %s namespace of its own to share: it is in the host's",
                   other->name, bw_ns_table[ns].name);
        bw_err_todo(&s->err, "box %s; unshare %s; box %s", other->name, bw_ns_table[ns].name,
                    s->box->name);
        return -1;
    }
    return 0;
}

/* Of an ordinary user the kernel wants the user namespace that owns the others. */
static unsigned with_user(struct bw_session *s, const struct bw_box *other, unsigned kinds)
{
    uint64_t mine = bw_ns_inode(s->box->stage.pid, BW_NS_USER);
    uint64_t its = bw_ns_inode(other->stage.pid, BW_NS_USER);
    if (geteuid() == 0 || its == mine || its == bw_ns_inode(getpid(), BW_NS_USER) ||
        kinds & 1u << BW_NS_USER)
        return kinds;
    bw_session_note(s,
                    "the user namespace is shared too: only a member of it may enter the others");
    return kinds | 1u << BW_NS_USER;
}

static int share(struct bw_session *s, int argc, char **argv)
{
    unsigned kinds;
    if (argc != 4) {
        bw_err_usage(&s->err, "box share needs kinds of namespaces and the name of a box");
        bw_err_todo(&s->err, "box share net,ipc NAME");
        return -1;
    }
    struct bw_box *other = bw_box_need(s, argv[3]);
    if (!other || parse_kinds(s, argv[2], &kinds) || check_owner(s, other, kinds))
        return -1;
    kinds = with_user(s, other, kinds);
    for (int ns = 0; ns < BW_NS_COUNT; ns++)
        if (kinds & 1u << ns && bw_ns_inode(other->stage.pid, (enum bw_ns)ns) ==
                                    bw_ns_inode(s->box->stage.pid, (enum bw_ns)ns))
            kinds &= ~(1u << ns);
    if (kinds == 0) {
        bw_session_note(s, "box %s is in them already", s->box->name);
        return 0;
    }
    if (enter_namespaces(s, other->stage.pid, kinds) < 0)
        return -1;
    bw_box_lean(s->box, other);
    bw_session_shell(s, "nsenter --target PID, of box %s", other->name);
    bw_session_hint(s, "box list: which namespace is whose");
    return 0;
}

/* ---- box new ---- */

static int check_new(struct bw_session *s, int argc, char **argv)
{
    if (argc < 3) {
        bw_err_usage(&s->err, "box new needs a name");
        bw_err_todo(&s->err, "box new web");
        return -1;
    }
    if (bw_box_check_name(argv[2], &s->err))
        return -1;
    if (bw_box_find(s, argv[2])) {
        bw_err_set(&s->err, "there is a box %s already", argv[2]);
        bw_err_todo(&s->err, "box %s goes on with it, box rm %s removes it", argv[2], argv[2]);
        return -1;
    }
    if (s->n_boxes == BW_BOXES_MAX) {
        bw_err_set(&s->err, "the session has %d boxes, and takes no more", BW_BOXES_MAX);
        bw_err_todo(&s->err, "box rm NAME removes one");
        return -1;
    }
    for (int i = 3, n; i < argc; i += n) {
        n = strcmp(argv[i], "--net") == 0 ? 2 : strcmp(argv[i], "--share") == 0 ? 3 : 0;
        if (n > 0 && i + n <= argc)
            continue;
        bw_err_usage(&s->err, n ? "%s lacks a word after it" : "box new does not know %s", argv[i]);
        bw_err_todo(&s->err, "box new NAME --net OTHER, box new NAME --share net,ipc OTHER");
        return -1;
    }
    return 0;
}

/* Shares one thing after the other, each a step of the new box. Returns an exit status. */
static int share_all(struct bw_session *s, int argc, char **argv)
{
    static char box[] = "box", verb[] = "share", net[] = "net";
    int status = 0;
    for (int i = 3; i < argc && status == 0;) {
        bool is_net = strcmp(argv[i], "--net") == 0;
        char *words[] = {box, verb, is_net ? net : argv[i + 1], argv[i + (is_net ? 1 : 2)], NULL};
        status = bw_session_command(s, 4, words, NULL);
        i += is_net ? 2 : 3;
    }
    return status;
}

static int new_box(struct bw_session *s, int argc, char **argv)
{
    struct bw_box *before = s->box;
    if (check_new(s, argc, argv))
        return -1;
    if (bw_fd_room(FILES_PER_BOX * (s->n_boxes + 1) + FILES_BESIDE, &s->err))
        return -1;
    s->box = bw_box_add(s, argv[2]);
    int status = share_all(s, argc, argv);
    if (status == 0) {
        bw_msg(s->out, "  now in box %s\n", argv[2]);
        if (argc == 3 && s->verbose > 0 && !s->replaying)
            bw_put(s->out, BW_MSG, BW_DIM,
                   "  next: unshare %s: nothing is its own yet; box %s goes back\n",
                   geteuid() == 0 ? "uts net" : "user", before->name);
        return 0;
    }
    struct bw_box *failed = s->box;
    s->box = before;
    bw_box_remove(s, failed);
    return status;
}

/* ---- box NAME, box list, box rm ---- */

/* Read once: a thousand boxes are compared with each other. */
struct inodes {
    uint64_t ns[BW_NS_COUNT];
};

/* Those of every box, 0 where there is no process, and the host's after them. */
static struct inodes *read_inodes(const struct bw_session *s)
{
    struct inodes *v = bw_alloc((s->n_boxes + 1) * sizeof *v);
    for (size_t i = 0; i <= s->n_boxes; i++) {
        pid_t pid = i == s->n_boxes                       ? getpid()
                    : bw_stage_alive(&s->boxes[i]->stage) ? s->boxes[i]->stage.pid
                                                          : 0;
        for (int ns = 0; ns < BW_NS_COUNT; ns++)
            v[i].ns[ns] = pid > 0 ? bw_ns_inode(pid, (enum bw_ns)ns) : 0;
    }
    return v;
}

static size_t add_with(const struct bw_session *s, const struct inodes *v, size_t i, int ns,
                       struct bw_str *out)
{
    size_t n = 0;
    for (size_t k = 0; k < s->n_boxes; k++)
        if (k != i && v[k].ns[ns] == v[i].ns[ns])
            bw_str_addf(out, " %s", s->boxes[k]->name), n++;
    return n;
}

static void describe(const struct bw_session *s, const struct inodes *v, size_t i,
                     struct bw_str *out)
{
    BW_AUTO_STR own = BW_STR_INIT, shared = BW_STR_INIT;
    if (s->boxes[i]->stage.pid <= 0) {
        bw_str_add(out, "no process yet");
        return;
    }
    /* A process on its way out has no mount namespace any more. */
    if (!bw_stage_alive(&s->boxes[i]->stage) || v[i].ns[BW_NS_MNT] == 0) {
        bw_str_add(out, "ended");
        return;
    }
    for (int ns = 0; ns < BW_NS_COUNT; ns++) {
        BW_AUTO_STR with = BW_STR_INIT;
        if (v[i].ns[ns] == v[s->n_boxes].ns[ns])
            continue;
        if (add_with(s, v, i, ns, &with))
            bw_str_addf(&shared, "  %s %llu with%s", bw_ns_table[ns].name,
                        (unsigned long long)v[i].ns[ns], with.s);
        else
            bw_str_addf(&own, " %s", bw_ns_table[ns].name);
    }
    bw_str_addf(out, "own:%s%s", own.len ? own.s : " none", bw_str_get(&shared));
}

static int list(struct bw_session *s)
{
    BW_AUTO_FREE struct inodes *inodes = read_inodes(s);
    size_t width = 4;
    for (size_t i = 0; i < s->n_boxes; i++)
        if (strlen(s->boxes[i]->name) > width)
            width = strlen(s->boxes[i]->name);
    for (size_t i = 0; i < s->n_boxes; i++) {
        const struct bw_box *box = s->boxes[i];
        BW_AUTO_STR text = BW_STR_INIT, pid = BW_STR_INIT;
        describe(s, inodes, i, &text);
        bw_str_addf(&pid, "%d", (int)box->stage.pid);
        bw_data(s->out, "%c %-*s  %-8s %s\n", box == s->box ? '*' : ' ', (int)width, box->name,
                box->stage.pid > 0 ? pid.s : "-", text.s);
    }
    return 0;
}

static bool named_before(const struct bw_box *box, char **argv, int i)
{
    for (int k = 2; k < i; k++)
        if (strcmp(argv[k], box->name) == 0)
            return true;
    return false;
}

/* All of them can go, in this order, or none does. */
static int check_removal(struct bw_session *s, int argc, char **argv)
{
    for (int i = 2; i < argc; i++) {
        struct bw_box *box = bw_box_need(s, argv[i]), *current = s->box;
        if (!box)
            return -1;
        if (named_before(box, argv, i))
            return bw_err_usage(&s->err, "box %s is named twice", box->name);
        for (size_t k = 0; k < s->n_boxes; k++) {
            if (!bw_box_leans(s->boxes[k], box) || named_before(s->boxes[k], argv, i))
                continue;
            s->box = box;
            int refused = bw_box_refuse_shared(s, "box rm");
            s->box = current;
            if (refused)
                return -1;
        }
    }
    if (s->n_boxes > (size_t)argc - 2)
        return 0;
    bw_err_set(&s->err,
               s->n_boxes == 1 ? "%s is the only box, and a session has one at least"
                               : "with %s the last box would go, and a session has one at least",
               argv[argc - 1]);
    bw_err_todo(&s->err, "reset empties it");
    return -1;
}

static int remove_boxes(struct bw_session *s, int argc, char **argv)
{
    if (argc < 3) {
        bw_err_usage(&s->err, "box rm needs the name of a box");
        bw_err_todo(&s->err, "box list names those there are");
        return -1;
    }
    if (check_removal(s, argc, argv))
        return -1;
    for (int i = 2; i < argc; i++) {
        struct bw_box *box = bw_box_find(s, argv[i]), *current = s->box;
        s->box = current != box ? current : s->boxes[0] != box ? s->boxes[0] : s->boxes[1];
        bw_box_remove(s, box);
        bw_msg(s->out, "  box %s is removed%s%s\n", argv[i], current == box ? "; now in box " : "",
               current == box ? s->box->name : "");
    }
    return 0;
}

static int go_to(struct bw_session *s, const char *name)
{
    struct bw_box *box = bw_box_need(s, name);
    if (!box)
        return -1;
    s->box = box;
    BW_AUTO_FREE struct inodes *inodes = read_inodes(s);
    BW_AUTO_STR text = BW_STR_INIT;
    size_t i = 0;
    while (s->boxes[i] != box)
        i++;
    describe(s, inodes, i, &text);
    bw_msg(s->out, "  box %s: %s\n", name, text.s);
    return 0;
}

int bw_cmd_box(struct bw_session *s, int argc, char **argv)
{
    const char *what = argc > 1 ? argv[1] : "list";
    if (strcmp(what, "new") == 0)
        return new_box(s, argc, argv);
    if (strcmp(what, "share") == 0)
        return share(s, argc, argv);
    if (strcmp(what, "rm") == 0)
        return remove_boxes(s, argc, argv);
    if (argc > 2) {
        bw_err_usage(&s->err, "box %s takes no more words, not %s", what, argv[2]);
        bw_err_todo(&s->err, "box new NAME makes a box, box NAME goes on with it");
        return -1;
    }
    return strcmp(what, "list") == 0 ? list(s) : go_to(s, what);
}
