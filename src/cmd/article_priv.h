/* Between the files of article mode: a command line whose words can be changed. */
#ifndef BW_CMD_ARTICLE_PRIV_H
#define BW_CMD_ARTICLE_PRIV_H

#include <stdbool.h>

struct bw_session;

struct article {
    struct bw_session *s;
    char **v; /* NULL-terminated, the words owned */
    int n;
};

void article_remove(struct article *a, int i);
void article_insert(struct article *a, int i, const char *word);
void article_replace(struct article *a, int i, const char *word);
/* The words from i on, quoted as typed; free with free(). */
char *article_text(const struct article *a, int i);

/* Each looks for its own kind of line. Returns true when the line is wholly dealt with, with
 * *status as in bw_article_line. */
typedef bool article_rule(struct article *a, int *status);
article_rule article_packages; /* apt install … */
article_rule article_unshare;  /* a stray --, a missing dash, a mistyped option */
article_rule article_dashes;   /* a typographic dash before an option */
article_rule article_tools;    /* nsenter, docker, ip netns */
article_rule article_cgroupfs; /* mkdir, cat, rmdir below /sys/fs/cgroup */

/* Whether word begins with typographic dashes: *fixed is then the word with plain ones, two before
 * a long name (free with free()). */
bool article_dash(const char *word, char **fixed);

#endif
