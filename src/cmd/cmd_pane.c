/* pane, watch. */
#include <unistd.h>

#include "cmd/handlers.h"
#include "cmd/session.h"
#include "cmd/view.h"

int bw_cmd_pane(struct bw_session *s, int argc, char **argv)
{
    if (argc == 1) {
        BW_AUTO_STR text = BW_STR_INIT;
        bw_pane_write(&s->pane, &text);
        bw_data(s->out, "%s", text.s);
        return 0;
    }
    if (bw_pane_set(&s->pane, argc - 1, argv + 1, &s->err))
        return -1;
    if (s->interactive)
        bw_pane_keep(&s->pane);
    int rows = 0, cols = 0;
    if (s->view && !s->view->changed(s->view->ctx, &rows, &cols))
        bw_session_note(s, "the terminal is %dx%d: the pane needs %dx%d", cols, rows,
                        BW_PANE_MIN_COLS, BW_PANE_MIN_ROWS);
    else if (!s->view)
        bw_session_note(s, "the pane is not to be seen here: %s",
                        s->interactive ? "lines are typed plainly" : "this is a script");
    return 0;
}

int bw_cmd_watch(struct bw_session *s, int argc, char **argv)
{
    const char *where = NULL;

    if (argc > 1)
        return bw_err_usage(&s->err, "watch takes no arguments in a session, not %s", argv[1]);
    int n = s->watchers ? s->watchers(s->watchers_ctx, &where) : 0;
    if (!where) {
        bw_err_set(&s->err, "this session cannot be watched: %s",
                   s->interactive ? "there was no place for its socket"
                                  : "only one that is typed can");
        bw_err_todo(&s->err, "start boxwright without a script, then boxwright watch elsewhere");
        return -1;
    }
    bw_data(s->out, "in another terminal: boxwright watch %d\n", (int)getpid());
    bw_data(s->out, "watching now: %d\n", n);
    return 0;
}
