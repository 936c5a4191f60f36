/* The words of libcgroup's tools. */
#ifndef BW_CMD_CG_ARGS_H
#define BW_CMD_CG_ARGS_H

#include <stdbool.h>

struct bw_cg;
struct bw_err;

enum { CG_ITEMS = 32, CG_NAMES = 256 };

struct cg_args {
    struct {
        unsigned mask; /* 0 for "*" */
        char group[80];
    } g[CG_ITEMS]; /* -g CONTROLLERS:GROUP; the group is empty in cgget's -g CONTROLLERS GROUP */
    int n_g;
    char *r[CG_ITEMS]; /* -r FILE or FILE=VALUE */
    int n_r;
    bool no_header, values_only, all, recursive;
    char *name[CG_NAMES]; /* the other words, argv's own */
    int n_name;
    char **program; /* the first other word and all after it, in argv; ends with NULL */
};

/* Parses argv[1..]; options holds the letters this tool takes, with a colon after those that
 * need a word ("g:r:nv"). With program the first other word begins one. Returns 0, or -1 with a
 * usage error. */
int cg_args_parse(int argc, char **argv, const char *options, bool program, struct cg_args *a,
                  struct bw_err *err);

/* "cpu,memory" as a mask, "*" as 0. Returns 0, or -1 with a usage error. */
int cg_args_mask(const char *text, unsigned *mask, struct bw_err *err);

#endif
