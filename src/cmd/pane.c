#include "cmd/pane.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/state.h"
#include "base/str.h"
#include "base/words.h"

const char *const bw_pane_names[BW_PANE_SECTIONS] = {
    [BW_PANE_NAMESPACES] = "namespaces", [BW_PANE_GROUPS] = "groups", [BW_PANE_BOX] = "box",
    [BW_PANE_PROCESSES] = "processes",   [BW_PANE_STEPS] = "steps",   [BW_PANE_CALLS] = "calls",
    [BW_PANE_MOUNTS] = "mounts",         [BW_PANE_NET] = "net",
};

static const char *const sides[] = {
    [BW_SIDE_AUTO] = "auto", [BW_SIDE_RIGHT] = "right", [BW_SIDE_TOP] = "top"};

enum { COLS_MIN = 4, COLS_MAX = 400, KEPT_MAX = 4096 };

void bw_pane_default(struct bw_pane_opts *o)
{
    *o = (struct bw_pane_opts){.on = true, .rate = BW_PANE_RATE};
}

static int word_of(const char *word, const char *const *words, int n)
{
    for (int i = 0; i < n; i++)
        if (strcmp(word, words[i]) == 0)
            return i;
    return -1;
}

/* "on" 1, "off" 0, else -1. */
static int on_off(const char *word)
{
    static const char *const words[] = {"off", "on"};

    return word_of(word, words, 2);
}

static int set_rate(struct bw_pane_opts *o, const char *word, struct bw_err *err)
{
    char *end;
    double hz = strtod(word, &end);

    /* Written so that what is no number at all fails, too. */
    if (end == word || *end || !(hz >= 0.5 && hz <= 10)) {
        bw_err_usage(err, "the rate is 0.5 to 10 samples a second, not %s", word);
        bw_err_todo(err, "pane rate 4 is the default");
        return -1;
    }
    o->rate = (int)(hz * 10 + 0.5);
    return 0;
}

static int set_size(struct bw_pane_opts *o, const char *word, struct bw_err *err)
{
    long long n = 0;

    if (strcmp(word, "auto") != 0 && bw_parse_num(word, COLS_MIN, COLS_MAX, &n)) {
        bw_err_usage(err, "the size is auto, or %d to %d columns or rows, not %s", COLS_MIN,
                     COLS_MAX, word);
        bw_err_todo(err, "pane size auto fits it to the terminal");
        return -1;
    }
    o->size = (int)n;
    return 0;
}

static int set_side(struct bw_pane_opts *o, const char *word, struct bw_err *err)
{
    int side = word_of(word, sides, sizeof sides / sizeof *sides);

    if (side < 0) {
        bw_err_usage(err, "the side is right, top or auto, not %s", word);
        bw_err_todo(err, "pane side auto takes the right side on a wide terminal");
        return -1;
    }
    o->side = (enum bw_side)side;
    return 0;
}

static int set_section(struct bw_pane_opts *o, int section, const char *word, struct bw_err *err)
{
    int on = on_off(word);

    if (on < 0)
        return bw_err_usage(err, "a section is on or off, not %s", word);
    o->hidden = (o->hidden & ~(1u << section)) | (on ? 0u : 1u << section);
    return 0;
}

static bool is_setting(const char *word)
{
    static const char *const words[] = {"rate", "size", "side"};

    return word_of(word, words, 3) >= 0 || word_of(word, bw_pane_names, BW_PANE_SECTIONS) >= 0;
}

int bw_pane_set(struct bw_pane_opts *o, int argc, char *const *argv, struct bw_err *err)
{
    if (argc == 1 && on_off(argv[0]) >= 0) {
        o->on = on_off(argv[0]);
        return 0;
    }
    if (argc == 1 && strcmp(argv[0], "reset") == 0) {
        bw_pane_default(o);
        return 0;
    }
    if (argc == 2 && strcmp(argv[0], "rate") == 0)
        return set_rate(o, argv[1], err);
    if (argc == 2 && strcmp(argv[0], "size") == 0)
        return set_size(o, argv[1], err);
    if (argc == 2 && strcmp(argv[0], "side") == 0)
        return set_side(o, argv[1], err);
    int section = argc == 2 ? word_of(argv[0], bw_pane_names, BW_PANE_SECTIONS) : -1;
    if (section >= 0)
        return set_section(o, section, argv[1], err);
    if (argc == 1 && is_setting(argv[0])) {
        bw_err_usage(err, "%s what? pane alone shows what it is now", argv[0]);
        bw_err_todo(err, "help pane says what it can be");
        return -1;
    }
    bw_err_usage(err, "the pane has no setting %s%s%s", argc > 0 ? argv[0] : "",
                 argc > 1 ? " " : "", argc > 1 ? argv[1] : "");
    bw_err_todo(err, "pane alone shows the settings, help pane explains them");
    return -1;
}

void bw_pane_write(const struct bw_pane_opts *o, struct bw_str *out)
{
    bw_str_addf(out, "%s\nrate %d.%d\nside %s\n", o->on ? "on" : "off", o->rate / 10, o->rate % 10,
                sides[o->side]);
    if (o->size > 0)
        bw_str_addf(out, "size %d\n", o->size);
    else
        bw_str_add(out, "size auto\n");
    for (int i = 0; i < BW_PANE_SECTIONS; i++)
        bw_str_addf(out, "%s %s\n", bw_pane_names[i], o->hidden & 1u << i ? "off" : "on");
}

void bw_pane_read(struct bw_pane_opts *o, const char *text)
{
    BW_AUTO_FREE char *copy = bw_strdup(text);
    char *rest = NULL;

    for (char *line = strtok_r(copy, "\n", &rest); line; line = strtok_r(NULL, "\n", &rest)) {
        struct bw_err ignored = BW_ERR_INIT;
        char *words[2] = {line, strchr(line, ' ')};
        if (words[1])
            *words[1]++ = '\0';
        bw_pane_set(o, words[1] ? 2 : 1, words, &ignored);
    }
}

void bw_pane_load(struct bw_pane_opts *o)
{
    BW_AUTO_STR name = BW_STR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_pane_default(o);
    bw_state_name("pane", &name);
    BW_AUTO_FD fd = name.len > 0 ? bw_state_open(name.s, O_RDONLY) : -1;
    if (fd >= 0 && bw_read_all(fd, &text, KEPT_MAX) == 0)
        bw_pane_read(o, bw_str_get(&text));
}

void bw_pane_keep(const struct bw_pane_opts *o)
{
    BW_AUTO_STR name = BW_STR_INIT;
    BW_AUTO_STR text = BW_STR_INIT;

    bw_state_name("pane", &name);
    bw_pane_write(o, &text);
    if (name.len > 0 && bw_state_replace(name.s, text.s, text.len) != 0)
        bw_log("the pane's settings are not kept in %s: %s", name.s, strerror(errno));
}
