/* Shared by parse.c (JSON to rules), write.c (rules to OCI's JSON) and compile.c (rules to BPF). */
#ifndef BW_MODULES_SECCOMP_PRIV_H
#define BW_MODULES_SECCOMP_PRIV_H

#include <seccomp.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "kern/profile.h"

enum { ARGS = 6, CONDITIONS = 16, ARCHES = 8 };

struct action {
    const char *name; /* "SCMP_ACT_ERRNO" */
    uint32_t act;     /* libseccomp's, with the errno */
    int code;         /* errnoRet; -1 where none was given */
};

struct rule {
    char **names;
    size_t n_names;
    struct action action;
    struct scmp_arg_cmp args[CONDITIONS];
    unsigned n_args;
};

struct rules {
    struct action otherwise;
    uint32_t arches[ARCHES]; /* libseccomp's, as listed */
    const char *arch_names[ARCHES];
    size_t n_arches;
    struct rule *v;
    size_t n;
};

void rules_free(struct rules *r);
/* A rule of its own for one name. */
void rules_add(struct rules *r, const char *name, struct action action);
struct action action_make(const char *name, int code);
/* Names of comparisons, by enum scmp_compare; NULL for none. */
const char *compare_name(int op);
/* Architectures for calls of this machine that are not the native one. */
void rules_all_arches(struct rules *r);

/* Reads a profile and leaves out the rules whose conditions do not hold here. */
int rules_parse(const struct bw_profile_request *rq, struct rules *out, struct bw_err *err);
/* Adds the rules as an OCI runtime takes them. */
void rules_write(const struct rules *r, struct bw_str *out);

/* The module's functions: see kern/profile.h. */
int bw_seccomp_module_compile(const struct bw_profile_request *rq, struct bw_profile *out,
                              struct bw_err *err);
int bw_seccomp_module_name(uint32_t arch, int nr, struct bw_str *out);
int bw_seccomp_module_number(const char *name);
uint32_t bw_seccomp_module_arch(void);
void bw_seccomp_module_names(struct bw_str *out);

#endif
