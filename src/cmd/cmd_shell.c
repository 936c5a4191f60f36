/* The shell itself: help, set, quit. */
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "cmd/handlers.h"
#include "cmd/session.h"
#include "cmd/table.h"

enum { NAME_WIDTH = 14, TEXT_WIDTH = 78 };

static int width(const struct bw_session *s)
{
    int w = s->out->width > 0 ? s->out->width - 2 : TEXT_WIDTH;

    return w > TEXT_WIDTH ? TEXT_WIDTH : w < 20 ? 20 : w;
}

static int columns(const char *s, size_t n)
{
    int c = 0;

    for (size_t i = 0; i < n; i++)
        c += ((unsigned char)s[i] & 0xc0) != 0x80;
    return c;
}

/* Fills paragraphs, which a newline separates, to lines that begin at column indent. The first one
 * goes on at column at, unless that is 0. */
static void fill(struct bw_session *s, const char *text, int at, int indent)
{
    int max = width(s) + 2;

    while (*text) {
        size_t n = strcspn(text, " \n");
        int c = columns(text, n);
        if (at > indent && at + 1 + c > max) {
            bw_data(s->out, "\n");
            at = 0;
        }
        if (at == 0)
            bw_data(s->out, "%*s", at = indent, "");
        else if (at > indent)
            bw_data(s->out, " ");
        bw_data(s->out, "%.*s", (int)n, text);
        at += c + (at > indent);
        text += n;
        if (*text == '\n') {
            bw_data(s->out, "\n");
            at = 0;
        }
        text += *text != '\0';
    }
    bw_data(s->out, "\n");
}

static void list_group(struct bw_session *s, const struct bw_command_group *g)
{
    bw_put(s->out, BW_DATA, BW_BOLD, "%s\n", g->name);
    for (size_t i = 0; i < g->n; i++) {
        bw_data(s->out, "  %-*s", NAME_WIDTH, g->commands[i].name);
        fill(s, g->commands[i].summary, 2 + NAME_WIDTH, 2 + NAME_WIDTH);
    }
}

static int list_all(struct bw_session *s)
{
    for (int g = 0; g < BW_G_COUNT; g++)
        list_group(s, bw_groups[g]);
    bw_data(s->out, "help COMMAND tells all about one command, help GROUP lists one group.\n");
    return 0;
}

static void lines(struct bw_session *s, const char *title, const char *text)
{
    bw_put(s->out, BW_DATA, BW_BOLD, "%s\n", title);
    while (*text) {
        size_t n = strcspn(text, "\n");
        bw_data(s->out, "  %.*s\n", (int)n, text);
        text += n + (text[n] == '\n');
    }
}

static void needs(struct bw_session *s, const struct bw_command *c)
{
    if (c->needs & BW_OWN_MNT)
        lines(s, "needs", "a mount namespace of its own: unshare mnt comes first");
    if (c->needs & BW_STEP)
        bw_data(s->out, "A step: undo takes it back.\n");
}

static int show(struct bw_session *s, const struct bw_command *c)
{
    BW_AUTO_STR what = BW_STR_INIT;
    bw_str_addf(&what, "%s (%s)", c->summary, bw_groups[bw_command_group(c)]->name);
    bw_put(s->out, BW_DATA, BW_BOLD, "%s", c->name);
    bw_data(s->out, ":");
    fill(s, what.s, (int)strlen(c->name) + 1, 2);
    lines(s, "usage", c->usage);
    bw_put(s->out, BW_DATA, BW_BOLD, "what it does\n");
    fill(s, c->help, 0, 2);
    needs(s, c);
    lines(s, "example", c->example);
    lines(s, "as a shell line", c->shell);
    lines(s, "manual", c->man);
    return 0;
}

/* A group by its name or the beginning of it ("file system", "file"). */
static int group_of(const char *name)
{
    size_t n = strlen(name);

    for (int g = 0; n > 0 && g < BW_G_COUNT; g++)
        if (strncasecmp(bw_groups[g]->name, name, n) == 0)
            return g;
    return -1;
}

int bw_cmd_help(struct bw_session *s, int argc, char **argv)
{
    BW_AUTO_STR name = BW_STR_INIT;

    if (argc == 1)
        return list_all(s);
    for (int i = 1; i < argc; i++)
        bw_str_addf(&name, "%s%s", i > 1 ? " " : "", argv[i]);
    const struct bw_command *c = bw_command_find(bw_str_get(&name));
    if (c)
        return show(s, c);
    int group = group_of(bw_str_get(&name));
    if (group >= 0) {
        list_group(s, bw_groups[group]);
        return 0;
    }
    if (bw_command_outside(bw_str_get(&name), &s->err))
        return -1;
    const char *near = bw_command_near(bw_str_get(&name));
    bw_err_usage(&s->err, "there is no command or group %s", bw_str_get(&name));
    if (near)
        bw_err_todo(&s->err, "help %s, or help alone for the list", near);
    else
        bw_err_todo(&s->err, "help alone lists the commands");
    return -1;
}

static const char *const verbose_means[] = {"what changed", "calls and what changed",
                                            "every call and what changed"};

int bw_cmd_set(struct bw_session *s, int argc, char **argv)
{
    long long value;

    if (argc > 1 && strcmp(argv[1], "verbose") != 0) {
        bw_err_usage(&s->err, "there is no setting %s", argv[1]);
        bw_err_todo(&s->err, "set alone shows the settings; the one there is: set verbose 0|1|2");
        return -1;
    }
    if (argc > 3 || (argc == 3 && bw_parse_num(argv[2], 0, 2, &value) != 0)) {
        bw_err_usage(&s->err, "verbose is 0, 1 or 2, not %s", argc > 3 ? "more words" : argv[2]);
        bw_err_todo(&s->err, "0 shows what changed, 1 the calls too, 2 every call");
        return -1;
    }
    if (argc == 3)
        s->verbose = (int)value;
    else
        bw_data(s->out, "verbose %d  (%s)\n", s->verbose, verbose_means[s->verbose]);
    return 0;
}

int bw_cmd_quit(struct bw_session *s, int argc, char **argv)
{
    long long status = s->status;

    if (argc > 2 || (argc == 2 && bw_parse_num(argv[1], 0, 255, &status) != 0)) {
        bw_err_usage(&s->err, "quit takes one exit status from 0 to 255");
        bw_err_todo(&s->err, "quit alone ends with the status of the last command");
        return -1;
    }
    s->quit = true;
    return (int)status;
}
