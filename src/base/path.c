/* PATH, a directory at a time. */
#include "base/path.h"

#include <string.h>

#include "base/str.h"

bool bw_path_next(const char **rest, struct bw_str *dir)
{
    if (!*rest)
        return false;
    size_t n = strcspn(*rest, ":");
    bw_str_clear(dir);
    bw_str_addn(dir, n ? *rest : ".", n ? n : 1);
    *rest = (*rest)[n] ? *rest + n + 1 : NULL;
    return true;
}
