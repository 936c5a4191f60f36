/* In place of base/module.c: what a target may load is linked to it. */
#include "linked.h"

#include <string.h>

#include "base/err.h"
#include "base/module.h"

void *bw_module_symbol(const char *name, const char *symbol, struct bw_err *err)
{
    void *address = NULL;

    for (const struct fuzz_function *f = fuzz_functions; f->symbol; f++)
        if (strcmp(f->symbol, symbol) == 0)
            /* ISO C knows no cast from a function's address to an object's. */
            memcpy(&address, &f->function, sizeof address);
    if (!address)
        bw_err_set(err, "%s of module %s is not linked", symbol, name);
    return address;
}

int bw_module_function(const char *name, const char *symbol, void *function, struct bw_err *err)
{
    void *address = bw_module_symbol(name, symbol, err);

    if (address)
        memcpy(function, &address, sizeof address);
    return address ? 0 : -1;
}

int bw_module_file(const char *file, struct bw_str *path, struct bw_err *err)
{
    (void)path;
    return bw_err_set(err, "a target reads no file, nor %s", file);
}

const char *bw_module_program(void)
{
    return "";
}

void bw_module_set_program(const char *path)
{
    (void)path;
}
