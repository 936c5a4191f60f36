#include "base/intr.h"

#include <stddef.h>
#include <unistd.h>

volatile sig_atomic_t bw_intr_end, bw_intr_key, bw_intr_size, bw_intr_stop;

static const int script_signals[] = {SIGTERM, SIGHUP, SIGPIPE, SIGINT};
static const int person_signals[] = {SIGWINCH, SIGQUIT, SIGTSTP};
static volatile sig_atomic_t person;

static void on_signal(int sig)
{
    if (sig == SIGWINCH)
        bw_intr_size = 1;
    else if (sig == SIGTSTP)
        bw_intr_stop = 1;
    else if (sig == SIGINT && person)
        bw_intr_key = 1;
    else if (sig != SIGQUIT && bw_intr_end == 0)
        bw_intr_end = sig;
}

static void catch (const int *sigs, size_t n)
{
    struct sigaction now, act = {.sa_handler = on_signal};

    sigfillset(&act.sa_mask);
    for (size_t i = 0; i < n; i++) {
        /* What nohup set stays. */
        if (sigaction(sigs[i], NULL, &now) == 0 && now.sa_handler != SIG_IGN)
            sigaction(sigs[i], &act, NULL);
    }
}

void bw_intr_catch(bool interactive)
{
    person = interactive;
    /* A file that grows over ulimit -f is the error EFBIG, which can be told. */
    signal(SIGXFSZ, SIG_IGN);
    catch (script_signals, sizeof script_signals / sizeof *script_signals);
    if (interactive)
        catch (person_signals, sizeof person_signals / sizeof *person_signals);
}

void bw_intr_stop_self(void (*leave)(void *ctx), void (*enter)(void *ctx), void *ctx)
{
    bw_intr_stop = 0;
    if (getsid(0) == getpid() || getsid(getppid()) != getsid(0) || getpgid(getppid()) == getpgrp())
        return;
    leave(ctx);
    kill(0, SIGSTOP);
    enter(ctx);
}

void bw_intr_block(sigset_t *before)
{
    sigset_t set;

    sigemptyset(&set);
    for (size_t i = 0; i < sizeof script_signals / sizeof *script_signals; i++)
        sigaddset(&set, script_signals[i]);
    for (size_t i = 0; i < sizeof person_signals / sizeof *person_signals; i++)
        sigaddset(&set, person_signals[i]);
    sigprocmask(SIG_BLOCK, &set, before);
}

void bw_intr_defaults(void)
{
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
}

void bw_intr_unblock(void)
{
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}
