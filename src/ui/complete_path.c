/* Candidates that are files: never led out of the box by a link in it. */
#include <dirent.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/path.h"
#include "base/str.h"
#include "complete_priv.h"
#include "kern/inroot.h"
#include "lesson/lesson.h"

enum { ENTRIES_MAX = 20000 };

static DIR *open_folder(pid_t pid, const char *path)
{
    BW_AUTO_FD fd = bw_inroot_open(pid, path, O_RDONLY | O_DIRECTORY);
    DIR *dir = fd >= 0 ? fdopendir(fd) : NULL;

    if (dir)
        bw_steal_fd(&fd);
    return dir;
}

static bool is_folder(pid_t pid, const char *path, unsigned char type)
{
    if (type != DT_LNK && type != DT_UNKNOWN)
        return type == DT_DIR;
    BW_AUTO_FD fd = bw_inroot_open(pid, path, O_PATH | O_DIRECTORY);
    return fd >= 0;
}

void bw_complete_path(pid_t pid, const char *prefix, struct bw_candidates *c)
{
    const char *slash = strrchr(prefix, '/');
    const char *base = slash ? slash + 1 : prefix;
    BW_AUTO_STR folder = BW_STR_INIT;
    BW_AUTO_STR word = BW_STR_INIT;

    bw_str_addn(&folder, prefix, (size_t)(base - prefix));
    DIR *dir = open_folder(pid, folder.len ? folder.s : ".");
    if (!dir)
        return;
    c->shown = folder.len;
    struct dirent *e;
    for (int i = 0; i < ENTRIES_MAX && (e = readdir(dir)) != NULL; i++) {
        if (!bw_str_starts(e->d_name, base) || strcmp(e->d_name, ".") == 0 ||
            strcmp(e->d_name, "..") == 0 || (e->d_name[0] == '.' && base[0] != '.'))
            continue;
        bw_str_clear(&word);
        bw_str_addf(&word, "%s%s", bw_str_get(&folder), e->d_name);
        bool open = is_folder(pid, word.s, e->d_type);
        if (open)
            bw_str_addc(&word, '/');
        bw_candidates_add(c, prefix, word.s, open);
    }
    closedir(dir);
}

static void programs_in(pid_t pid, const char *folder, const char *prefix, struct bw_candidates *c)
{
    BW_AUTO_STR path = BW_STR_INIT;
    DIR *dir = open_folder(pid, folder);
    struct dirent *e;

    if (!dir)
        return;
    for (int i = 0; i < ENTRIES_MAX && (e = readdir(dir)) != NULL; i++) {
        if (!bw_str_starts(e->d_name, prefix))
            continue;
        bw_str_clear(&path);
        bw_str_addf(&path, "%s/%s", folder, e->d_name);
        if (bw_inroot_is_program(pid, path.s))
            bw_candidates_add(c, prefix, e->d_name, false);
    }
    closedir(dir);
}

void bw_complete_program(pid_t pid, const char *prefix, struct bw_candidates *c)
{
    const char *path = getenv("PATH");
    BW_AUTO_STR folder = BW_STR_INIT;

    if (strchr(prefix, '/')) {
        bw_complete_path(pid, prefix, c);
        return;
    }
    if (!path || !*path)
        path = BW_PATH_USUAL;
    while (bw_path_next(&path, &folder))
        if (folder.s[0] == '/')
            programs_in(pid, folder.s, prefix, c);
}

void bw_complete_lesson(const char *prefix, struct bw_candidates *c)
{
    struct bw_lesson_lines all = {0};
    struct bw_err ignored = BW_ERR_INIT;
    BW_AUTO_STR folder = BW_STR_INIT;

    if (strchr(prefix, '/')) {
        bw_complete_path(0, prefix, c);
        return;
    }
    bw_lesson_folder(&folder);
    if (bw_lesson_list(folder.s, &all, &ignored))
        return;
    for (size_t i = 0; i < all.n; i++) {
        char *name = strrchr(all.v[i].text, '/') + 1;
        name[strlen(name) - strlen(".md")] = '\0';
        bw_candidates_add(c, prefix, name, false);
    }
    bw_lesson_lines_free(&all);
}
