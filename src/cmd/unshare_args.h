/* The two spellings of unshare, parsed. */
#ifndef BW_CMD_UNSHARE_ARGS_H
#define BW_CMD_UNSHARE_ARGS_H

#include <getopt.h>
#include <stdbool.h>
#include <sys/types.h>

#include "idmaps.h"

struct bw_err;

struct unshare_args {
    int flags;   /* CLONE_NEW… */
    bool dashed; /* util-linux's spelling */
    bool fork;
    const char *proc;          /* where to mount proc, or NULL */
    unsigned long propagation; /* MS_PRIVATE …, 0 for unchanged */
    struct idmaps maps;
    long long monotonic, boottime; /* seconds */
    bool offsets;
    const char *root;
    long long uid_to, gid_to; /* --setuid, --setgid; -1 for none */
    char **program;           /* NULL-terminated rest, or NULL */
};

/* util-linux's options that are understood, ended by one without a name. */
extern const struct option unshare_options[];

/* Returns 0, or -1 with a usage error. */
int unshare_parse(int argc, char **argv, struct unshare_args *a, struct bw_err *err);

#endif
