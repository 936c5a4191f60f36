#include "kern/apt.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdbool.h>
#include <string.h>
#include <strings.h>

#include "base/fd.h"
#include "base/str.h"

/* Whether a blank-separated list has the word; "bookworm/updates" is none of bookworm's. */
static bool has_word(const char *list, const char *word)
{
    size_t n = strlen(word);

    for (const char *p = list; (p += strspn(p, " \t"), *p); p += strcspn(p, " \t"))
        if (strcspn(p, " \t") == n && strncmp(p, word, n) == 0)
            return true;
    return false;
}

static int take_uri(const char *text, struct bw_str *out)
{
    for (const char *p = text; (p += strspn(p, " \t"), *p); p += strcspn(p, " \t"))
        if (bw_str_starts(p, "http://") || bw_str_starts(p, "https://")) {
            bw_str_clear(out);
            bw_str_addn(out, p, strcspn(p, " \t"));
            return 0;
        }
    return -1;
}

/* "deb [options] URI suite component…" */
static int list_line(const char *line, const char *suite, struct bw_str *out)
{
    char word[128];

    line += strspn(line, " \t");
    if (!bw_str_starts(line, "deb ") && !bw_str_starts(line, "deb\t"))
        return -1;
    line += 4 + strspn(line + 4, " \t");
    if (*line == '[') {
        line += strcspn(line, "]");
        line += *line == ']';
    }
    line += strspn(line, " \t");
    const char *uri = line;
    line += strcspn(line, " \t");
    line += strspn(line, " \t");
    size_t n = strcspn(line, " \t");
    if (n == 0 || n >= sizeof word)
        return -1;
    memcpy(word, line, n);
    word[n] = '\0';
    return strcmp(word, suite) == 0 ? take_uri(uri, out) : -1;
}

struct stanza {
    char *types, *uris, *suites;
};

static int end_stanza(struct stanza *s, const char *suite, struct bw_str *out)
{
    bool ours =
        s->types && s->uris && s->suites && has_word(s->types, "deb") && has_word(s->suites, suite);
    int r = ours ? take_uri(s->uris, out) : -1;

    *s = (struct stanza){0};
    return r;
}

static void field(struct stanza *s, char *line)
{
    char *colon = strchr(line, ':');

    if (!colon || *line == '#' || *line == ' ' || *line == '\t')
        return;
    *colon = '\0';
    if (strcasecmp(line, "Types") == 0)
        s->types = colon + 1;
    else if (strcasecmp(line, "URIs") == 0)
        s->uris = colon + 1;
    else if (strcasecmp(line, "Suites") == 0)
        s->suites = colon + 1;
}

int bw_apt_parse(const char *text, int deb822, const char *suite, struct bw_str *out)
{
    BW_AUTO_FREE char *copy = bw_strdup(text);
    struct stanza s = {0};
    int r = -1;

    for (char *line = copy, *next; line && r != 0; line = next) {
        next = strchr(line, '\n');
        if (next)
            *next++ = '\0';
        line[strcspn(line, "\r")] = '\0';
        if (!deb822)
            r = list_line(line, suite, out);
        else if (line[strspn(line, " \t")] == '\0')
            r = end_stanza(&s, suite, out);
        else
            field(&s, line);
    }
    return r != 0 && deb822 ? end_stanza(&s, suite, out) : r;
}

static int in_file(int dir, const char *name, const char *suite, struct bw_str *out)
{
    BW_AUTO_STR text = BW_STR_INIT;
    const char *dot = strrchr(name, '.');

    if (!dot || (strcmp(dot, ".list") != 0 && strcmp(dot, ".sources") != 0) ||
        bw_read_file(dir, name, &text) != 0)
        return -1;
    return bw_apt_parse(bw_str_get(&text), dot[1] == 's', suite, out);
}

int bw_apt_mirror(const char *suite, struct bw_str *out)
{
    if (in_file(AT_FDCWD, "/etc/apt/sources.list", suite, out) == 0)
        return 0;
    DIR *dir = opendir("/etc/apt/sources.list.d");
    struct dirent *e;
    int r = -1;
    while (dir && r != 0 && (e = readdir(dir)) != NULL)
        r = in_file(dirfd(dir), e->d_name, suite, out);
    if (dir)
        closedir(dir);
    return r;
}
