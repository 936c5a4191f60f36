/* Programs of the machine and modules of boxwright that some commands use. */
#include "probe_int.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/module.h"

static bool have(struct bw_probe_row *row, const char *name)
{
    char path[256];
    if (!bw_probe_which(name, path, sizeof path))
        return false;
    bw_probe_found(row, BW_PROBE_OK, "%.150s", path);
    return true;
}

static void debootstrap(struct bw_probe_row *row)
{
    if (!have(row, "debootstrap")) {
        bw_probe_found(row, BW_PROBE_NO, "it is not installed; rootfs busybox needs no network");
        bw_probe_package(row, "debootstrap", "debootstrap", "debootstrap", "debootstrap");
    } else if (geteuid() != 0) {
        row->state = BW_PROBE_LIMITED;
        snprintf(row->found, sizeof row->found, "installed, but it wants root or a range of IDs");
        bw_probe_fix(row, "sudo boxwright, or rootfs busybox DIR");
    }
}

static void strace(struct bw_probe_row *row)
{
    if (have(row, "strace"))
        return;
    bw_probe_found(row, BW_PROBE_LIMITED,
                   "not installed; it is only for comparing with what boxwright prints");
    bw_probe_package(row, "strace", "strace", "strace", "strace");
}

struct module {
    const char *name, *symbol;
};

static int try_module(void *arg, struct bw_err *err)
{
    const struct module *m = arg;
    return bw_module_symbol(m->name, m->symbol, err) ? 0 : -1;
}

/* The id is "module-" and the module's name. It is loaded in a child, so that doctor stays small.
 */
static void module(struct bw_probe_row *row)
{
    static const struct module modules[] = {{"line", "bw_line_module_run"},
                                            {"json", "bw_json_snapshot"},
                                            {"archive", "bw_archive_module_unpack"},
                                            {"scope", "bw_scope_start"},
                                            {"yaml", "bw_yaml_parse"},
                                            {"markdown", "bw_markdown_parse"}};
    for (size_t i = 0; i < sizeof modules / sizeof modules[0]; i++) {
        struct module m = modules[i];
        struct bw_err err;
        if (strcmp(m.name, row->id + 7) != 0)
            continue;
        if (bw_probe_try(try_module, &m, &err) == 0)
            bw_probe_found(row, BW_PROBE_OK, "module %s was loaded", m.name);
        else
            bw_probe_refused(row, BW_PROBE_LIMITED, &err);
    }
}

static const struct bw_probe probes[] = {
    {"debootstrap", "debootstrap", debootstrap},
    {"strace", "strace", strace},
    {"module-line", "line editor (readline)", module},
    {"module-json", "inspect --json (json-c)", module},
    {"module-archive", "rootfs tar (libarchive)", module},
    {"module-scope", "scopes (libsystemd)", module},
    {"module-yaml", "lessons (libyaml)", module},
    {"module-markdown", "lessons (libcmark)", module},
};

const struct bw_probes bw_probes_tools = {probes, sizeof probes / sizeof probes[0]};
