/* Resource limits of programs: getrlimit(2). */
#ifndef BW_KERN_RLIMITS_H
#define BW_KERN_RLIMITS_H

#include <stdbool.h>
#include <sys/resource.h>

struct bw_err;
struct bw_str;

struct bw_rlimit_info {
    const char *name; /* "nofile", as ulimit.conf and OCI have it */
    int resource;     /* RLIMIT_NOFILE */
    const char *about;
    bool bytes; /* counted in bytes: K, M and G may be used */
};

#define BW_RLIMITS 15
extern const struct bw_rlimit_info bw_rlimits[BW_RLIMITS];

/* Its place in the table, which the functions below take; -1 for none. */
int bw_rlimit_by_name(const char *name);
/* "1024", "1024:4096", "64M", "unlimited"; one number is both limits. */
int bw_rlimit_parse(const struct bw_rlimit_info *info, const char *text, struct rlimit *out,
                    struct bw_err *err);
/* Adds a number, or "unlimited". */
void bw_rlimit_add(rlim_t v, struct bw_str *out);

/* In the calling process. EPERM: the hard limit is above what it has, without CAP_SYS_RESOURCE. */
int bw_rlimit_set(int which, const struct rlimit *r, struct bw_err *err);
/* Tries it in a child that ends at once; *r is what the kernel kept then. */
int bw_rlimit_try(int which, struct rlimit *r, struct bw_err *err);

#endif
