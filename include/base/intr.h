/* Signals sent to the shell, as flags to look at: a handler does nothing but set one. Calls that
 * wait are interrupted (EINTR), so that the flag is seen. Programs get default actions back when
 * they are executed: the signals are caught, never ignored or left blocked. */
#ifndef BW_BASE_INTR_H
#define BW_BASE_INTR_H

#include <signal.h>
#include <stdbool.h>

extern volatile sig_atomic_t bw_intr_end;  /* the signal that ends the session, or 0 */
extern volatile sig_atomic_t bw_intr_key;  /* ^C was typed; whoever acts on it sets it to 0 */
extern volatile sig_atomic_t bw_intr_size; /* the window's size changed */
extern volatile sig_atomic_t bw_intr_stop; /* ^Z was typed at the prompt */

/* Catches SIGTERM, SIGHUP, SIGPIPE (end), SIGINT (end for a script, ^C for a person) and, for a
 * person, SIGWINCH, SIGQUIT and SIGTSTP. */
void bw_intr_catch(bool interactive);

/* Stops this process's group, as ^Z is to, where a parent that does job control continues it; does
 * nothing elsewhere. leave gives the terminal away before, enter takes it again. */
void bw_intr_stop_self(void (*leave)(void *ctx), void (*enter)(void *ctx), void *ctx);

/* Blocks these signals and stores the mask from before, for ppoll(2) to wait with. */
void bw_intr_block(sigset_t *before);

/* For what becomes a program: every signal has its default action; none is blocked. */
void bw_intr_defaults(void);
void bw_intr_unblock(void);

#endif
