/* Options as articles and typing fingers spoil them: a dash too few, one of the wrong kind, a
 * blank too many. */
#include <getopt.h>
#include <stdlib.h>
#include <string.h>

#include "article_priv.h"
#include "cmd/session.h"
#include "unshare_args.h"

/* en dash, em dash, hyphens, the minus sign and the horizontal bar, as UTF-8 */
static const char *const dashes[] = {"\xe2\x80\x90", "\xe2\x80\x91", "\xe2\x80\x92", "\xe2\x80\x93",
                                     "\xe2\x80\x94", "\xe2\x80\x95", "\xe2\x88\x92"};

static size_t typographic(const char *s)
{
    for (size_t i = 0; i < sizeof dashes / sizeof *dashes; i++)
        if (bw_str_starts(s, dashes[i]))
            return strlen(dashes[i]);
    return 0;
}

bool article_dash(const char *word, char **fixed)
{
    const char *name = word;
    bool any = false;
    size_t n;

    while ((n = typographic(name)) > 0 || *name == '-') {
        any = any || n > 0;
        name += n > 0 ? n : 1;
    }
    if (!any)
        return false;
    BW_AUTO_STR plain = BW_STR_INIT;
    bw_str_addf(&plain, "%s%s", strcspn(name, "=") == 1 ? "-" : "--", name);
    *fixed = bw_str_steal(&plain);
    return true;
}

bool article_dashes(struct article *a, int *status)
{
    (void)status;
    /* What follows these is a program's, and may mean what it says. */
    static const char *const programs[] = {"run", "sh", "host", "spawn"};

    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++)
        if (strcmp(a->v[0], programs[i]) == 0)
            return false;
    for (int i = 1; i < a->n; i++) {
        BW_AUTO_FREE char *fixed = NULL;
        if (!article_dash(a->v[i], &fixed))
            continue;
        bw_session_note(a->s, "%s has a typographic dash: %s is meant", a->v[i], fixed);
        article_replace(a, i, fixed);
    }
    return false;
}

static const struct option *exact(const char *name, size_t n)
{
    for (const struct option *o = unshare_options; o->name; o++)
        if (strlen(o->name) == n && strncmp(o->name, name, n) == 0)
            return o;
    return NULL;
}

/* As getopt_long(3): the beginning of one name alone stands for it. */
static const struct option *abbreviated(const char *name, size_t n)
{
    const struct option *found = NULL;

    for (const struct option *o = unshare_options; n > 0 && o->name; o++) {
        if (strncmp(o->name, name, n) != 0)
            continue;
        if (found)
            return NULL;
        found = o;
    }
    return found;
}

/* The nearest name, one letter in four at most being wrong. */
static const struct option *near(const char *name, size_t n)
{
    const struct option *best = NULL;
    size_t least = n / 4 + 1;
    BW_AUTO_STR part = BW_STR_INIT;

    bw_str_addn(&part, name, n);
    for (const struct option *o = unshare_options; o->name; o++) {
        size_t d = bw_str_distance(bw_str_get(&part), o->name);
        if (d < least) {
            least = d;
            best = o;
        }
    }
    return best;
}

static const struct option *meant(const char *name)
{
    size_t n = strcspn(name, "=");
    const struct option *o = exact(name, n);

    return o ? o : near(name, n);
}

/* Whether -abc is a row of unshare's letters; -R, -S and -G take the rest as their value. */
static bool letters(const char *word)
{
    for (const char *p = word + 1; *p; p++) {
        if (strchr("RSG", *p))
            return true;
        if (!strchr("muinpUCTfrc", *p))
            return false;
    }
    return true;
}

static void rewrite(struct article *a, int i, const struct option *o, const char *why)
{
    const char *value = strchr(a->v[i], '=');
    BW_AUTO_STR word = BW_STR_INIT;

    bw_str_addf(&word, "--%s%s", o->name, value ? value : "");
    bw_session_note(a->s, "%s %s: --%s is meant", a->v[i], why, o->name);
    article_replace(a, i, word.s);
}

/* "-- pid": to util-linux the rest is then a program and its arguments. */
static bool stray(struct article *a, int i)
{
    const char *next = i + 1 < a->n ? a->v[i + 1] : "";
    const struct option *o = exact(next, strcspn(next, "="));

    if (!o)
        return false;
    BW_AUTO_FREE char *was = bw_strdup(next);
    BW_AUTO_STR word = BW_STR_INIT;
    bw_str_addf(&word, "--%s", was);
    article_remove(a, i);
    article_replace(a, i, word.s);
    bw_session_note(a->s,
                    "after \"--\" unshare takes the rest as a program named %s and its arguments; "
                    "the blank is a slip, and %s is meant",
                    was, word.s);
    return true;
}

/* A bare word where options are: with a dash in it, or followed by an option, it is one that lost
 * its own dashes. mount and time are programs too. */
static bool lost_dashes(const struct article *a, int i)
{
    const char *word = a->v[i], *next = i + 1 < a->n ? a->v[i + 1] : "";
    const struct option *o = meant(word);

    if (!o || strchr(word, '/') || (i > 1 && a->v[1][0] != '-'))
        return false;
    if (strchr(o->name, '-'))
        return strchr(word, '-') || exact(word, strlen(word));
    return i > 1 && exact(word, strlen(word)) && strcmp(word, "time") != 0 &&
           strcmp(word, "mount") != 0 && bw_str_starts(next, "--") &&
           exact(next + 2, strcspn(next + 2, "="));
}

/* Puts one word right. Returns how many words the option takes, 0 when the program begins. */
static int mend(struct article *a, int i)
{
    const char *word = a->v[i], *name = word + strspn(word, "-");
    size_t n = strcspn(name, "=");
    const struct option *o = NULL;

    if (strcmp(word, "--") == 0)
        return stray(a, i);
    if (bw_str_starts(word, "--")) {
        o = exact(name, n) ? exact(name, n) : abbreviated(name, n);
        if (!o && (o = near(name, n)) != NULL)
            rewrite(a, i, o, "is no option of unshare");
        else if (o && word[2] == '-')
            rewrite(a, i, o, "has a dash too many");
    } else if (word[0] == '-') {
        if (letters(word))
            return 1 + (strchr("RSG", word[strlen(word) - 1]) != NULL && word[1] != '\0');
        if (n > 2 && (o = meant(name)) != NULL)
            rewrite(a, i, o, "has one dash");
    } else if (lost_dashes(a, i)) {
        o = meant(word);
        rewrite(a, i, o, "has no dashes");
    } else {
        return 0;
    }
    return 1 + (o && o->has_arg == required_argument && !strchr(a->v[i], '='));
}

bool article_unshare(struct article *a, int *status)
{
    (void)status;
    if (strcmp(a->v[0], "unshare") != 0 || a->n < 2)
        return false;
    BW_AUTO_FREE char *before = article_text(a, 0);
    for (int i = 1, step; i < a->n && (step = mend(a, i)) > 0; i += step)
        ;
    BW_AUTO_FREE char *after = article_text(a, 0);
    if (strcmp(before, after) != 0)
        bw_session_note(a->s, "the line is read as: %s", after);
    return false;
}
