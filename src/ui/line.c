#include "ui/line.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <termios.h>
#include <unistd.h>

#include "base/intr.h"
#include "base/loop.h"
#include "base/module.h"
#include "cmd/session.h"
#include "cmd/tutor.h"
#include "ui/feed.h"
#include "ui/prompt.h"
#include "ui/script.h"
#include "ui/split.h"

void bw_line_execute(struct bw_session *s, const char *text)
{
    struct termios before;
    struct winsize size;
    bool known = tcgetattr(STDIN_FILENO, &before) == 0;

    if (!s->view && ioctl(STDIN_FILENO, TIOCGWINSZ, &size) == 0)
        s->out->width = size.ws_col;
    bw_session_text(s, text, strlen(text), NULL);
    /* Where there was an error it was shown; the next command is not to be blamed for it. */
    s->out->failed = 0;
    if (known)
        tcsetattr(STDIN_FILENO, TCSADRAIN, &before);
    bw_intr_key = 0;
}

void bw_line_unfinished(struct bw_session *s)
{
    bw_err_clear(&s->err);
    bw_err_usage(&s->err, "the input ended inside a quote or after a backslash");
    bw_err_todo(&s->err, "nothing of this command was run; type it again");
    bw_session_print_err(s, &s->err, NULL);
    s->status = s->err.status;
}

/* Adds what the terminal has: a line, or less of one that ^D sent off. Returns the bytes read, 0
 * at the end, -1 when ^C was typed. */
static ssize_t read_some(struct bw_str *text)
{
    char buf[4096];

    while (bw_intr_end == 0) {
        ssize_t n = read(STDIN_FILENO, buf, sizeof buf);
        if (n > 0)
            bw_str_addn(text, buf, (size_t)n);
        if (n >= 0)
            return n;
        if (errno != EINTR)
            return 0;
        if (bw_intr_key) {
            bw_intr_key = 0;
            return -1;
        }
    }
    return 0;
}

static void plain_prompt(struct bw_session *s, bool more)
{
    BW_AUTO_STR prompt = BW_STR_INIT;

    if (more)
        bw_str_add(&prompt, "> ");
    else
        bw_prompt(s, &prompt);
    bw_msg(s->out, "%s", prompt.s);
}

/* An empty line lets the presenter type the next command; another one runs it. */
static void plain_execute(struct bw_session *s, struct bw_str *text, struct bw_str *typed)
{
    const char *next = NULL;

    if (strcmp(text->s, "\n") != 0) {
        bw_line_execute(s, text->s);
    } else if (typed->len > 0) {
        bw_line_execute(s, typed->s);
        bw_str_clear(typed);
    } else if ((next = bw_tutor_next(s)) != NULL) {
        bw_str_add(typed, next);
        plain_prompt(s, false);
        for (const char *p = next; *p && !bw_intr_key && bw_intr_end == 0; p++) {
            bw_msg(s->out, "%c", *p);
            bw_loop_poll(NULL, 0, BW_PACE_MS, NULL);
        }
        bw_msg(s->out, "  (Enter runs it)\n");
    }
}

static void plain_loop(struct bw_session *s)
{
    BW_AUTO_STR text = BW_STR_INIT, typed = BW_STR_INIT;

    plain_prompt(s, false);
    while (!s->quit && bw_intr_end == 0) {
        ssize_t n = read_some(&text);
        if (n == 0 && text.len == 0)
            break;
        if (n < 0) {
            bw_msg(s->out, "\n");
            if (text.len == 0)
                bw_tutor_interrupt(s);
            bw_str_clear(&text);
        } else if (n == 0) {
            bw_msg(s->out, "\n");
            bw_line_unfinished(s);
            bw_str_clear(&text);
        } else if (text.s[text.len - 1] != '\n') {
            continue;
        } else if (!bw_script_open(text.s, text.len)) {
            plain_execute(s, &text, &typed);
            bw_str_clear(&text);
        }
        if (!s->quit && bw_intr_end == 0)
            plain_prompt(s, text.len > 0);
    }
    if (!s->quit)
        bw_msg(s->out, "\n");
}

/* The janitor is there from the start: it gives the terminal back and removes the socket of a shell
 * that is killed. */
static struct bw_split *open_split(struct bw_session *s, struct bw_feed *f)
{
    return bw_session_janitor(s) == 0 ? bw_split_open(s, f) : NULL;
}

/* Returns whether the session goes on: one for a lesson that cannot be had does not. */
static bool first_command(struct bw_session *s, struct bw_split *split)
{
    if (!s->first)
        return true;
    bw_line_execute(s, s->first);
    if (split)
        bw_split_ran(split);
    return s->status == 0;
}

int bw_line_run(struct bw_session *s, bool plain)
{
    struct bw_err err = BW_ERR_INIT;
    struct bw_feed feed;

    s->interactive = true;
    bw_intr_catch(true);
    bw_pane_load(&s->pane);
    bw_feed_open(&feed, s);
    bw_line_loop *loop = NULL;
    bw_module_function(BW_LINE_MODULE, BW_LINE_SYMBOL, &loop, &err);
    struct bw_split *split = loop && !plain ? open_split(s, &feed) : NULL;
    if (!loop)
        bw_session_note(s, "no line editing and no history: %s", err.cause);
    bw_msg(s->out, "boxwright " BW_VERSION ". help lists commands, Tab completes, %s^D ends.\n",
           split ? "PgUp looks back, " : "");
    bool begun = first_command(s, split);
    int r = loop && begun ? loop(s, split) : begun ? -1 : 0;
    bw_split_close(split);
    if (r != 0)
        plain_loop(s);
    bw_feed_close(&feed);
    return bw_intr_end ? 128 + (int)bw_intr_end : s->status;
}
