/* Lines as articles print them: sudo, a copied prompt, apt install, a stray dash, a bare
 * /bin/bash. What is wrong is said, and the meant thing is done. */
#ifndef BW_CMD_ARTICLE_H
#define BW_CMD_ARTICLE_H

#include <stdbool.h>
#include <stddef.h>
#include <sys/types.h>

struct bw_session;
struct bw_err;

/* Called for every command line before the table is asked. May take words away from or rewrite
 * argv in place (argc changes; freshly allocated words are owned by the array, as the old ones
 * were), noting each change with bw_session_note. Returns true when the line is wholly dealt with
 * (apt install …), with *status its exit status, or -1 with s->err filled. */
bool bw_article_line(struct bw_session *s, int *argc, char ***argv, int *status);

/* Whether a comment line "# word …" is a copied root prompt before a command: word is a command,
 * in lower case, and the text is not a script file. */
bool bw_article_prompt(const struct bw_session *s, const char *line);

/* Adds the way out to a syntax error when text, up to its line's end, redirects into a cgroup file
 * (echo 50000 > /sys/fs/cgroup/cpu/NAME/cpu.cfs_quota_us): the cgset or cgclassify that means it.
 */
void bw_article_syntax(const char *text, size_t len, struct bw_err *err);

/* A root without bash or zsh but with /bin/sh: rewrites *argv0 to "/bin/sh", notes it and returns
 * true. stage is the outside pid of who is about to exec; its root is looked through with
 * openat2(RESOLVE_IN_ROOT). */
bool bw_article_shell_fallback(struct bw_session *s, pid_t stage, char **argv0);

#endif
