/* Errors are values. A caller owns a struct bw_err, a function fills it and returns -1.
 * Nothing in it is allocated, so it copies into a reply of the stage as it is.
 *
 * An error has three parts for the user: the call and errno as the kernel gave them, the cause
 * found by looking, and what to do. The lowest layer fills the call; kern/explain.h fills what is
 * still empty of the other two. */
#ifndef BW_BASE_ERR_H
#define BW_BASE_ERR_H

/* Exit statuses of a step; a program's own status and 128+N pass through unchanged. */
enum bw_status {
    BW_OK = 0,
    BW_REFUSED = 1,   /* the kernel or boxwright refused */
    BW_USAGE = 2,     /* wrong usage or syntax */
    BW_NOEXEC = 126,  /* found but not executable */
    BW_NOTFOUND = 127 /* program not found */
};

struct bw_err {
    int code;        /* errno, 0 when boxwright itself refused */
    int status;      /* an enum bw_status; never BW_OK once an error is set */
    char op[32];     /* the call's name: "unshare"; empty when no call failed */
    char call[512];  /* the call as made: "unshare(CLONE_NEWPID)" */
    char cause[512]; /* why, in a sentence without a full stop */
    char todo[512];  /* what to do next, or empty */
};

#define BW_ERR_INIT                                                                                \
    {                                                                                              \
        0                                                                                          \
    }

/* Forgets any error. */
void bw_err_clear(struct bw_err *e);

/* Sets a refusal by boxwright itself (status BW_REFUSED, no call). Returns -1. */
int bw_err_set(struct bw_err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets a usage or syntax error (status BW_USAGE). Returns -1. */
int bw_err_usage(struct bw_err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* Sets a failed call: errno value code, name op ("open"), and its arguments as printed between
 * the parentheses. Returns -1. errno is left as code. */
int bw_err_call(struct bw_err *e, int code, const char *op, const char *fmt, ...)
    __attribute__((format(printf, 4, 5)));

/* Sets the cause, or the way out, of an error already set; a NULL e is ignored. */
void bw_err_cause(struct bw_err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
void bw_err_todo(struct bw_err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/* The symbolic name of an errno value ("EPERM"), or "E?" for an unknown one. */
const char *bw_err_name(int code);
/* The errno value of a symbolic name ("EPERM"), or 0. */
int bw_err_by_name(const char *name);

#endif
