/* The line editor: readline's callback interface in a poll loop of our own. readline catches no
 * signal and changes no environment; ^C, hangups and the window's size come as flags. */
#include "ui/line.h"

#include <errno.h>
#include <locale.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/fd.h"
#include "base/intr.h"
#include "base/loop.h"
#include "cmd/session.h"
#include "cmd/tutor.h"
#include "line_priv.h"
#include "ui/history.h"
#include "ui/prompt.h"
#include "ui/script.h"
#include "ui/split.h"

struct bw_editor bw_ed;

enum what { LINE, END, CANCELLED };

/* ---- one line ---- */

static void on_line(char *line)
{
    bw_ed.line = line;
    bw_ed.done = true;
    rl_callback_handler_remove();
}

static enum what cancel(void)
{
    bool empty = rl_end == 0 && bw_ed.text.len == 0;

    bw_intr_key = 0;
    bw_str_clear(&bw_ed.slow);
    bw_ed.pasting = false;
    bw_str_clear(&bw_ed.pasted);
    bw_str_clear(&bw_ed.ahead);
    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_point = rl_end;
    rl_redisplay();
    fputs("^C\n", rl_outstream);
    rl_callback_handler_remove();
    fflush(rl_outstream);
    if (bw_ed.split)
        bw_split_enter(bw_ed.split, "^C");
    if (empty && bw_tutor_interrupt(bw_ed.s) && bw_ed.split)
        bw_split_ran(bw_ed.split);
    return CANCELLED;
}

/* The shell that started this one has commands of the same names. */
static void leave(void *ctx)
{
    static const char stopped[] = "\nboxwright is stopped, and its boxes go on: fg goes back. What "
                                  "is typed now is for the outside.\n";

    (void)ctx;
    if (bw_ed.split)
        bw_split_leave(bw_ed.split);
    else
        rl_deprep_terminal();
    bw_write_all(STDOUT_FILENO, stopped, strlen(stopped));
}

static void enter(void *ctx)
{
    (void)ctx;
    if (bw_ed.split) {
        bw_split_return(bw_ed.split);
        return;
    }
    rl_prep_terminal(1);
    rl_forced_update_display();
}

/* Waits for a key or a signal; between looking at the flags and waiting none is lost. */
static short wait_input(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t before;

    bw_intr_block(&before);
    if (bw_intr_end == 0 && !bw_intr_key && !bw_intr_size && !bw_intr_stop &&
        bw_loop_poll(&in, 1, -1, &before) < 0)
        in.revents = 0;
    sigprocmask(SIG_SETMASK, &before, NULL);
    return in.revents;
}

static void take_size(void)
{
    bw_intr_size = 0;
    if (bw_ed.split)
        bw_split_resize(bw_ed.split);
    else
        rl_resize_terminal();
}

/* readline sets the locale from the environment, here and for each line: while it does, that has
 * to name the one that the screen chose. */
static char *name_locale(void)
{
    const char *was = getenv("LC_ALL");
    char *before = was ? bw_strdup(was) : NULL;

    setenv("LC_ALL", setlocale(LC_CTYPE, NULL), 1);
    return before;
}

static void unname_locale(const char *before)
{
    if (before)
        setenv("LC_ALL", before, 1);
    else
        unsetenv("LC_ALL");
}

static int initialize(void)
{
    BW_AUTO_FREE char *before = name_locale();
    int r = rl_initialize();

    unname_locale(before);
    return r;
}

static void begin_line(const char *prompt)
{
    bw_ed.done = false;
    bw_ed.line = NULL;
    if (bw_ed.split) {
        bw_ed_split_begin();
    } else {
        rl_reset_screen_size();
        bw_intr_size = 0;
    }
    BW_AUTO_FREE char *before = name_locale();
    rl_callback_handler_install(prompt, on_line);
    unname_locale(before);
}

/* One key of those that a program has left, or that the presenter types. */
static void type_first(struct bw_str *keys)
{
    int key = (unsigned char)keys->s[0];

    memmove(keys->s, keys->s + 1, keys->len--);
    rl_stuff_char(key);
    rl_callback_read_char();
}

/* At a person's pace; who presses a key wants the rest at once. */
static void type_slowly(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    bool hurry = bw_loop_poll(&in, 1, BW_PACE_MS, NULL) != 0;

    do
        type_first(&bw_ed.slow);
    while (hurry && bw_ed.slow.len > 0);
    if (bw_ed.split)
        bw_ed_split_frame();
}

static enum what read_line(const char *prompt)
{
    begin_line(prompt);
    while (!bw_ed.done) {
        if (bw_ed.ahead.len > 0) {
            type_first(&bw_ed.ahead);
            continue;
        }
        if (bw_ed.slow.len > 0 && bw_intr_end == 0 && !bw_intr_key) {
            type_slowly();
            continue;
        }
        if (bw_ed.pasted.len > 0 && !bw_ed.pasting) {
            bw_ed_type_pasted();
            continue;
        }
        if (bw_ed.split)
            bw_ed_split_frame();
        short ready = wait_input();
        if (bw_intr_end != 0 || ((ready & (POLLHUP | POLLERR)) && !(ready & POLLIN))) {
            rl_callback_handler_remove();
            return END;
        }
        if (bw_intr_key)
            return cancel();
        if (bw_intr_stop)
            bw_intr_stop_self(leave, enter, NULL);
        if (bw_intr_size)
            take_size();
        if ((ready & POLLIN) && bw_ed.pasting)
            bw_ed_collect_paste();
        else if (ready & POLLIN)
            rl_callback_read_char();
    }
    return bw_ed.line ? LINE : END;
}

/* ---- the loop ---- */

static void run(void)
{
    BW_AUTO_STR command = BW_STR_INIT;

    bw_str_addn(&command, bw_ed.text.s, bw_ed.text.len - 1);
    const char *text = bw_str_get(&command);
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (text[strspn(text, " \t\n")] != '\0' && (!last || strcmp(last->line, text) != 0)) {
        add_history(text);
        bw_history_append(text);
    }
    bw_line_execute(bw_ed.s, text);
    if (bw_ed.split) {
        bw_split_ran(bw_ed.split);
        BW_AUTO_STR ahead = BW_STR_INIT;
        bw_split_ahead(bw_ed.split, &ahead);
        bw_str_addn(&bw_ed.ahead, bw_str_get(&ahead), ahead.len);
    }
    if (bw_ed.s->status != 128 + SIGINT)
        return;
    /* The terminal has echoed ^C without an end of line. */
    if (!bw_ed.split)
        bw_msg(bw_ed.s->out, "\n");
    if (bw_ed.pasted.len > 0) {
        bw_session_note(bw_ed.s, "the rest of the paste is dropped");
        bw_str_clear(&bw_ed.pasted);
    }
}

static void take_line(void)
{
    if (bw_ed.split)
        bw_split_enter(bw_ed.split, "");
    const char *next = *bw_ed.line || bw_ed.text.len > 0 ? NULL : bw_tutor_next(bw_ed.s);
    if (next)
        bw_str_add(&bw_ed.slow, next);
    bw_str_add(&bw_ed.text, bw_ed.line);
    bw_str_addc(&bw_ed.text, '\n');
    free(bw_ed.line);
    if (bw_script_open(bw_ed.text.s, bw_ed.text.len))
        return;
    run();
    bw_str_clear(&bw_ed.text);
}

/* readline itself ends the line of ^D when it has to take the paste mode back. */
static void end_of_input(void)
{
    const char *paste = rl_variable_value("enable-bracketed-paste");

    if (!bw_ed.split && bw_intr_end == 0 && (!paste || strcmp(paste, "on") != 0))
        bw_msg(bw_ed.s->out, "\n");
}

static void loop(void)
{
    while (!bw_ed.s->quit && bw_intr_end == 0) {
        BW_AUTO_STR prompt = BW_STR_INIT;
        if (bw_ed.text.len > 0)
            bw_str_add(&prompt, "> ");
        else
            bw_prompt(bw_ed.s, &prompt);
        enum what what = read_line(prompt.s);
        if (what == LINE) {
            take_line();
            continue;
        }
        bool open = bw_ed.text.len > 0;
        bw_str_clear(&bw_ed.text);
        if (what == CANCELLED)
            continue;
        end_of_input();
        if (!open || bw_intr_end != 0)
            break;
        bw_line_unfinished(bw_ed.s);
    }
}

static void remember(const char *command)
{
    add_history(command);
}

/* Exported: see ui/line.h. */
int bw_line_module_run(struct bw_session *s, struct bw_split *split);

int bw_line_module_run(struct bw_session *s, struct bw_split *split)
{
    bw_ed.s = s;
    bw_ed.split = split;
    rl_readline_name = "boxwright";
    rl_instream = stdin;
    rl_outstream = isatty(STDOUT_FILENO) ? stdout : stderr;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    if (initialize() != 0)
        return -1;
    rl_variable_bind("page-completions", "off");
    rl_bind_key('\t', bw_ed_on_tab);
    rl_bind_keyseq("\033[200~", bw_ed_on_paste);
    if (split)
        bw_ed_split_init();
    stifle_history(BW_HISTORY_MAX);
    bw_history_load(remember);
    loop();
    clear_history();
    bw_str_free(&bw_ed.text);
    bw_str_free(&bw_ed.pasted);
    bw_str_free(&bw_ed.ahead);
    bw_str_free(&bw_ed.slow);
    return 0;
}
