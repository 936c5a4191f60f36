/* What the box's programs may call, as typed so far, and who answers for what is refused. */
#ifndef BW_CMD_SECCOMP_H
#define BW_CMD_SECCOMP_H

#include <stddef.h>

#include "base/str.h"
#include "kern/profile.h"

struct bw_box;
struct bw_session;

/* A filter in use: by the box, and by the listener of each program that was started with it. */
struct bw_shared_filter {
    struct bw_filter filter;
    unsigned users;
};

struct bw_names {
    char **v;
    size_t n;
};

struct bw_seccomp {
    char *name;         /* of the profile: "docker", a file; NULL when there is none */
    struct bw_str text; /* the profile */
    struct bw_names deny, log;
    size_t calls; /* of the compiled filter: names with a rule */
    struct bw_str oci;
    struct bw_shared_filter *filter; /* NULL when nothing is filtered */
};

/* Of the box; it begins with nothing filtered. */
struct bw_seccomp *bw_seccomp_of(struct bw_box *box);
/* The box has ended: forgets its filter and closes the listeners of its programs. */
void bw_seccomp_end(struct bw_box *box);
void bw_shared_filter_drop(struct bw_shared_filter *f);

/* From now on: the listener of each program that is started is served by base/loop. A refused call
 * is shown by name and answered as the filter says. */
void bw_notify_begin(struct bw_session *s);
void bw_notify_end(const struct bw_box *box);

#endif
