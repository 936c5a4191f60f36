#include "kern/profile.h"

#include <errno.h>
#include <fcntl.h>
#include <string.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/module.h"

static int load(const char *symbol, void *function, struct bw_err *err)
{
    return bw_module_function("seccomp", symbol, function, err);
}

int bw_profile_compile(const struct bw_profile_request *rq, struct bw_profile *out,
                       struct bw_err *err)
{
    int (*compile)(const struct bw_profile_request *, struct bw_profile *, struct bw_err *) = NULL;
    *out = (struct bw_profile){.unknown = BW_STR_INIT, .oci = BW_STR_INIT};
    if (load("bw_seccomp_module_compile", &compile, err))
        return -1;
    if (compile(rq, out, err) == 0)
        return 0;
    bw_profile_free(out);
    return -1;
}

void bw_profile_free(struct bw_profile *p)
{
    bw_filter_free(&p->filter);
    bw_str_free(&p->unknown);
    bw_str_free(&p->oci);
}

void bw_call_name(uint32_t arch, int nr, struct bw_str *out)
{
    int (*name)(uint32_t, int, struct bw_str *) = NULL;
    struct bw_err ignored = BW_ERR_INIT;
    if (load("bw_seccomp_module_name", &name, &ignored) || name(arch, nr, out))
        bw_str_addf(out, "call %d", nr);
}

int bw_call_number(const char *text)
{
    int (*number)(const char *) = NULL;
    struct bw_err ignored = BW_ERR_INIT;
    return load("bw_seccomp_module_number", &number, &ignored) ? -1 : number(text);
}

uint32_t bw_call_arch(void)
{
    uint32_t (*arch)(void) = NULL;
    struct bw_err ignored = BW_ERR_INIT;
    return load("bw_seccomp_module_arch", &arch, &ignored) ? 0 : arch();
}

void bw_call_names(struct bw_str *out)
{
    void (*names)(struct bw_str *) = NULL;
    struct bw_err ignored = BW_ERR_INIT;
    if (load("bw_seccomp_module_names", &names, &ignored) == 0)
        names(out);
}

int bw_profile_docker(struct bw_str *text, struct bw_err *err)
{
    BW_AUTO_STR path = BW_STR_INIT;
    if (bw_module_file("seccomp-docker.json", &path, err))
        return -1;
    if (bw_read_file(AT_FDCWD, path.s, text) == 0)
        return 0;
    bw_err_call(err, errno, "open", "\"%s\", O_RDONLY|O_CLOEXEC", path.s);
    bw_err_todo(err, "run make again, or install boxwright again");
    return -1;
}
