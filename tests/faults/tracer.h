/* A session of boxwright under ptrace(2): its commands are given one at a time, and one system call
 * of one of its processes is made to fail. strace --inject counts calls per process from its
 * start; here they are counted from the start of a command, by the part the process plays. */
#ifndef TRACER_H
#define TRACER_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

enum role { SHELL, CHILD, STAGE, SUCCESSOR, SCRATCH, JANITOR, LOOK, PROGRAM, ROLES };
extern const char *const role_names[ROLES];

enum { CALLS_MAX = 512, PROCS_MAX = 256 };
extern const char *const call_names[CALLS_MAX];

/* Begins what a call is about that asks the kernel over netlink(7). */
#define NETLINK "netlink "

/* A call that was made: the n-th of this role and number since the command began. */
struct made {
    enum role role;
    int nr, n;
    char about[96]; /* the path it names, or what its descriptor is; digits are written N */
};

struct fault {
    enum role role;
    int nr, n, error;
};

struct proc {
    pid_t pid;
    enum role role;
    int nr;       /* of the call it is in, -1 for none */
    bool loading; /* it is executed, and its own code has not begun */
    bool failing; /* the call it is in gets the error */
    int since;    /* calls made after the one that failed */
};

struct session {
    pid_t shell;
    unsigned long long start; /* when it started, as its groups are named */
    int in;                   /* its standard input */
    char out[64], err[64];
    struct proc procs[PROCS_MAX];
    size_t n_procs;
    size_t unread; /* bytes given that the shell has not read yet */
    bool at_prompt;
    int status; /* of the shell, once it has ended */
    bool ended;

    bool armed; /* a command is being watched */
    int counts[ROLES][CALLS_MAX];
    const struct fault *fault;
    bool hit, retried;
    bool loading;  /* the call that failed was the loader's, of which nobody can tell */
    char died[64]; /* the signal that ended one of boxwright's processes, and which */
    void (*saw)(void *ctx, const struct made *m);
    void *ctx;
};

/* Starts program with standard output and error written to files in dir. 0 or -1. */
int session_start(struct session *s, const char *program, const char *dir, int n);
/* Gives a line and runs until the next is asked for, or the session has ended. -1: it hung. */
int session_give(struct session *s, const char *line);
/* Closes the standard input and runs until every process has ended. -1: some stay. */
int session_end(struct session *s);
/* Ends all that is left of it. */
void session_kill(struct session *s);
/* Milliseconds of a clock that only goes on. */
long long now_ms(void);
/* Whether boxwright's process pid belongs to the session. */
pid_t session_find(const struct session *s, enum role role);

#endif
