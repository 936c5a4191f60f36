/* The scratch stage becomes a program. */
#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/intr.h"
#include "base/path.h"
#include "base/str.h"
#include "server_priv.h"

static const char *path_of(char *const env[])
{
    for (; *env; env++)
        if (bw_str_starts(*env, "PATH="))
            return *env + 5;
    return BW_PATH_USUAL;
}

/* One program on its way. The places to look for it are made beforehand: under a filter nothing is
 * to be called any more but execve. */
struct attempt {
    char *const *argv, *const *env;
    char **places;
    const char *tried; /* what code is about */
    int code;
    const struct bw_filter *filter;
    bool notifies;
    int listener;
    unsigned long flags;
    struct bw_err limit; /* why a limit could not be set */
    atomic_int state, tid;
};

enum state { BEGUN, FILTERED, NO_FILTER, GO, FAILED };

static char **places_of(const char *name, char *const env[])
{
    const char *dir = path_of(env);
    size_t n = 0;
    char **v = bw_alloc((strlen(dir) + 2) * sizeof *v);
    bool search = *name && !strchr(name, '/');
    if (!search)
        v[n++] = bw_strdup(name);
    BW_AUTO_STR path = BW_STR_INIT;
    while (search && bw_path_next(&dir, &path)) {
        bw_str_addf(&path, "/%s", name);
        v[n++] = bw_str_steal(&path);
    }
    v[n] = NULL;
    return v;
}

static void places_free(char **v)
{
    for (size_t i = 0; v[i]; i++)
        free(v[i]);
    free(v);
}

/* As execvp(3): EACCES of one place is remembered while the search goes on. */
static void search(struct attempt *t)
{
    t->tried = t->argv[0];
    t->code = ENOENT;
    for (size_t i = 0; t->places[i]; i++) {
        errno = 0;
        execve(t->places[i], t->argv, t->env);
        if (t->places[i][0] == '\0' || strchr(t->argv[0], '/') ||
            (errno != ENOENT && errno != ENOTDIR))
            t->code = errno;
        if (t->code == ENOENT || t->code == EACCES)
            continue;
        t->tried = t->places[i];
        return;
    }
}

/* The thread that becomes the program. A thread, so that the stage can send its listener, and say
 * why a program did not start, whatever the filter refuses. execve ends all others of a process. */
static void *become(void *arg)
{
    struct attempt *t = arg;
    atomic_store(&t->tid, (int)syscall(SYS_gettid));
    bw_intr_unblock();
    if (bw_filter_install(t->filter, t->notifies ? &t->listener : NULL, &t->flags)) {
        t->code = errno;
        atomic_store(&t->state, NO_FILTER);
        return NULL;
    }
    atomic_store(&t->state, FILTERED);
    /* Any call that waits could be one that is refused. */
    while (atomic_load(&t->state) != GO)
        ;
    search(t);
    atomic_store(&t->state, FAILED);
    syscall(SYS_exit, 0);
    for (;;)
        ;
}

/* SECCOMP_RET_KILL_THREAD ends that thread alone. Had it been the only one, as it is of a program,
 * the kernel would have ended the process with SIGSYS. */
static void end_with(const struct attempt *t, int old)
{
    int tid = atomic_load(&t->tid);
    if (tid == 0 || syscall(SYS_tgkill, getpid(), tid, 0) == 0 || errno != ESRCH)
        return;
    /* It may have said why before it ended. */
    if (atomic_load(&t->state) != old)
        return;
    bw_intr_unblock();
    raise(SIGSYS);
}

static void await(struct attempt *t, int old)
{
    struct timespec turn = {0, 50000};
    while (atomic_load(&t->state) == old) {
        nanosleep(&turn, NULL);
        if (atomic_load(&t->state) == old)
            end_with(t, old);
    }
}

static void tell_listener(struct bw_server *sv, int fd)
{
    struct bw_packet p = {.head = {.kind = BW_KIND_EVENT, .code = BW_EVENT_LISTENER}};
    bw_server_send(sv, &p, &fd, 1);
    close(fd);
}

/* Returns -1 when the filter, or a limit, could not be had. */
static int search_filtered(struct bw_server *sv, struct attempt *t)
{
    pthread_t thread;
    pthread_attr_t detached;
    pthread_attr_init(&detached);
    pthread_attr_setdetachstate(&detached, PTHREAD_CREATE_DETACHED);
    int code = pthread_create(&thread, &detached, become, t);
    pthread_attr_destroy(&detached);
    if (code && bw_confine_limits(&t->limit))
        return -1;
    if (code) {
        /* A process whose children go to another PID namespace makes no thread: then there is
         * nobody to send a listener, and the kernel answers alone. */
        bw_intr_unblock();
        if (bw_filter_install(t->filter, NULL, &t->flags))
            return t->code = errno, -1;
        search(t);
        return 0;
    }
    await(t, BEGUN);
    if (atomic_load(&t->state) == NO_FILTER)
        return -1;
    if (t->listener >= 0)
        tell_listener(sv, t->listener);
    /* Not before: little memory, or few descriptors, are the program's to do with. */
    if (bw_confine_limits(&t->limit))
        return -1;
    atomic_store(&t->state, GO);
    await(t, GO);
    return 0;
}

static int status_of(int code, const char *path)
{
    struct stat st;
    /* A file that is there but whose loader is not gives ENOENT too. */
    if (code == ENOENT && (!strchr(path, '/') || stat(path, &st) != 0))
        return BW_NOTFOUND;
    return code == ENOTDIR ? BW_NOTFOUND : BW_NOEXEC;
}

static int why(struct attempt *t, bool filtered, struct bw_err *err)
{
    BW_AUTO_STR quoted = BW_STR_INIT;
    if (t->limit.status) {
        *err = t->limit;
        err->status = BW_NOEXEC;
        return -1;
    }
    if (!filtered) {
        bw_err_call(err, t->code, "seccomp", "SECCOMP_SET_MODE_FILTER, %s, {len=%zu, filter=…}",
                    t->flags ? "SECCOMP_FILTER_FLAG_NEW_LISTENER" : "0", t->filter->n);
        err->status = BW_NOEXEC;
        return -1;
    }
    bw_str_add_quoted(&quoted, t->tried);
    bw_err_call(err, t->code, "execve", "%s, …", quoted.s);
    err->status = status_of(t->code, t->tried);
    if (t->filter && bw_filter_refuses_exec(t->filter, t->code)) {
        bw_err_cause(err, "the filter of system calls that the box's programs get refuses execve, "
                          "with which each of them begins");
        bw_err_todo(err, "seccomp off, then filter without execve");
    }
    return -1;
}

int bw_server_exec(struct bw_server *sv, const struct bw_packet *p, struct bw_err *err)
{
    size_t n = p->head.strings, argc = (size_t)p->head.n[0];
    if (argc < 1 || argc > n)
        return bw_err_set(err, "a program needs a name");
    BW_AUTO_FREE char **argv = bw_alloc((argc + 1) * sizeof *argv);
    BW_AUTO_FREE char **env = bw_alloc((n - argc + 1) * sizeof *env);
    for (size_t i = 0; i < argc; i++)
        argv[i] = (char *)(size_t)p->str[i];
    for (size_t i = argc; i < n; i++)
        env[i - argc] = (char *)(size_t)p->str[i];
    argv[argc] = env[n - argc] = NULL;

    /* Static: a thread that was refused even exit still looks at it. */
    static struct attempt t;
    t = (struct attempt){
        .argv = argv, .env = env, .places = places_of(argv[0], env), .listener = -1};
    t.filter = bw_confine_filter(&t.notifies);
    bool filtered = true;
    bw_intr_defaults();
    bw_fd_cloexec();
    if (t.filter) {
        filtered = search_filtered(sv, &t) == 0;
    } else if (bw_confine_limits(&t.limit) == 0) {
        bw_intr_unblock();
        search(&t);
    }
    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    int r = why(&t, filtered, err);
    places_free(t.places);
    return r;
}
