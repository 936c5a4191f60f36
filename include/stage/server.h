/* The stage: the process that is the box. Single-threaded; obeys requests on its socket. */
#ifndef BW_STAGE_SERVER_H
#define BW_STAGE_SERVER_H

/* Serves until the socket closes or QUIT; never returns. As PID 1 of a namespace it reaps orphans;
 * SIGTERM, SIGINT, SIGHUP, SIGQUIT, SIGUSR1, SIGUSR2 sent to it are forwarded to its programs. */
struct bw_err;
/* cannot: why it is not fit to be one, or an empty error; told to whoever asks. */
_Noreturn void bw_stage_serve(int sock, const struct bw_err *cannot);

#endif
