/* A lesson's file: read with a bound, checked byte by byte, taken apart. */
#include "lesson/lesson.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "lesson_priv.h"

bool bw_lesson_id_valid(const char *text)
{
    size_t n = strspn(text, "abcdefghijklmnopqrstuvwxyz0123456789-");

    return n > 0 && n <= 32 && text[n] == '\0' && text[0] >= 'a';
}

void bw_lesson_add(struct bw_lesson_lines *l, const char *text, struct bw_at at, int status)
{
    l->v = bw_realloc(l->v, (l->n + 1) * sizeof *l->v);
    l->v[l->n++] = (struct bw_lesson_line){bw_strdup(text), at, status};
}

void bw_lesson_lines_free(struct bw_lesson_lines *l)
{
    for (size_t i = 0; i < l->n; i++)
        free(l->v[i].text);
    free(l->v);
    *l = (struct bw_lesson_lines){0};
}

static void free_step(struct bw_lesson_step *s)
{
    free(s->id);
    free(s->title);
    free(s->predict.ask);
    bw_lesson_lines_free(&s->predict.choices);
    bw_goal_free(s->predict.expect);
    for (size_t i = 0; i < s->n_goal; i++) {
        bw_goal_free(s->goal[i].that);
        free(s->goal[i].say);
    }
    free(s->goal);
    bw_lesson_lines_free(&s->look);
    for (size_t i = 0; i < s->n_hints; i++) {
        bw_goal_free(s->hints[i].when);
        free(s->hints[i].say);
    }
    free(s->hints);
    bw_lesson_lines_free(&s->solution);
    free(s->no_undo);
    bw_rich_free(&s->text);
    bw_rich_free(&s->after);
}

void bw_lesson_free(struct bw_lesson *l)
{
    if (!l)
        return;
    for (size_t i = 0; i < l->n_steps; i++)
        free_step(&l->steps[i]);
    free(l->steps);
    free(l->path);
    free(l->name);
    free(l->id);
    free(l->title);
    bw_lesson_lines_free(&l->requires);
    bw_lesson_lines_free(&l->without_root);
    bw_lesson_lines_free(&l->setup);
    bw_lesson_lines_free(&l->commands);
    bw_lesson_lines_free(&l->links);
    bw_rich_free(&l->intro);
    free(l);
}

/* ---- the bytes ---- */

static uint64_t hash(const char *text, size_t len)
{
    uint64_t h = 0xcbf29ce484222325u; /* FNV-1a: tells versions of a file apart, no more */

    for (size_t i = 0; i < len; i++)
        h = (h ^ (unsigned char)text[i]) * 0x100000001b3u;
    return h;
}

/* Ends of lines become \n, a byte order mark goes; each byte keeps its line. */
static void normal(const char *text, size_t len, struct bw_str *out)
{
    if (len >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
        text += 3, len -= 3;
    for (size_t i = 0; i < len; i++)
        if (text[i] != '\r' || i + 1 == len || text[i + 1] != '\n')
            bw_str_addc(out, text[i]);
}

/* A character at a time: its first byte and those that go on from it. */
static int check_line(const char *line, size_t len, int number, struct bw_fault *f)
{
    for (size_t at = 0, n; at < len; at += n) {
        char one[5] = {0};
        for (n = 1; at + n < len && n < 4 && ((unsigned char)line[at + n] & 0xc0) == 0x80;)
            n++;
        memcpy(one, line + at, n);
        if (strcmp(one, "\t") != 0 && (one[0] == '\0' || !bw_str_is_safe(one)))
            return bw_fault_set(f, (struct bw_at){number, (int)at + 1},
                                "a control character, a mark of writing direction, or no UTF-8");
    }
    return 0;
}

static int check_bytes(const struct bw_str *text, struct bw_fault *f)
{
    int number = 1;

    for (size_t at = 0; at < text->len; number++) {
        const char *end = memchr(text->s + at, '\n', text->len - at);
        size_t n = end ? (size_t)(end - text->s) - at : text->len - at;
        if (check_line(text->s + at, n, number, f))
            return -1;
        at += n + 1;
    }
    return 0;
}

/* ---- the two parts ---- */

static const char *next_line(const char *p)
{
    p += strcspn(p, "\n");
    return *p ? p + 1 : p;
}

static bool is_rule(const char *line)
{
    return bw_str_starts(line, "---") && line[3 + strspn(line + 3, " \t")] == '\n';
}

static int take_parts(struct bw_lesson *l, const char *text, struct bw_fault *f)
{
    struct bw_node *front = NULL;
    const char *from = next_line(text), *end = from;
    int line = 2;

    if (!is_rule(text)) {
        bw_fault_set(f, (struct bw_at){1, 1},
                     "a lesson begins with a line --- and its front matter");
        snprintf(f->todo, sizeof f->todo, "docs/LESSON_FORMAT.md tells how one is written");
        return -1;
    }
    for (; *end && !is_rule(end); line++)
        end = next_line(end);
    if (!*end)
        return bw_fault_set(f, (struct bw_at){1, 1}, "the front matter is not ended by a line ---");
    int r = bw_node_parse(from, (size_t)(end - from), 2, &front, f);
    if (r == 0)
        r = lesson_take_front(l, front, f);
    bw_node_free(front);
    if (r)
        return -1;
    const char *body = next_line(end);
    return lesson_take_text(l, body, strlen(body), line + 1, f);
}

static void tell(const char *path, const struct bw_fault *f, struct bw_err *err)
{
    /* A fault without a place is the machine's, not the file's: a module is missing. */
    if (f->at.line == 0)
        bw_err_set(err, "%s", f->what);
    else
        bw_err_usage(err, "%.300s:%d:%d: %.150s", path, f->at.line, f->at.col, f->what);
    if (*f->todo)
        bw_err_todo(err, "%s", f->todo);
    else if (f->at.line > 0)
        bw_err_todo(err, "docs/LESSON_FORMAT.md tells how a lesson is written");
}

static char *name_of(const char *path)
{
    const char *slash = strrchr(path, '/');
    char *name = bw_strdup(slash ? slash + 1 : path), *dot = strrchr(name, '.');

    if (dot && strcmp(dot, ".md") == 0)
        *dot = '\0';
    return name;
}

struct bw_lesson *bw_lesson_parse(const char *path, const char *bytes, size_t len,
                                  struct bw_err *err)
{
    struct bw_lesson *l = bw_alloc(sizeof *l);
    struct bw_fault f = {0};
    BW_AUTO_STR text = BW_STR_INIT;

    *l = (struct bw_lesson){.path = bw_strdup(path), .name = name_of(path)};
    l->hash = hash(bytes, len);
    normal(bytes, len, &text);
    bw_str_addn(&text, "\n", 1);
    if (len <= BW_LESSON_BYTES && check_bytes(&text, &f) == 0 && take_parts(l, text.s, &f) == 0)
        return l;
    if (len > BW_LESSON_BYTES) {
        bw_fault_set(&f, (struct bw_at){1, 1}, "larger than a lesson may be, %d KiB",
                     BW_LESSON_BYTES / 1024);
        snprintf(f.todo, sizeof f.todo, "make two lessons of it");
    }
    tell(path, &f, err);
    bw_lesson_free(l);
    return NULL;
}

struct bw_lesson *bw_lesson_read(const char *path, struct bw_err *err)
{
    BW_AUTO_STR text = BW_STR_INIT;
    struct stat st;
    /* O_NONBLOCK: a FIFO must not hold the shell up. */
    BW_AUTO_FD fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);

    if (fd < 0 || fstat(fd, &st)) {
        bw_err_call(err, errno, "open", "\"%s\", O_RDONLY", path);
        bw_err_cause(err, "the lesson cannot be read");
        bw_err_todo(err, "boxwright lessons lists the lessons there are");
        return NULL;
    }
    if (!S_ISREG(st.st_mode)) {
        bw_err_usage(err, "%s is not a regular file", path);
        bw_err_todo(err, "boxwright lessons lists the lessons there are");
        return NULL;
    }
    /* One byte more than there may be is enough to see that there is too much. */
    if (st.st_size <= BW_LESSON_BYTES && bw_read_all(fd, &text, BW_LESSON_BYTES + 1) == 0)
        return bw_lesson_parse(path, bw_str_get(&text), text.len, err);
    if (st.st_size > BW_LESSON_BYTES || errno == EFBIG) {
        bw_err_usage(err, "%.300s:1:1: larger than a lesson may be, %d KiB", path,
                     BW_LESSON_BYTES / 1024);
        bw_err_todo(err, "make two lessons of it");
    } else {
        bw_err_call(err, errno, "read", "\"%s\"", path);
    }
    return NULL;
}
