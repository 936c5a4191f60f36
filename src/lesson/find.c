/* Where lessons lie. */
#include <dirent.h>
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/module.h"
#include "base/str.h"
#include "lesson/lesson.h"

static bool is_folder(const char *path)
{
    struct stat st;

    return stat(path, &st) == 0 && S_ISDIR(st.st_mode);
}

/* build/boxwright: the tree's own lessons; build/san/boxwright too. */
static bool beside_program(struct bw_str *out)
{
    const char *exe = bw_module_program(), *slash = strrchr(exe, '/');
    static const char *const up[] = {"/../lessons", "/../../lessons"};

    for (size_t i = 0; slash && i < sizeof up / sizeof *up; i++) {
        BW_AUTO_STR modules = BW_STR_INIT;
        bw_str_addf(&modules, "%.*s/modules", (int)(slash - exe), exe);
        bw_str_clear(out);
        bw_str_addf(out, "%.*s%s", (int)(slash - exe), exe, up[i]);
        /* Only where the program was built: an installed one has its modules elsewhere. */
        BW_AUTO_FREE char *real = is_folder(modules.s) ? realpath(out->s, NULL) : NULL;
        if (real && is_folder(real)) {
            bw_str_clear(out);
            bw_str_add(out, real);
            return true;
        }
    }
    return false;
}

void bw_lesson_folder(struct bw_str *out)
{
    if (beside_program(out))
        return;
    bw_str_clear(out);
    bw_str_add(out, BW_LESSONDIR);
}

static int by_name(const void *a, const void *b)
{
    return strcmp(((const struct bw_lesson_line *)a)->text,
                  ((const struct bw_lesson_line *)b)->text);
}

int bw_lesson_list(const char *folder, struct bw_lesson_lines *out, struct bw_err *err)
{
    DIR *d = opendir(folder);

    if (!d) {
        bw_err_call(err, errno, "open", "\"%s\", O_RDONLY|O_DIRECTORY", folder);
        bw_err_cause(err, "the lessons lie in a folder of files NN-name.md");
        bw_err_todo(err, "name that folder, or install boxwright again");
        return -1;
    }
    for (struct dirent *e; (e = readdir(d)) != NULL;) {
        size_t n = strlen(e->d_name);
        BW_AUTO_STR path = BW_STR_INIT;
        bw_str_addf(&path, "%s/%s", folder, e->d_name);
        /* Files that are no lessons, such as a README.md, begin with no digit. */
        if (n > 3 && strcmp(e->d_name + n - 3, ".md") == 0 && strchr("0123456789", e->d_name[0]))
            bw_lesson_add(out, path.s, (struct bw_at){0, 0}, 0);
    }
    closedir(d);
    if (out->n > 0)
        qsort(out->v, out->n, sizeof *out->v, by_name);
    return 0;
}

static bool named(const char *path, const char *word)
{
    const char *name = strrchr(path, '/') + 1;
    size_t len = strlen(word);
    long long a, b;
    char number[8] = "";

    if (strncmp(name, word, len) == 0 && (strcmp(name + len, ".md") == 0 || name[len] == '\0'))
        return true;
    strncpy(number, name, strspn(name, "0123456789") < 7 ? strspn(name, "0123456789") : 7);
    return bw_parse_num(word, 0, 9999, &a) == 0 && bw_parse_num(number, 0, 9999, &b) == 0 && a == b;
}

static bool has_id(const char *path, const char *word)
{
    struct bw_err ignored = BW_ERR_INIT;
    struct bw_lesson *l = bw_lesson_read(path, &ignored);
    bool is = l && strcmp(l->id, word) == 0;

    bw_lesson_free(l);
    return is;
}

int bw_lesson_find(const char *word, struct bw_str *path, struct bw_err *err)
{
    struct bw_lesson_lines all = {0};
    BW_AUTO_STR folder = BW_STR_INIT;
    int found = -1;

    bw_str_clear(path);
    if (strchr(word, '/')) {
        bw_str_add(path, word);
        return 0;
    }
    bw_lesson_folder(&folder);
    if (bw_lesson_list(folder.s, &all, err))
        return -1;
    for (size_t i = 0; i < all.n && found < 0; i++)
        if (named(all.v[i].text, word))
            found = (int)i;
    for (size_t i = 0; i < all.n && found < 0; i++)
        if (has_id(all.v[i].text, word))
            found = (int)i;
    if (found >= 0)
        bw_str_add(path, all.v[found].text);
    bw_lesson_lines_free(&all);
    if (found >= 0)
        return 0;
    bw_err_usage(err, "there is no lesson %s", word);
    bw_err_todo(err, "lessons lists them; a file elsewhere is named with a slash: ./my-lesson.md");
    return -1;
}
