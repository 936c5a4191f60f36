#include "kern/trial.h"

#include <errno.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"

enum { NEEDED = 1, ALL = 2, TURN_NS = 250000, TURNS = 8000, AFTER = 200, LAST_SECONDS = 4 };

struct shared {
    volatile int step;
    _Alignas(16) char found[];
};

static _Noreturn void child(void (*run)(void *, void *, volatile int *), void *ctx,
                            struct shared *s)
{
    sigset_t alarmed;
    /* Should it not be killed, it ends by itself. */
    signal(SIGALRM, SIG_DFL);
    sigemptyset(&alarmed);
    sigaddset(&alarmed, SIGALRM);
    sigprocmask(SIG_UNBLOCK, &alarmed, NULL);
    alarm(LAST_SECONDS);
    run(ctx, s->found, &s->step);
    s->step = ALL;
    for (;;)
        sched_yield();
}

static void await(const struct shared *s)
{
    struct timespec turn = {0, TURN_NS};
    for (int i = 0, late = 0; i < TURNS && s->step < ALL && late < AFTER; i++) {
        late += s->step == NEEDED;
        nanosleep(&turn, NULL);
    }
}

static void end(pid_t pid)
{
    for (int i = 0; i < 3 && kill(pid, SIGKILL); i++)
        ;
    while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
        ;
}

int bw_trial(void (*run)(void *ctx, void *found, volatile int *step), void *ctx, void *found,
             size_t size, struct bw_err *err)
{
    size_t all = sizeof(struct shared) + size;
    struct shared *s = mmap(NULL, all, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return bw_err_call(err, errno, "mmap",
                           "NULL, %zu, PROT_READ|PROT_WRITE, "
                           "MAP_SHARED|MAP_ANONYMOUS, -1, 0",
                           all);
    pid_t pid = fork();
    int code = errno;
    if (pid == 0)
        child(run, ctx, s);
    if (pid > 0) {
        await(s);
        end(pid);
    }
    int step = s->step;
    memcpy(found, s->found, size);
    munmap(s, all);
    if (pid < 0)
        return bw_err_call(err, code, "fork", "%s", "");
    return step ? 0 : bw_err_set(err, "what was tried in a child took longer than two seconds");
}
