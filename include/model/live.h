/* The box as it is now, sampled again and again: what the pane draws and what watchers are sent.
 * All of it was observed; steps and calls are the journal's. */
#ifndef BW_MODEL_LIVE_H
#define BW_MODEL_LIVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "model/snapshot.h"

struct bw_journal;
struct bw_str;

enum {
    BW_LIVE_HISTORY = 240,   /* CPU samples kept */
    BW_LIVE_PROCESSES = 200, /* of the tree; more are counted as far as pids.current tells */
    BW_LIVE_LINES = 64       /* mounts, steps, calls */
};

struct bw_live_process {
    pid_t pid, nspid;
    int depth; /* 0: the box's stage */
    char state;
    char comm[64];
};

struct bw_live_link { /* an interface of the network namespace */
    char name[20];
    long long rx, tx; /* bytes */
};

struct bw_lines {
    char **v;
    size_t n;
};

struct bw_live {
    pid_t session;                      /* the shell */
    bool box;                           /* there is one, and snap and what follows are of it */
    struct bw_snapshot snap;            /* mounts and processes included */
    uint64_t owner[BW_NS_COUNT];        /* the user namespace that owns each, 0 unknown */
    bool changed[BW_NS_COUNT];          /* by the last change there was */
    bool children_changed[BW_NS_COUNT]; /* the namespace of its children, by the same change */
    char with[BW_NS_COUNT][48];         /* the session's other boxes that are in it, by name */
    struct bw_live_process *tree;       /* in the order of a tree */
    size_t n_tree;
    bool more; /* processes than are listed */
    struct bw_live_link *links;
    size_t n_links;
    struct bw_lines mounts; /* that differ from the host's */
    struct bw_lines steps, calls;
    int cpu;                          /* now, in tenths of a percent of one core; -1 unknown */
    int16_t history[BW_LIVE_HISTORY]; /* the same, oldest first; -1 where it was not known */
    int n_history;                    /* of history, from its end */
    int pressure[3];                  /* cpu, memory, io: some avg10 in hundredths of %; -1 n/a */
    char cg_name[BW_CG_COUNT][128];   /* the groups that the counters are of */
    bool own_devices;                 /* a group of v1's devices controller, which counts nothing */
};

/* Takes samples for one session. */
struct bw_sampler;
struct bw_sampler *bw_sampler_new(void);
void bw_sampler_free(struct bw_sampler *s);
/* Looks at the process (0: no box) and fills live, which is cleared to 0 before its first use and
 * goes on from there. fresh: look at everything, also at what seldom changes (after a command). */
void bw_sampler_take(struct bw_sampler *s, pid_t pid, const struct bw_journal *j, bool fresh,
                     struct bw_live *live);
void bw_live_free(struct bw_live *l);
/* The controllers in which the box has a group of its own, a mask of 1u << enum bw_cg_ctl. */
unsigned bw_live_groups(const struct bw_live *l);

/* Live as bytes, for watchers of the same build, and back: anything malformed is refused (-1,
 * errno EPROTO) and leaves *l empty. At most BW_LIVE_BYTES; lists are cut to fit. */
enum { BW_LIVE_BYTES = 120000 };
void bw_live_pack(const struct bw_live *l, struct bw_str *out);
int bw_live_unpack(const void *data, size_t len, struct bw_live *l);

#endif
