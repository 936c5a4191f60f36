/* Shared by client.c (the exchange), client_ops.c (the requests) and client_wait.c. */
#ifndef BW_STAGE_CLIENT_PRIV_H
#define BW_STAGE_CLIENT_PRIV_H

#include "stage/client.h"
#include "stage/proto.h"

struct bw_reply {
    int64_t n, more;
    int fd; /* set to -1 before; the caller's to close */
};

/* Sends the request and waits for its reply; the calls made go to the recorder. */
int bw_client_ask(struct bw_stage *st, struct bw_packet *p, enum bw_op op, const int *fds,
                  size_t n_fds, struct bw_reply *out, struct bw_err *err);
/* A request of some strings and two numbers that, done or done in part, has changed the box. */
int bw_client_change(struct bw_stage *st, enum bw_op op, const char *const *strings, uint32_t n,
                     int64_t n0, int64_t n1, struct bw_err *err);
/* Puts a stage on the list of those that can be asked, or takes it off. */
void bw_client_list(struct bw_stage *st, bool on);
struct bw_stage *bw_client_find(pid_t pid);
/* The boxes' own among them, by number; NULL beyond the last. */
struct bw_stage *bw_client_box(size_t i);
/* Whether this child of the shell is a box's (but: not this one's; NULL: only a stage counts). */
bool bw_client_is_of_box(pid_t pid, const struct bw_stage *but);
int bw_client_look(pid_t pid, const char *name);
/* Takes what has come in without a request. */
void bw_client_events(struct bw_stage *st);

#endif
