/* PATH: the directories in which a program's bare name is looked for. execvp(3) */
#ifndef BW_BASE_PATH_H
#define BW_BASE_PATH_H

#include <stdbool.h>

struct bw_str;

/* Where there is no PATH. */
#define BW_PATH_USUAL "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin"

/* The next directory of a PATH; an empty one is the working directory, ".". *rest is the PATH, or
 * NULL, at first and moves on. Returns false when there is none left. */
bool bw_path_next(const char **rest, struct bw_str *dir);

#endif
