/* The line editor: readline's callback interface in a poll loop of our own. readline catches no
 * signal and changes no environment; ^C, hangups and the window's size come as flags. */
#include "ui/line.h"

#include <errno.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <readline/history.h>
#include <readline/readline.h>

#include "base/intr.h"
#include "base/words.h"
#include "cmd/session.h"
#include "ui/complete.h"
#include "ui/history.h"
#include "ui/prompt.h"
#include "ui/script.h"

#define PASTE_END "\033[201~"
enum { PASTE_MAX = 1 << 20, LISTED_MAX = 200 };

enum what { LINE, END, CANCELLED };

/* readline has one state for the whole process, and so has its user. */
static struct {
    struct bw_session *s;
    struct bw_str text;   /* earlier lines of a command that is not finished */
    struct bw_str pasted; /* text that still has to be typed in */
    bool pasting;         /* between the marks of a bracketed paste */
    bool done;
    char *line; /* NULL at the end of the input */
} ed;

/* ---- completion ---- */

static char *quoted(const char *word, size_t n)
{
    BW_AUTO_STR part = BW_STR_INIT;
    BW_AUTO_STR out = BW_STR_INIT;

    bw_str_addn(&part, word, n);
    bw_words_quote(&out, bw_str_get(&part));
    return bw_str_steal(&out);
}

static void replace_word(size_t start, const char *with, bool blank)
{
    rl_begin_undo_group();
    rl_delete_text((int)start, rl_point);
    rl_point = (int)start;
    rl_insert_text(with);
    if (blank)
        rl_insert_text(" ");
    rl_end_undo_group();
}

/* readline draws the columns; names from the box are made safe first. */
static void list(const struct bw_candidates *c)
{
    char *shown[LISTED_MAX + 2] = {bw_strdup("")};
    int n = 0, longest = 0, point = rl_point;

    for (size_t i = 0; i < c->n && n < LISTED_MAX; i++) {
        BW_AUTO_STR safe = BW_STR_INIT;
        bw_str_add_safe(&safe, c->v[i].word + c->shown);
        if ((int)safe.len > longest)
            longest = (int)safe.len;
        shown[++n] = bw_str_steal(&safe);
    }
    rl_point = rl_end;
    rl_redisplay();
    rl_display_match_list(shown, n, longest);
    if (c->n > LISTED_MAX)
        fprintf(rl_outstream, "... and %zu more\n", c->n - LISTED_MAX);
    rl_point = point;
    rl_forced_update_display();
    for (int i = 0; i <= n; i++)
        free(shown[i]);
}

static int on_tab(int count, int key)
{
    (void)count;
    (void)key;
    struct bw_candidates c;
    BW_AUTO_STR all = BW_STR_INIT;

    bw_str_add(&all, bw_str_get(&ed.text));
    bw_str_addn(&all, rl_line_buffer, (size_t)rl_point);
    bw_complete(ed.s, bw_str_get(&all), all.len, &c);
    if (c.n == 0 || c.start < ed.text.len) {
        rl_ding();
    } else {
        size_t start = c.start - ed.text.len;
        BW_AUTO_FREE char *with = quoted(c.v[0].word, c.common);
        size_t typed = (size_t)rl_point - start;
        bool longer = c.common > 0 &&
                      (strlen(with) != typed || strncmp(rl_line_buffer + start, with, typed) != 0);
        if (c.n == 1)
            replace_word(start, with, !c.v[0].open);
        else if (longer && c.common >= typed)
            replace_word(start, with, false);
        else
            list(&c);
    }
    bw_candidates_free(&c);
    return 0;
}

/* ---- bracketed paste: readline's own handler would block until the end mark ---- */

static int on_paste(int count, int key)
{
    (void)count;
    (void)key;
    ed.pasting = true;
    bw_str_clear(&ed.pasted);
    return 0;
}

/* One byte of the paste: what stands after the end mark is not ours to read. */
static void collect_paste(void)
{
    const size_t mark = strlen(PASTE_END);
    char c;
    ssize_t n = read(STDIN_FILENO, &c, 1);

    if (n == 0 || (n < 0 && errno != EINTR && errno != EAGAIN)) {
        ed.pasting = false;
        return;
    }
    if (n < 0 || c == '\0')
        return;
    if (ed.pasted.len >= PASTE_MAX) {
        /* Only the mark is looked for now. */
        memmove(ed.pasted.s + PASTE_MAX - mark, ed.pasted.s + PASTE_MAX - mark + 1, mark - 1);
        ed.pasted.s[PASTE_MAX - 1] = c;
    } else {
        bw_str_addc(&ed.pasted, c);
    }
    if (ed.pasted.len < mark || strcmp(ed.pasted.s + ed.pasted.len - mark, PASTE_END) != 0)
        return;
    ed.pasting = false;
    bool full = ed.pasted.len >= PASTE_MAX;
    ed.pasted.len -= mark;
    ed.pasted.s[ed.pasted.len] = '\0';
    if (full) {
        bw_str_clear(&ed.pasted);
        bw_msg(ed.s->out, "\n");
        bw_session_note(ed.s, "a paste of more than 1 MiB is dropped: use boxwright FILE");
        rl_forced_update_display();
    }
}

/* Types the next line of the paste in, its end included; the rest waits until it has run. */
static void type_pasted(void)
{
    BW_AUTO_STR piece = BW_STR_INIT;
    size_t n = strcspn(ed.pasted.s, "\r\n"), used = n;
    bool end = ed.pasted.s[n] != '\0';

    if (end)
        used += ed.pasted.s[n] == '\r' && ed.pasted.s[n + 1] == '\n' ? 2 : 1;
    for (size_t i = 0; i < n; i++)
        if (((unsigned char)ed.pasted.s[i] >= 0x20 && ed.pasted.s[i] != 0x7f) ||
            ed.pasted.s[i] == '\t')
            bw_str_addc(&piece, ed.pasted.s[i]);
    BW_AUTO_STR rest = BW_STR_INIT;
    bw_str_add(&rest, ed.pasted.s + used);
    bw_str_clear(&ed.pasted);
    bw_str_add(&ed.pasted, bw_str_get(&rest));
    rl_insert_text(bw_str_get(&piece));
    rl_redisplay();
    if (end) {
        rl_stuff_char('\n');
        rl_callback_read_char();
    }
}

/* ---- one line ---- */

static void on_line(char *line)
{
    ed.line = line;
    ed.done = true;
    rl_callback_handler_remove();
}

static enum what cancel(void)
{
    bw_intr_key = 0;
    ed.pasting = false;
    bw_str_clear(&ed.pasted);
    rl_callback_sigcleanup();
    rl_free_line_state();
    rl_point = rl_end;
    rl_redisplay();
    fputs("^C\n", rl_outstream);
    rl_callback_handler_remove();
    fflush(rl_outstream);
    return CANCELLED;
}

/* Waits for a key or a signal; between looking at the flags and waiting none is lost. */
static short wait_input(void)
{
    struct pollfd in = {.fd = STDIN_FILENO, .events = POLLIN};
    sigset_t before;

    bw_intr_block(&before);
    if (bw_intr_end == 0 && !bw_intr_key && !bw_intr_size)
        ppoll(&in, 1, NULL, &before);
    sigprocmask(SIG_SETMASK, &before, NULL);
    return in.revents;
}

static enum what read_line(const char *prompt)
{
    ed.done = false;
    ed.line = NULL;
    rl_reset_screen_size();
    bw_intr_size = 0;
    rl_callback_handler_install(prompt, on_line);
    while (!ed.done) {
        if (ed.pasted.len > 0 && !ed.pasting) {
            type_pasted();
            continue;
        }
        short ready = wait_input();
        if (bw_intr_end != 0 || ((ready & (POLLHUP | POLLERR)) && !(ready & POLLIN))) {
            rl_callback_handler_remove();
            return END;
        }
        if (bw_intr_key)
            return cancel();
        if (bw_intr_size) {
            bw_intr_size = 0;
            rl_resize_terminal();
        }
        if ((ready & POLLIN) && ed.pasting)
            collect_paste();
        else if (ready & POLLIN)
            rl_callback_read_char();
    }
    return ed.line ? LINE : END;
}

/* ---- the loop ---- */

static void run(void)
{
    BW_AUTO_STR command = BW_STR_INIT;

    bw_str_addn(&command, ed.text.s, ed.text.len - 1);
    const char *text = bw_str_get(&command);
    HIST_ENTRY *last = history_length > 0 ? history_get(history_base + history_length - 1) : NULL;
    if (text[strspn(text, " \t\n")] != '\0' && (!last || strcmp(last->line, text) != 0)) {
        add_history(text);
        bw_history_append(text);
    }
    bw_line_execute(ed.s, text);
    if (ed.s->status != 128 + SIGINT)
        return;
    /* The terminal has echoed ^C without an end of line. */
    bw_msg(ed.s->out, "\n");
    if (ed.pasted.len > 0) {
        bw_session_note(ed.s, "the rest of the paste is dropped");
        bw_str_clear(&ed.pasted);
    }
}

static void take_line(void)
{
    bw_str_add(&ed.text, ed.line);
    bw_str_addc(&ed.text, '\n');
    free(ed.line);
    if (bw_script_open(ed.text.s, ed.text.len))
        return;
    run();
    bw_str_clear(&ed.text);
}

/* readline itself ends the line of ^D when it has to take the paste mode back. */
static void end_of_input(void)
{
    const char *paste = rl_variable_value("enable-bracketed-paste");

    if (bw_intr_end == 0 && (!paste || strcmp(paste, "on") != 0))
        bw_msg(ed.s->out, "\n");
}

static void loop(void)
{
    while (!ed.s->quit && bw_intr_end == 0) {
        BW_AUTO_STR prompt = BW_STR_INIT;
        if (ed.text.len > 0)
            bw_str_add(&prompt, "> ");
        else
            bw_prompt(ed.s, &prompt);
        enum what what = read_line(prompt.s);
        if (what == LINE) {
            take_line();
            continue;
        }
        bool open = ed.text.len > 0;
        bw_str_clear(&ed.text);
        if (what == CANCELLED)
            continue;
        end_of_input();
        if (!open || bw_intr_end != 0)
            break;
        bw_line_unfinished(ed.s);
    }
}

static void remember(const char *command)
{
    add_history(command);
}

/* Exported: see ui/line.h. */
int bw_line_module_run(struct bw_session *s);

int bw_line_module_run(struct bw_session *s)
{
    ed.s = s;
    rl_readline_name = "boxwright";
    rl_instream = stdin;
    rl_outstream = isatty(STDOUT_FILENO) ? stdout : stderr;
    rl_catch_signals = 0;
    rl_catch_sigwinch = 0;
    rl_change_environment = 0;
    if (rl_initialize() != 0)
        return -1;
    rl_variable_bind("page-completions", "off");
    rl_bind_key('\t', on_tab);
    rl_bind_keyseq("\033[200~", on_paste);
    stifle_history(BW_HISTORY_MAX);
    bw_history_load(remember);
    loop();
    clear_history();
    bw_str_free(&ed.text);
    bw_str_free(&ed.pasted);
    return 0;
}
