#include "cmd/article.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "article_priv.h"
#include "base/fd.h"
#include "base/words.h"
#include "cmd/session.h"
#include "cmd/table.h"
#include "kern/inroot.h"

#define NBSP "\xc2\xa0"

void article_remove(struct article *a, int i)
{
    free(a->v[i]);
    memmove(a->v + i, a->v + i + 1, (size_t)(a->n - i) * sizeof *a->v);
    a->n--;
}

void article_insert(struct article *a, int i, const char *word)
{
    a->v = bw_realloc(a->v, ((size_t)a->n + 2) * sizeof *a->v);
    memmove(a->v + i + 1, a->v + i, (size_t)(a->n - i + 1) * sizeof *a->v);
    a->v[i] = bw_strdup(word);
    a->n++;
}

void article_replace(struct article *a, int i, const char *word)
{
    char *old = a->v[i];

    a->v[i] = bw_strdup(word);
    free(old);
}

char *article_text(const struct article *a, int i)
{
    BW_AUTO_STR text = BW_STR_INIT;

    for (int at = i; at < a->n; at++) {
        if (at > i)
            bw_str_addc(&text, ' ');
        bw_words_quote(&text, a->v[at]);
    }
    return text.len ? bw_str_steal(&text) : bw_strdup("");
}

/* Web pages print no-break spaces, which split no words. */
static bool spaces(struct article *a, int *status)
{
    (void)status;
    bool any = false;

    if (!strstr(a->v[0], NBSP))
        return false;
    for (int i = 0; i < a->n; i++) {
        char *at;
        while ((at = strstr(a->v[i], NBSP)) != NULL) {
            BW_AUTO_FREE char *rest = bw_strdup(at + 2);
            *at = '\0';
            article_insert(a, i + 1, rest);
            if (*a->v[i] == '\0')
                article_remove(a, i);
            any = true;
        }
    }
    if (any)
        bw_session_note(a->s, "no-break spaces, copied with the line, are read as blanks");
    if (a->n > 1 && *a->v[a->n - 1] == '\0')
        article_remove(a, a->n - 1);
    return false;
}

/* "$", "%" or "user@host:~$" */
static bool is_prompt(const char *word)
{
    size_t n = strlen(word);

    if (strcmp(word, "$") == 0 || strcmp(word, "%") == 0 || strcmp(word, "#") == 0)
        return true;
    return n > 3 && strchr(word, '@') && strchr(word, ':') && strchr("$#", word[n - 1]);
}

static bool prompts(struct article *a, int *status)
{
    if (!is_prompt(a->v[0]))
        return false;
    bw_session_note(a->s, "the leading %s is a copied prompt: the command after it is meant",
                    a->v[0]);
    article_remove(a, 0);
    *status = 0;
    return a->n == 0;
}

static bool refuse_user(struct article *a, int *status, const char *user)
{
    bw_err_set(&a->s->err, "sudo would change the user to %s, and a session of boxwright has one",
               user);
    bw_err_todo(&a->s->err, "start boxwright itself as that user: sudo -u %s boxwright", user);
    *status = -1;
    return true;
}

static bool refuse_alone(struct article *a, int *status, const char *word)
{
    bw_err_set(&a->s->err, "%s without a command would start a shell outside the box", word);
    bw_err_todo(&a->s->err, "quit, then start boxwright as root: sudo boxwright");
    *status = -1;
    return true;
}

/* Takes sudo's options and NAME=VALUE words away. Returns the user asked for, or NULL. */
static char *drop_sudo_options(struct article *a, struct bw_str *dropped)
{
    char *user = NULL;

    while (a->n > 0 && (a->v[0][0] == '-' || (strchr(a->v[0], '=') && isupper(a->v[0][0])))) {
        bool end = strcmp(a->v[0], "--") == 0;
        if (strcmp(a->v[0], "-u") == 0 && a->n > 1) {
            free(user);
            user = bw_strdup(a->v[1]);
            article_remove(a, 1);
        }
        bw_str_addf(dropped, " %s", a->v[0]);
        article_remove(a, 0);
        if (end)
            break;
    }
    return user;
}

static bool sudo(struct article *a, int *status)
{
    if (strcmp(a->v[0], "sudo") != 0 && strcmp(a->v[0], "doas") != 0)
        return false;
    BW_AUTO_FREE char *name = bw_strdup(a->v[0]);
    BW_AUTO_STR dropped = BW_STR_INIT;
    article_remove(a, 0);
    BW_AUTO_FREE char *user = drop_sudo_options(a, &dropped);
    if (user && strcmp(user, "root") != 0)
        return refuse_user(a, status, user);
    if (a->n == 0 || strcmp(a->v[0], "su") == 0)
        return refuse_alone(a, status, name);
    if (geteuid() == 0)
        bw_session_note(a->s, "%s%s is left out: boxwright runs as root already", name,
                        bw_str_get(&dropped));
    else
        bw_session_note(a->s,
                        "%s%s is left out: boxwright has the rights of who started it (uid %u)",
                        name, bw_str_get(&dropped), (unsigned)geteuid());
    return false;
}

static bool leave(struct article *a, int *status)
{
    (void)status;
    if (strcmp(a->v[0], "exit") == 0 || strcmp(a->v[0], "logout") == 0)
        article_replace(a, 0, "quit");
    return false;
}

static bool bare_path(struct article *a, int *status)
{
    (void)status;
    if (!strchr(a->v[0], '/'))
        return false;
    bw_session_note(a->s, "%s is a program: run starts it in the box", a->v[0]);
    article_insert(a, 0, "run");
    return false;
}

bool bw_article_line(struct bw_session *s, int *argc, char ***argv, int *status)
{
    static article_rule *const rules[] = {spaces,          prompts,          sudo,
                                          leave,           article_packages, article_dashes,
                                          article_unshare, article_tools,    article_cgroupfs,
                                          bare_path};
    struct article a = {.s = s, .v = *argv, .n = *argc};
    bool done = false;

    for (size_t i = 0; !done && a.n > 0 && i < sizeof rules / sizeof *rules; i++)
        done = rules[i](&a, status);
    *argv = a.v;
    *argc = a.n;
    return done;
}

/* Words of a sentence, by which "# run the container process" is told from "# run ls". */
static bool is_prose(char *const *v, int n)
{
    static const char *const words[] = {"a",   "an",   "the", "to",   "for", "of",  "in",   "into",
                                        "and", "with", "is",  "from", "as",  "our", "your", "it"};

    for (int i = 1; i < n; i++)
        for (size_t k = 0; k < sizeof words / sizeof *words; k++)
            if (strcmp(v[i], words[k]) == 0)
                return true;
    return false;
}

bool bw_article_prompt(const struct bw_session *s, const char *line)
{
    struct bw_words w = {0};
    struct bw_err ignored = BW_ERR_INIT;
    size_t used;

    if (s->from_file || line[0] != '#' || (line[1] != ' ' && line[1] != '\t'))
        return false;
    bool meant = bw_words_split(line + 1, strlen(line + 1), &used, &w, &ignored) == BW_WORDS_OK &&
                 w.n > 0 && !is_prose(w.v, w.n) &&
                 (bw_command_find(w.v[0]) || strcmp(w.v[0], "sudo") == 0 || w.v[0][0] == '/');
    bw_words_free(&w);
    return meant;
}

static bool missing(pid_t pid, const char *path)
{
    BW_AUTO_FD fd = bw_inroot_open(pid, path, O_PATH);

    return fd < 0 && (errno == ENOENT || errno == ENOTDIR);
}

static bool missing_program(pid_t pid, const char *name)
{
    static const char *const folders[] = {"/usr/local/bin", "/usr/bin", "/bin", "/usr/sbin",
                                          "/sbin"};

    if (strchr(name, '/'))
        return missing(pid, name);
    for (size_t i = 0; i < sizeof folders / sizeof *folders; i++) {
        BW_AUTO_STR path = BW_STR_INIT;
        bw_str_addf(&path, "%s/%s", folders[i], name);
        if (!missing(pid, path.s))
            return false;
    }
    return true;
}

bool bw_article_shell_fallback(struct bw_session *s, pid_t stage, char **argv0)
{
    static char sh[] = "/bin/sh";
    const char *slash = strrchr(*argv0, '/');
    const char *base = slash ? slash + 1 : *argv0;

    if ((strcmp(base, "bash") != 0 && strcmp(base, "zsh") != 0) ||
        !missing_program(stage, *argv0) || !bw_inroot_is_program(stage, sh))
        return false;
    bw_session_note(s, "the box has no %s: its /bin/sh is run instead", *argv0);
    *argv0 = sh;
    return true;
}
