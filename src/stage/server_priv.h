/* Shared by server.c (the loop) and server_ops.c, server_exec.c (what is asked of it). */
#ifndef BW_STAGE_SERVER_PRIV_H
#define BW_STAGE_SERVER_PRIV_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

#include "base/err.h"
#include "kern/seccomp.h"
#include "stage/proto.h"

#define BW_SERVER_FDS 4 /* descriptors beside one packet, at most */

struct bw_watch {
    pid_t pid;
    int event; /* enum bw_event that is still to be told, or 0 */
    int status;
};

struct bw_server {
    int sock, sigfd;
    struct bw_err cannot; /* why no request is done, or empty */
    bool quit, scratch;
    bool retired; /* succeeded, but the parent of programs still: it tells of them, no more */
    unsigned generation; /* how many stages came before */
    bool guard;          /* the program is not to type into the terminal */
    bool group;          /* a successor, too, leads a process group of its own */
    bool tty;            /* the program, whoever becomes it, gets descriptor 0 as its terminal */
    struct bw_watch *watches; /* programs the shell wants to hear about */
    size_t n_watches;
};

struct bw_request {
    const struct bw_packet *packet;
    int fds[BW_SERVER_FDS]; /* closed after the request; -1 once taken */
    size_t n_fds;
};

/* What an operation answers beside success or failure. */
struct answer {
    int64_t n, more;
    int fd; /* sent along, then closed; -1 for none */
};

/* Privilege: server_confine.c. */
int bw_op_caps(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err);
int bw_op_no_new_privs(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                       struct bw_err *err);

int bw_op_filter(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err);
int bw_op_mask(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err);
int bw_op_mask_root(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                    struct bw_err *err);
int bw_op_devices(struct bw_server *sv, struct bw_request *rq, struct answer *a,
                  struct bw_err *err);
int bw_op_rlimit(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err);
int bw_op_attack(struct bw_server *sv, struct bw_request *rq, struct answer *a, struct bw_err *err);
/* Sets the resource limits of programs on the calling process, which is about to become one. */
int bw_confine_limits(struct bw_err *err);
/* The filter that programs get, or NULL; notifies: they are to have a listener. What the stage
 * forks has it too. */
const struct bw_filter *bw_confine_filter(bool *notifies);

/* Signals blocked and taken by signalfd, orphans adopted. */
void bw_server_init(struct bw_server *sv, int sock);
_Noreturn void bw_server_run(struct bw_server *sv);
/* Does what the request says and replies. */
void bw_server_handle(struct bw_server *sv, struct bw_request *rq);
int bw_server_send(struct bw_server *sv, const struct bw_packet *p, const int *fds, size_t n_fds);
void bw_server_watch(struct bw_server *sv, pid_t pid);
/* Whether a program, or an orphan of one, is its child still. */
bool bw_server_has_children(struct bw_server *sv);

/* The terminal's guard, where one is wanted and the kernel still lets it be set. */
void bw_server_guard(struct bw_server *sv);

/* Becomes the program; returns -1 with err (status 126 or 127) when that fails. */
int bw_server_exec(struct bw_server *sv, const struct bw_packet *p, struct bw_err *err);

#endif
