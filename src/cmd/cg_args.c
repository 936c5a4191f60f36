/* cgcreate(1), cgset(1), cgget(1), cgexec(1), cgclassify(1), cgdelete(1): -g and -r in all. */
#include "cg_args.h"

#include <stdio.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "kern/cgroup.h"

int cg_args_mask(const char *text, unsigned *mask, struct bw_err *err)
{
    *mask = 0;
    if (strcmp(text, "*") == 0)
        return 0;
    for (const char *p = text;; p++) {
        char name[32];
        size_t n = strcspn(p, ",");
        snprintf(name, sizeof name, "%.*s", (int)n, p);
        int ctl = bw_cg_by_name(name);
        if (ctl < 0 || n >= sizeof name) {
            bw_err_usage(err, "\"%s\" is no controller of boxwright", name);
            bw_err_todo(err, "the controllers are cpu, memory, pids, io and cpuset");
            return -1;
        }
        *mask |= 1u << ctl;
        p += n;
        if (*p == '\0')
            return 0;
    }
}

static int add_g(const char *text, struct cg_args *a, struct bw_err *err)
{
    const char *colon = strchr(text, ':');
    size_t n = colon ? (size_t)(colon - text) : strlen(text);
    char ctls[128];
    if (a->n_g == CG_ITEMS || n >= sizeof ctls ||
        (colon && strlen(colon + 1) >= sizeof a->g[0].group))
        return bw_err_usage(err, "-g %.40s… is too long", text);
    snprintf(ctls, sizeof ctls, "%.*s", (int)n, text);
    if (cg_args_mask(ctls, &a->g[a->n_g].mask, err))
        return -1;
    snprintf(a->g[a->n_g].group, sizeof a->g[0].group, "%s", colon ? colon + 1 : "");
    if (colon && !colon[1])
        return bw_err_usage(err, "-g %s names no group after the colon", text);
    a->n_g++;
    return 0;
}

static int add_r(char *text, struct cg_args *a, struct bw_err *err)
{
    if (a->n_r == CG_ITEMS)
        return bw_err_usage(err, "more than %d files are named", CG_ITEMS);
    a->r[a->n_r++] = text;
    return 0;
}

static int set_flag(char letter, struct cg_args *a)
{
    bool *flag = letter == 'n'   ? &a->no_header
                 : letter == 'v' ? &a->values_only
                 : letter == 'a' ? &a->all
                                 : &a->recursive;
    *flag = true;
    return 0;
}

/* -g TEXT or -gTEXT. Returns how many words it took, or -1. */
static int take_option(const char *name, char **word, const char *options, struct cg_args *a,
                       struct bw_err *err)
{
    char letter = word[0][1];
    const char *takes = strchr(options, letter);
    if (!letter || !takes) {
        bw_err_usage(err, "%s does not take %s", name, word[0]);
        bw_err_todo(err, "help %s", name);
        return -1;
    }
    if (takes[1] != ':') {
        if (word[0][2])
            return bw_err_usage(err, "%s does not take %s", name, word[0]);
        set_flag(letter, a);
        return 1;
    }
    char *text = word[0][2] ? word[0] + 2 : word[1];
    if (!text)
        return bw_err_usage(err, "-%c needs a word after it", letter);
    if (letter == 'g' ? add_g(text, a, err) : add_r(text, a, err))
        return -1;
    return word[0][2] ? 1 : 2;
}

int cg_args_parse(int argc, char **argv, const char *options, bool program, struct cg_args *a,
                  struct bw_err *err)
{
    bool words_only = false;
    *a = (struct cg_args){.program = argv + argc};
    for (int i = 1; i < argc;) {
        if (!words_only && strcmp(argv[i], "--") == 0) {
            words_only = true;
            i++;
        } else if (words_only || argv[i][0] != '-') {
            if (program) {
                a->program = argv + i;
                return 0;
            }
            if (a->n_name == CG_NAMES)
                return bw_err_usage(err, "%s takes at most %d words", argv[0], CG_NAMES);
            a->name[a->n_name++] = argv[i++];
        } else {
            int took = take_option(argv[0], argv + i, options, a, err);
            if (took < 0)
                return -1;
            i += took;
        }
    }
    return 0;
}
