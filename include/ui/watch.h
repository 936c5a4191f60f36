/* Watching a session from another terminal. The session listens on a SOCK_SEQPACKET socket of mode
 * 0600 in a folder of mode 0700, takes only peers of its own user and root, and sends each sample
 * as one packet without ever waiting: a watcher that stops reading misses samples. */
#ifndef BW_UI_WATCH_H
#define BW_UI_WATCH_H

#include <stdbool.h>
#include <sys/types.h>

struct bw_err;
struct bw_out;
struct bw_str;
struct bw_watch_server;

/* changed is called when a watcher comes or goes. Returns NULL with err when there is no place for
 * the socket: the session goes on without. */
struct bw_watch_server *bw_watch_open(void (*changed)(void *ctx), void *ctx, struct bw_err *err);
void bw_watch_close(struct bw_watch_server *w);
int bw_watch_count(const struct bw_watch_server *w);
const char *bw_watch_path(const struct bw_watch_server *w);
/* packet: a sample from bw_live_pack. */
void bw_watch_send(struct bw_watch_server *w, const struct bw_str *packet);

/* `boxwright watch [--json] [PID]`: the pane of a session (0: the one there is, or the newest), or
 * a line of JSON for each sample. Returns an exit status, or -1 with err filled. */
int bw_watch_run(pid_t session, bool json, struct bw_out *out, struct bw_err *err);

/* Removes the sockets of sessions that are gone and adds one line each to report. */
void bw_watch_cleanup(struct bw_str *report);

/* The folder of the sockets: $XDG_RUNTIME_DIR/boxwright, or one in /tmp of the user's own. make:
 * it is made if need be. Returns 0, or -1 with err: it is not the user's alone. */
int bw_watch_folder(bool make, struct bw_str *out, struct bw_err *err);

#endif
