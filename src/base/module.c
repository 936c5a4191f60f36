#include "base/module.h"

#include <dlfcn.h>
#include <errno.h>
#include <limits.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/str.h"

struct module {
    struct module *next;
    char *name;
    void *handle;
};

static struct module *loaded;
static struct stat first_root;
static char program[PATH_MAX];

/* Noted before anything can be changed: after a chroot or setns the same paths name files of the
 * box, and code of the box must not be loaded into a process of ours. Other constructors, which
 * come later, may already be the stage. */
__attribute__((constructor(101))) static void note_root(void)
{
    if (stat("/", &first_root) != 0)
        first_root.st_ino = 0;
}

/* 1, 0, or -1 when that cannot be told. */
static int root_is_ours(struct bw_err *err)
{
    struct stat st;

    if (stat("/", &st))
        return bw_err_call(err, errno, "stat", "\"/\"");
    return st.st_dev == first_root.st_dev && st.st_ino == first_root.st_ino;
}

void bw_module_set_program(const char *path)
{
    size_t len = strlen(path);
    if (len < sizeof program)
        memcpy(program, path, len + 1);
}

const char *bw_module_program(void)
{
    if (program[0] == '\0') {
        ssize_t n = readlink("/proc/self/exe", program, sizeof program - 1);
        program[n > 0 ? n : 0] = '\0';
    }
    return program;
}

static void beside_program(const char *file, struct bw_str *path)
{
    const char *exe = bw_module_program(), *slash = strrchr(exe, '/');

    if (slash != NULL)
        bw_str_addf(path, "%.*s/modules/%s", (int)(slash - exe), exe, file);
}

int bw_module_file(const char *file, struct bw_str *path, struct bw_err *err)
{
    int ours = root_is_ours(err);
    if (ours <= 0) {
        if (ours == 0)
            bw_err_set(err, "%s cannot be read after the root directory was changed", file);
        return -1;
    }
    beside_program(file, path);
    /* A module that is there but lacks a library must report that library, not the next path. */
    if (path->len == 0 || (access(path->s, F_OK) != 0 && errno == ENOENT)) {
        bw_str_clear(path);
        bw_str_addf(path, "%s/%s", BW_LIBDIR, file);
    }
    return 0;
}

static void *load(const char *name, struct bw_err *err)
{
    BW_AUTO_STR path = BW_STR_INIT, file = BW_STR_INIT;

    int ours = root_is_ours(err);
    if (ours < 0)
        return NULL;
    if (ours == 0) {
        bw_err_set(err, "module %s cannot be loaded after the root directory was changed", name);
        bw_err_todo(err, "do this step before chroot, pivot or enter");
        return NULL;
    }
    bw_str_addf(&file, "%s.so", name);
    if (bw_module_file(file.s, &path, err))
        return NULL;
    void *handle = dlopen(path.s, RTLD_NOW | RTLD_LOCAL);
    if (handle == NULL) {
        const char *why = dlerror();
        bw_err_set(err, "module %s cannot be loaded: %s", name, why != NULL ? why : path.s);
        bw_err_todo(err, "run make deps and make, or install boxwright again");
    }
    return handle;
}

static struct module *find(const char *name, struct bw_err *err)
{
    for (struct module *m = loaded; m != NULL; m = m->next)
        if (strcmp(m->name, name) == 0)
            return m;
    void *handle = load(name, err);
    if (handle == NULL)
        return NULL;
    struct module *m = bw_alloc(sizeof *m);
    *m = (struct module){.next = loaded, .name = bw_strdup(name), .handle = handle};
    loaded = m;
    return m;
}

void *bw_module_symbol(const char *name, const char *symbol, struct bw_err *err)
{
    struct module *m = find(name, err);

    if (m == NULL)
        return NULL;
    void *address = dlsym(m->handle, symbol);
    if (address == NULL) {
        bw_err_set(err, "module %s has no function %s: it belongs to another version", name,
                   symbol);
        bw_err_todo(err, "run make again, or install boxwright again");
    }
    return address;
}

int bw_module_function(const char *name, const char *symbol, void *function, struct bw_err *err)
{
    void *found = bw_module_symbol(name, symbol, err);
    if (found == NULL)
        return -1;
    /* ISO C knows no cast from an object's address to a function's. */
    memcpy(function, &found, sizeof found);
    return 0;
}
