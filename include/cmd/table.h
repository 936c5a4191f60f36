/* The command table. An entry is a whole command: dispatch, help, completion, docs/commands.md, the
 * manual page and the "needs …" refusals are all derived from it. There is one file for each group.
 * To add a command: one entry in the src/cmd/table_*.c of its group, one handler in a cmd_*.c. */
#ifndef BW_CMD_TABLE_H
#define BW_CMD_TABLE_H

#include <stdbool.h>
#include <stddef.h>

struct bw_err;
struct bw_session;

enum bw_group {
    BW_G_NS,
    BW_G_FS,
    BW_G_CGROUP,
    BW_G_NET,
    BW_G_PRIVILEGE,
    BW_G_PROGRAM,
    BW_G_LOOK,
    BW_G_HISTORY,
    BW_G_LESSON,
    BW_G_SHELL,
    BW_G_COUNT
};

enum bw_needs {
    BW_STEP = 1,    /* changes the box: calls and changes are shown, the journal gets it */
    BW_BOX = 2,     /* the stage is started first */
    BW_OWN_MNT = 4, /* refused without a mount namespace of its own */
    BW_NET = 8,     /* interfaces are among what may change */
};

enum bw_complete {
    BW_C_NONE,
    BW_C_COMMAND,
    BW_C_NS,
    BW_C_CTL,
    BW_C_GROUP,
    BW_C_BOX,
    BW_C_HOST_PATH,
    BW_C_BOX_PATH,
    BW_C_PROGRAM,
    BW_C_PID,
    BW_C_ERRNO,
    BW_C_CAP,
    BW_C_CALL,
    BW_C_LESSON,
    BW_C_WORDS
};

struct bw_command {
    const char *name;
    const char *usage;   /* lines: "unshare NAMESPACE…\nunshare [OPTIONS] [PROGRAM…]" */
    const char *summary; /* one line, no full stop */
    const char *help;    /* paragraphs: what the kernel does, refusals, what it is not */
    const char *example; /* lines that work as typed */
    const char *shell;   /* the equivalent shell line */
    const char *man;     /* "unshare(2), unshare(1)" */
    unsigned needs;      /* enum bw_needs */
    unsigned (*needs_of)(int argc, char **argv); /* where it depends on the words; or NULL */
    enum bw_complete complete[4]; /* by argument; the last one that is not NONE repeats */
    const char *words; /* for BW_C_WORDS: the words, blank-separated; options for others */
    /* Returns an exit status, or -1 with s->err filled. argv[0] is the name. */
    int (*run)(struct bw_session *s, int argc, char **argv);
};

struct bw_command_group {
    const char *name; /* "namespaces", "file system" … */
    const struct bw_command *commands;
    size_t n;
};
extern const struct bw_command_group bw_group_ns, bw_group_fs, bw_group_cgroup, bw_group_net,
    bw_group_privilege, bw_group_program, bw_group_look, bw_group_history, bw_group_lesson,
    bw_group_shell;
extern const struct bw_command_group *const bw_groups[BW_G_COUNT];

/* All commands, group by group; NULL past the last one. */
const struct bw_command *bw_command_at(size_t i);
enum bw_group bw_command_group(const struct bw_command *c);
const struct bw_command *bw_command_find(const char *name);
/* The nearest name for a mistyped one, or NULL when none is near. */
const char *bw_command_near(const char *name);
/* Whether it is boxwright, or a way to call it, and no command of a session: err then says so. */
bool bw_command_outside(const char *name, struct bw_err *err);

#endif
