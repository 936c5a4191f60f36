/* Module "seccomp": what needs libseccomp and json-c. A profile in the JSON of the OCI runtime
 * specification or of Docker, and names of calls to deny or log, become a filter: seccomp(2). The
 * module is loaded by the shell alone. */
#ifndef BW_KERN_PROFILE_H
#define BW_KERN_PROFILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/str.h"
#include "kern/seccomp.h"

struct bw_err;

struct bw_profile_request {
    const char *text; /* JSON, or NULL: all is allowed but what is denied */
    size_t len;
    char *const *deny; /* refused with EPERM whatever text says */
    size_t n_deny;
    char *const *log; /* of what is allowed, shown or logged by the kernel */
    size_t n_log;
    uint64_t bounding; /* capabilities, which rules may include or exclude */
};

struct bw_profile {
    struct bw_filter filter; /* as the kernel would run it by itself */
    size_t calls;            /* names with a rule */
    struct bw_str unknown;   /* names that libseccomp does not know, left out as runc does */
    struct bw_str oci;       /* the same without conditions, as an OCI runtime takes it */
};

/* Returns 0, or -1 with err (a usage error for a name that is no call, the place of what is wrong
 * in the text). The two texts and the filter are the caller's to free. */
int bw_profile_compile(const struct bw_profile_request *rq, struct bw_profile *out,
                       struct bw_err *err);
void bw_profile_free(struct bw_profile *p);

/* The name of a call by its number and AUDIT_ARCH_…; "call 470" when it has none. Falls back to
 * that, too, when the module is not there. */
void bw_call_name(uint32_t arch, int nr, struct bw_str *out);
/* The number of a call of this machine's own architecture, -1 when it has none of that name. */
int bw_call_number(const char *name);
/* This machine's AUDIT_ARCH_…, 0 when it cannot be told. */
uint32_t bw_call_arch(void);
/* Adds the names of all calls of this machine's own architecture, blank-separated. */
void bw_call_names(struct bw_str *out);

/* Docker's default profile: the file that is installed with boxwright. */
int bw_profile_docker(struct bw_str *text, struct bw_err *err);

#endif
