#include "ui/complete.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/str.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "complete_priv.h"
#include "kern/ns.h"
#include "kern/profile.h"
#include "model/snapshot.h"

enum { ERRNO_MAX = 133 };

/* The words of the command that the cursor is in; the last one is being typed. */
struct words {
    struct bw_str *v;
    size_t n;
    size_t start; /* of the last one */
    bool comment;
};

static void words_free(struct words *w)
{
    for (size_t i = 0; i < w->n; i++)
        bw_str_free(&w->v[i]);
    free(w->v);
    *w = (struct words){0};
}

static struct bw_str *word_begin(struct words *w, size_t at)
{
    w->v = bw_realloc(w->v, (w->n + 1) * sizeof *w->v);
    w->v[w->n] = (struct bw_str)BW_STR_INIT;
    w->start = at;
    return &w->v[w->n++];
}

/* Splits as base/words does, but forgives what is not finished yet. */
static void scan(const char *line, size_t end, struct words *w)
{
    struct bw_str *word = NULL;
    char quote = '\0';

    for (size_t i = 0; i < end; i++) {
        char c = line[i];
        if (!quote && strchr(" \t\n;", c)) {
            word = NULL;
            w->comment = w->comment && c != '\n';
            if ((c == '\n' || c == ';') && !w->comment)
                words_free(w);
            continue;
        }
        if (!word && c == '#')
            w->comment = true;
        if (w->comment)
            continue;
        if (!word)
            word = word_begin(w, i);
        if (quote ? c == quote : c == '\'' || c == '"')
            quote = quote ? '\0' : c;
        else if (c == '\\' && quote != '\'' && i + 1 < end)
            bw_str_addc(word, line[++i]);
        else
            bw_str_addc(word, c);
    }
    if (!word)
        word_begin(w, end);
}

static const char *get(const struct words *w, size_t i)
{
    return bw_str_get(&w->v[i]);
}

void bw_candidates_add(struct bw_candidates *c, const char *prefix, const char *word, bool open)
{
    if (!bw_str_starts(word, prefix))
        return;
    /* What is put into the line goes to the screen. */
    if (!bw_str_is_safe(word))
        return;
    if ((c->n & (c->n + 1)) == 0)
        c->v = bw_realloc(c->v, (2 * c->n + 2) * sizeof *c->v);
    c->v[c->n++] = (struct bw_candidate){.word = bw_strdup(word), .open = open};
}

static void add_words(struct bw_candidates *c, const char *prefix, const char *words)
{
    if (!words)
        return;
    BW_AUTO_FREE char *copy = bw_strdup(words);
    char *rest = NULL;
    for (char *w = strtok_r(copy, " ", &rest); w; w = strtok_r(NULL, " ", &rest)) {
        size_t n = strlen(w);
        if ((w[0] == '-') == (prefix[0] == '-'))
            bw_candidates_add(c, prefix, w, n > 0 && w[n - 1] == '=');
    }
}

static void add_commands(struct bw_candidates *c, const char *prefix)
{
    const struct bw_command *command;
    for (size_t i = 0; (command = bw_command_at(i)) != NULL; i++)
        bw_candidates_add(c, prefix, command->name, false);
}

static void add_errnos(struct bw_candidates *c, const char *prefix)
{
    for (int code = 1; code <= ERRNO_MAX; code++) {
        const char *name = bw_err_name(code);
        if (name[0] == 'E' && name[1] != '?')
            bw_candidates_add(c, prefix, name, false);
    }
}

/* As people type them, and as manual pages do once a capital was typed. */
static void add_caps(struct bw_candidates *c, const char *prefix)
{
    add_words(c, prefix, "all none docker");
    for (unsigned n = 0; bw_cap_name(n); n++) {
        char small[32];
        snprintf(small, sizeof small, "%s", bw_cap_name(n) + 4);
        for (char *p = small; *p; p++)
            *p = (char)tolower((unsigned char)*p);
        bw_candidates_add(c, prefix, small, false);
        if (prefix[0] == 'C')
            bw_candidates_add(c, prefix, bw_cap_name(n), false);
    }
}

/* before stands in front of each candidate ("cpu:"). */
static void add_groups(struct bw_session *s, struct bw_candidates *c, const char *prefix,
                       const char *before)
{
    const char *name;

    for (size_t i = 0; s->box->cg && (name = bw_cg_group(s->box->cg, i)) != NULL; i++) {
        BW_AUTO_STR word = BW_STR_INIT;
        bw_str_addf(&word, "%s%s", before, name);
        bw_candidates_add(c, prefix, word.s, false);
    }
}

/* "cpu,memory:GROUP", as -g takes it. */
static void add_controller_groups(struct bw_session *s, struct bw_candidates *c, const char *prefix)
{
    const char *colon = strchr(prefix, ':'), *comma = strrchr(prefix, ',');
    BW_AUTO_STR before = BW_STR_INIT;

    if (colon) {
        bw_str_addn(&before, prefix, (size_t)(colon + 1 - prefix));
        add_groups(s, c, prefix, before.s);
        return;
    }
    size_t keep = comma ? (size_t)(comma + 1 - prefix) : 0;
    for (int i = 0; i < BW_CG_COUNT; i++) {
        bw_str_clear(&before);
        bw_str_addn(&before, prefix, keep);
        bw_str_addf(&before, "%s:", bw_cg_names[i]);
        bw_candidates_add(c, prefix, before.s, true);
    }
}

static void add_pids(struct bw_session *s, struct bw_candidates *c, const char *prefix)
{
    struct bw_snapshot snap = {0};
    struct bw_err ignored = BW_ERR_INIT;
    char word[16];

    if (s->box->stage.pid <= 0 ||
        bw_snapshot_take(s->box->stage.pid, BW_SNAP_PROCESSES, &snap, &ignored) != 0)
        return;
    for (size_t i = 0; i < snap.n_processes; i++) {
        snprintf(word, sizeof word, "%d", (int)snap.processes[i].pid);
        bw_candidates_add(c, prefix, word, false);
    }
    bw_snapshot_free(&snap);
}

static void add_kind(struct bw_session *s, enum bw_complete kind, const struct bw_command *cmd,
                     const char *prefix, struct bw_candidates *c)
{
    /* host is the one command whose programs are not the box's. */
    pid_t pid = strcmp(cmd->name, "host") == 0 ? 0 : s->box->stage.pid;

    switch (kind) {
    case BW_C_COMMAND:
        add_commands(c, prefix);
        break;
    case BW_C_NS:
        for (int i = 0; i < BW_NS_COUNT; i++)
            bw_candidates_add(c, prefix, bw_ns_table[i].name, false);
        break;
    case BW_C_CTL:
        for (int i = 0; i < BW_CG_COUNT; i++)
            bw_candidates_add(c, prefix, bw_cg_names[i], false);
        break;
    case BW_C_GROUP:
        add_groups(s, c, prefix, "");
        break;
    case BW_C_BOX:
        for (size_t i = 0; i < s->n_boxes; i++)
            bw_candidates_add(c, prefix, s->boxes[i]->name, false);
        break;
    case BW_C_HOST_PATH:
        bw_complete_path(0, prefix, c);
        break;
    case BW_C_BOX_PATH:
        bw_complete_path(pid, prefix, c);
        break;
    case BW_C_PROGRAM:
        bw_complete_program(pid, prefix, c);
        break;
    case BW_C_PID:
        add_pids(s, c, prefix);
        break;
    case BW_C_ERRNO:
        add_errnos(c, prefix);
        break;
    case BW_C_CAP:
        add_caps(c, prefix);
        break;
    case BW_C_CALL: {
        BW_AUTO_STR names = BW_STR_INIT;
        bw_call_names(&names);
        add_words(c, prefix, bw_str_get(&names));
        break;
    }
    case BW_C_LESSON:
        bw_complete_lesson(prefix, c);
        break;
    case BW_C_WORDS:
    case BW_C_NONE:
        break;
    }
}

/* libcgroup's options with a value; unshare has an -r without one. */
static bool takes_value(const struct words *w, size_t i)
{
    return bw_str_starts(get(w, 0), "cg") &&
           (strcmp(get(w, i), "-g") == 0 || strcmp(get(w, i), "-r") == 0);
}

/* Which argument the last word is, options and their values not counted. */
static size_t argument_index(const struct words *w)
{
    size_t n = 0;

    for (size_t i = 1; i + 1 < w->n; i++) {
        if (get(w, i)[0] != '-')
            n++;
        else if (takes_value(w, i))
            i++;
    }
    return n;
}

/* The kind for an argument: the last one that is given repeats, but after a program come its own
 * arguments, which are files as often as not. */
static enum bw_complete kind_of(const struct bw_command *cmd, size_t arg)
{
    size_t last = 0, max = sizeof cmd->complete / sizeof cmd->complete[0];

    for (size_t i = 0; i < max; i++)
        if (cmd->complete[i] != BW_C_NONE)
            last = i;
    if (arg <= last)
        return cmd->complete[arg];
    return cmd->complete[last] == BW_C_PROGRAM ? BW_C_BOX_PATH : cmd->complete[last];
}

static void complete_argument(struct bw_session *s, const struct words *w, struct bw_candidates *c)
{
    const char *prefix = get(w, w->n - 1);
    const struct bw_command *cmd = bw_command_find(get(w, 0));

    if (!cmd)
        return;
    if (takes_value(w, w->n - 2)) {
        if (strcmp(get(w, w->n - 2), "-g") == 0)
            add_controller_groups(s, c, prefix);
        return;
    }
    enum bw_complete kind = kind_of(cmd, argument_index(w));
    if (prefix[0] == '-' || kind == BW_C_WORDS || argument_index(w) == 0)
        add_words(c, prefix, cmd->words);
    if (prefix[0] != '-')
        add_kind(s, kind, cmd, prefix, c);
    /* explain [CALL] ERRNO: the call may be left out. */
    if (cmd->complete[1] == BW_C_ERRNO && argument_index(w) == 0)
        add_errnos(c, prefix);
}

/* What article mode takes away does not stand in the way here either. */
static void drop_first(struct words *w)
{
    bw_str_free(&w->v[0]);
    memmove(w->v, w->v + 1, --w->n * sizeof *w->v);
}

static int by_word(const void *a, const void *b)
{
    return strcmp(((const struct bw_candidate *)a)->word, ((const struct bw_candidate *)b)->word);
}

static void finish(struct bw_candidates *c)
{
    size_t n = 0;

    if (c->n == 0)
        return;
    qsort(c->v, c->n, sizeof *c->v, by_word);
    for (size_t i = 0; i < c->n; i++) {
        if (n > 0 && strcmp(c->v[n - 1].word, c->v[i].word) == 0)
            free(c->v[i].word);
        else
            c->v[n++] = c->v[i];
    }
    c->n = n;
    /* Sorted: what the first and the last share, all share. A character is not cut in half. */
    const char *a = c->v[0].word, *b = c->v[n - 1].word;
    while (a[c->common] && a[c->common] == b[c->common])
        c->common++;
    while (c->common > 0 && ((unsigned char)a[c->common] & 0xc0) == 0x80)
        c->common--;
}

void bw_complete(struct bw_session *s, const char *line, size_t cursor, struct bw_candidates *out)
{
    struct words w = {0};

    *out = (struct bw_candidates){0};
    scan(line, cursor, &w);
    while (w.n > 1 && (strcmp(get(&w, 0), "sudo") == 0 || strcmp(get(&w, 0), "$") == 0))
        drop_first(&w);
    out->start = w.start;
    if (!w.comment && w.n == 1)
        add_commands(out, get(&w, 0));
    else if (!w.comment)
        complete_argument(s, &w, out);
    finish(out);
    words_free(&w);
}

void bw_candidates_free(struct bw_candidates *c)
{
    for (size_t i = 0; i < c->n; i++)
        free(c->v[i].word);
    free(c->v);
    *c = (struct bw_candidates){0};
}
