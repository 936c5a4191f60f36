#include "lesson/progress.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/state.h"
#include "base/str.h"
#include "lesson/lesson.h"

enum { FILE_MAX = 16 << 20, WORDS = 10 };

static const char *const predicted_names[] = {"-", "right", "wrong", "open"};

/* ---- a line ---- */

static void add_commands(const char *commands, struct bw_str *out)
{
    for (const char *p = commands ? commands : ""; *p; p++)
        if (*p == '\n' || *p == '%' || *p == '|')
            bw_str_addf(out, "%%%02X", *p);
        else
            bw_str_addc(out, *p);
}

void bw_progress_line(const struct bw_done *d, struct bw_str *out)
{
    bw_str_addf(out, "%s %s %016" PRIx64 " %s hints=%u solution=%d predicted=%s checks=%u ",
                d->when, d->lesson, d->hash, d->step, d->hints, d->solution,
                predicted_names[d->predicted], d->checks);
    bw_str_addf(out, "seconds=%u | ", d->seconds);
    add_commands(d->commands, out);
    bw_str_add(out, " | ");
    add_commands(d->typed, out);
    bw_str_add(out, " .\n");
}

static char *take_commands(const char *from, const char *to)
{
    static const char *const spelt[] = {"%0A\n", "%25%", "%7C|"};
    BW_AUTO_STR out = BW_STR_INIT;

    bw_str_add(&out, "");
    for (; from < to; from++) {
        char c = *from;
        for (size_t k = 0; c == '%' && to - from > 2 && k < 3; k++)
            if (memcmp(from, spelt[k], 3) == 0) {
                c = spelt[k][3];
                from += 2;
                break;
            }
        bw_str_addc(&out, c);
    }
    return bw_str_steal(&out);
}

static bool named_number(const char *word, const char *name, unsigned *out)
{
    size_t n = strlen(name);
    long long v;

    if (strncmp(word, name, n) != 0 || word[n] != '=' ||
        bw_parse_num(word + n + 1, 0, 1000000000, &v))
        return false;
    *out = (unsigned)v;
    return true;
}

static bool take_hash(const char *word, uint64_t *out)
{
    char *end;

    if (strlen(word) != 16 || strspn(word, "0123456789abcdef") != 16)
        return false;
    *out = strtoull(word, &end, 16);
    return true;
}

static bool take_predicted(const char *word, enum bw_predicted *out)
{
    static const char name[] = "predicted=";

    if (!bw_str_starts(word, name))
        return false;
    for (int i = 0; i < 4; i++)
        if (strcmp(word + sizeof name - 1, predicted_names[i]) == 0) {
            *out = (enum bw_predicted)i;
            return true;
        }
    return false;
}

/* Splits at single blanks. Returns whether there are as many words as there should be. */
static bool split(char *text, char *w[WORDS])
{
    size_t n = 0;

    for (char *p = text; p && n < WORDS; p = strchr(p, ' ')) {
        if (n > 0)
            *p++ = '\0';
        w[n++] = p;
    }
    return n == WORDS && strcmp(w[9], "|") == 0;
}

int bw_progress_parse(const char *line, size_t len, struct bw_done *out)
{
    static const char end[] = " .";
    const char *bar = memmem(line, len, " | ", 3), *last = line + len - 2;
    BW_AUTO_STR head = BW_STR_INIT;
    char *w[WORDS] = {0};
    unsigned solution = 0;

    *out = (struct bw_done){0};
    /* The end mark is missing where a line was torn. */
    if (!bar || len < 2 || memcmp(line + len - 2, end, 2) != 0 || memchr(line, '\0', len))
        return -1;
    bw_str_addn(&head, line, (size_t)(bar - line) + 2);
    if (!split(head.s, w) || strlen(w[0]) >= sizeof out->when || !bw_lesson_id_valid(w[1]) ||
        !(bw_lesson_id_valid(w[3]) || strcmp(w[3], "-") == 0) || !take_hash(w[2], &out->hash) ||
        !named_number(w[4], "hints", &out->hints) || !named_number(w[5], "solution", &solution) ||
        !take_predicted(w[6], &out->predicted) || !named_number(w[7], "checks", &out->checks) ||
        !named_number(w[8], "seconds", &out->seconds))
        return -1;
    out->solution = solution != 0;
    snprintf(out->when, sizeof out->when, "%s", w[0]);
    snprintf(out->lesson, sizeof out->lesson, "%s", w[1]);
    snprintf(out->step, sizeof out->step, "%s", w[3]);
    bar += 3;
    const char *second = bar < last ? memmem(bar, (size_t)(last - bar), " | ", 3) : NULL;
    if (!second)
        return -1;
    out->commands = take_commands(bar, second);
    out->typed = take_commands(second + 3, last);
    return 0;
}

/* ---- the file ---- */

static int failed(const char *call, const char *name, struct bw_err *err)
{
    bw_err_call(err, errno, call, "\"%s\"", name);
    bw_err_cause(err, "progress is kept there, in a file of mode 0600 of your own");
    bw_err_todo(err, "look at that file and its folder, or set XDG_STATE_HOME to another one");
    return -1;
}

int bw_progress_read(struct bw_progress *p, struct bw_err *err)
{
    BW_AUTO_STR name = BW_STR_INIT, text = BW_STR_INIT;

    *p = (struct bw_progress){0};
    bw_state_name("progress", &name);
    if (name.len == 0)
        return 0;
    BW_AUTO_FD fd = bw_state_open(name.s, O_RDONLY);
    if (fd < 0)
        return errno == ENOENT ? 0 : failed("open", name.s, err);
    if (bw_read_all(fd, &text, FILE_MAX) != 0)
        return failed("read", name.s, err);
    for (size_t at = 0; at < text.len;) {
        const char *end = memchr(text.s + at, '\n', text.len - at);
        size_t len = end ? (size_t)(end - text.s) - at : text.len - at;
        struct bw_done d;
        if (end && bw_progress_parse(text.s + at, len, &d) == 0) {
            p->v = bw_realloc(p->v, (p->n + 1) * sizeof *p->v);
            p->v[p->n++] = d;
        }
        at += len + 1;
    }
    return 0;
}

void bw_progress_free(struct bw_progress *p)
{
    for (size_t i = 0; i < p->n; i++)
        free(p->v[i].commands), free(p->v[i].typed);
    free(p->v);
    *p = (struct bw_progress){0};
}

/* Whether the last line was torn: what is appended must not be made part of it. */
static bool torn(int fd)
{
    char last = '\n';
    off_t size = lseek(fd, 0, SEEK_END);

    return size > 0 && pread(fd, &last, 1, size - 1) == 1 && last != '\n';
}

int bw_progress_add(struct bw_done *d, struct bw_err *err)
{
    BW_AUTO_STR name = BW_STR_INIT, line = BW_STR_INIT;
    time_t now = time(NULL);
    struct tm t;

    bw_state_name("progress", &name);
    if (name.len == 0) {
        bw_err_set(err, "progress is not kept: neither XDG_STATE_HOME nor HOME names a folder");
        bw_err_todo(err, "set HOME");
        return -1;
    }
    BW_AUTO_FD fd = bw_state_open(name.s, O_RDWR | O_APPEND | O_CREAT);
    if (fd < 0)
        return failed("open", name.s, err);
    gmtime_r(&now, &t);
    strftime(d->when, sizeof d->when, "%Y-%m-%dT%H:%M:%SZ", &t);
    if (torn(fd))
        bw_str_add(&line, "\n");
    bw_progress_line(d, &line);
    if (bw_write_all(fd, line.s, line.len) || fsync(fd))
        return failed("write", name.s, err);
    return 0;
}

/* ---- what it tells ---- */

static const struct bw_done *last_of(const struct bw_progress *p, const struct bw_lesson *l,
                                     const char *step)
{
    const struct bw_done *found = NULL;

    for (size_t i = 0; i < p->n; i++) {
        const struct bw_done *d = &p->v[i];
        if (d->hash != l->hash || strcmp(d->lesson, l->id) != 0)
            continue;
        if (strcmp(d->step, "-") == 0)
            found = NULL;
        else if (strcmp(d->step, step) == 0)
            found = d;
    }
    return found;
}

size_t bw_progress_of(const struct bw_progress *p, const struct bw_lesson *l, const char **commands)
{
    size_t n = 0;

    if (commands)
        *commands = "";
    for (const struct bw_done *d; n < l->n_steps && (d = last_of(p, l, l->steps[n].id)); n++)
        if (commands)
            *commands = d->commands;
    return n;
}

void bw_progress_record(const struct bw_progress *p, const struct bw_lesson *l, struct bw_str *out)
{
    bw_str_addf(out, "# lesson: %s\n", l->id);
    for (size_t i = 0; i < l->n_steps; i++) {
        const struct bw_done *d = last_of(p, l, l->steps[i].id);
        if (d)
            bw_str_addf(out, "# step: %s\n%s\n", d->step, d->typed);
    }
}

static void add_json_text(struct bw_str *out, const char *s)
{
    BW_AUTO_STR safe = BW_STR_INIT;

    bw_str_addc(out, '"');
    for (const char *p = bw_str_safe(&safe, s); *p; p++) {
        if (*p == '"' || *p == '\\')
            bw_str_addc(out, '\\');
        bw_str_addc(out, *p);
    }
    bw_str_addc(out, '"');
}

void bw_progress_json(const struct bw_progress *p, struct bw_str *out)
{
    static const char *const predicted[] = {"null", "\"right\"", "\"wrong\"", "\"open\""};

    bw_str_add(out, "{\"boxwright\": \"" BW_VERSION "\", \"steps\": [");
    for (size_t i = 0; i < p->n; i++) {
        const struct bw_done *d = &p->v[i];
        bw_str_addf(out, "%s{\"when\": ", i > 0 ? ", " : "");
        add_json_text(out, d->when);
        bw_str_add(out, ", \"lesson\": ");
        add_json_text(out, d->lesson);
        bw_str_addf(out, ", \"version\": \"%016" PRIx64 "\", \"step\": ", d->hash);
        if (strcmp(d->step, "-") == 0)
            bw_str_add(out, "null");
        else
            add_json_text(out, d->step);
        bw_str_addf(out, ", \"hints\": %u, \"solution\": %s, \"predicted\": %s, \"checks\": %u",
                    d->hints, d->solution ? "true" : "false", predicted[d->predicted], d->checks);
        bw_str_addf(out, ", \"seconds\": %u}", d->seconds);
    }
    bw_str_add(out, "]}\n");
}
