/* Which control groups there are, and whether this user may use them: cgroups(7). Nothing is
 * made: rights are asked for with access(2). */
#include "probe_int.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/str.h"
#include "kern/cgroup.h"

static bool discover(struct bw_cg_host *host, struct bw_probe_row *row)
{
    struct bw_err err = BW_ERR_INIT;
    if (bw_cg_discover(host, &err) == 0)
        return true;
    bw_probe_refused(row, BW_PROBE_NO, &err);
    return false;
}

static void version(struct bw_probe_row *row)
{
    static const char *const names[] = {
        [BW_CG_NONE] = "none", [BW_CG_V1] = "v1", [BW_CG_V2] = "v2", [BW_CG_HYBRID] = "hybrid"};
    struct bw_cg_host host;
    if (!discover(&host, row))
        return;
    if (host.version == BW_CG_NONE) {
        bw_probe_found(row, BW_PROBE_NO, "no cgroup file system is mounted");
        bw_probe_fix(row, "as root: mount -t cgroup2 none /sys/fs/cgroup");
    } else {
        bw_probe_found(row, BW_PROBE_OK, "%s%s%.100s", names[host.version],
                       host.unified[0] ? ", cgroup2 on " : "", host.unified);
    }
}

/* Why dir cannot be written, as a fix. */
static void say_not_ours(struct bw_probe_row *row, const char *dir, bool v2)
{
    if (errno == EROFS) {
        bw_probe_found(row, BW_PROBE_LIMITED, "%.100s is mounted read-only", dir);
        bw_probe_fix(row, "run boxwright on the host, or the container with --privileged");
        return;
    }
    bw_probe_found(row, BW_PROBE_LIMITED, "%.100s is not uid %u's to write", dir, geteuid());
    if (v2 && access("/run/systemd/system", F_OK) == 0)
        bw_probe_fix(row,
                     "systemd-run --user --scope -p Delegate=yes boxwright; or sudo boxwright");
    else
        bw_probe_fix(row,
                     "sudo boxwright; or as root: chown %u to a group of one's own and start "
                     "boxwright in it",
                     geteuid());
}

static void absent(struct bw_probe_row *row, const char *name)
{
    BW_AUTO_STR text = BW_STR_INIT, line = BW_STR_INIT;
    const char *v1 = strcmp(name, "io") == 0 ? "blkio" : name;
    bw_str_addf(&line, "\n%s\t", v1);
    const char *at = bw_read_file(AT_FDCWD, "/proc/cgroups", &text) == 0
                         ? strstr(bw_str_get(&text), line.s)
                         : NULL;
    size_t n = at ? strcspn(at + 1, "\n") : 0;
    if (at && at[n] == '0') {
        bw_probe_found(row, BW_PROBE_NO, "the kernel has it, switched off at boot");
        bw_probe_fix(row, "boot without cgroup_disable=%s, or with cgroup_enable=%s", v1, v1);
    } else if (at) {
        bw_probe_found(row, BW_PROBE_NO, "the kernel has it, but no mounted hierarchy does");
        bw_probe_fix(row,
                     "as root: mkdir /sys/fs/cgroup/%s, then mount -t cgroup -o %s none "
                     "/sys/fs/cgroup/%s",
                     v1, v1, v1);
    } else {
        bw_probe_found(row, BW_PROBE_NO, "this kernel does not have it");
        bw_probe_fix(row, "a kernel with the %s controller, or go without this limit", name);
    }
}

/* The id is "cgroup-" and the controller's name. */
static void controller(struct bw_probe_row *row)
{
    struct bw_cg_host host;
    int i = bw_cg_by_name(row->id + 7);
    BW_AUTO_STR path = BW_STR_INIT, dir = BW_STR_INIT, list = BW_STR_INIT;
    if (i < 0 || !discover(&host, row))
        return;
    if (!host.ctl[i].present) {
        absent(row, bw_cg_names[i]);
        return;
    }
    if (bw_cg_path_of(&host, getpid(), (enum bw_cg_ctl)i, &path) != 0) {
        bw_probe_found(row, BW_PROBE_LIMITED, "boxwright's own group lies outside %.100s",
                       host.ctl[i].mount);
        bw_probe_fix(row, "start boxwright from a shell whose group is below that mount");
        return;
    }
    bw_str_addf(&dir, "%s%s", host.ctl[i].mount, strcmp(bw_str_get(&path), "/") == 0 ? "" : path.s);
    BW_AUTO_STR procs = BW_STR_INIT, own = BW_STR_INIT;
    bw_str_addf(&procs, "%s/cgroup.procs", dir.s);
    bw_str_addf(&own, "%s/cgroup.controllers", dir.s);
    if (access(dir.s, W_OK) != 0 || access(procs.s, W_OK) != 0) {
        say_not_ours(row, dir.s, host.ctl[i].v2);
        return;
    }
    if (host.ctl[i].v2 &&
        (bw_read_file(AT_FDCWD, own.s, &list) != 0 || !strstr(bw_str_get(&list), bw_cg_names[i]))) {
        bw_probe_found(row, BW_PROBE_LIMITED, "it is not in cgroup.controllers of %.90s", dir.s);
        bw_probe_fix(row, "as root: systemctl edit user@.service, with Delegate=cpu memory pids io "
                          "cpuset; or sudo boxwright");
        return;
    }
    bw_probe_found(row, BW_PROBE_OK, "%s, %.110s may be written", host.ctl[i].v2 ? "v2" : "v1",
                   dir.s);
}

static bool connects(const char *path)
{
    struct sockaddr_un a = {.sun_family = AF_UNIX};
    BW_AUTO_FD fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
    if (strlen(path) >= sizeof a.sun_path)
        return false;
    memcpy(a.sun_path, path, strlen(path) + 1);
    return fd >= 0 && connect(fd, (const struct sockaddr *)&a, sizeof a) == 0;
}

static void systemd(struct bw_probe_row *row)
{
    char bus[256] = "/run/dbus/system_bus_socket";
    const char *dir = getenv("XDG_RUNTIME_DIR");
    if (access("/run/systemd/system", F_OK) != 0) {
        bool root = geteuid() == 0;
        bw_probe_found(row, root ? BW_PROBE_OK : BW_PROBE_LIMITED,
                       root ? "systemd does not run here, and root needs no delegation from it"
                            : "systemd does not run here: nobody delegates groups");
        if (!root)
            bw_probe_fix(row, "sudo boxwright, or have root chown a group");
        return;
    }
    if (geteuid() != 0 && dir && strlen(dir) < 200)
        snprintf(bus, sizeof bus, "%s/bus", dir);
    else if (geteuid() != 0)
        snprintf(bus, sizeof bus, "/run/user/%u/bus", geteuid());
    if (connects(bus)) {
        bw_probe_found(row, BW_PROBE_OK, "systemd answers on %.120s", bus);
        return;
    }
    bw_probe_found(row, BW_PROBE_LIMITED, "systemd runs, but its bus %.90s does not answer", bus);
    bw_probe_fix(
        row,
        "log in anew, or as root: loginctl enable-linger USER; then XDG_RUNTIME_DIR=/run/user/%u",
        geteuid());
}

/* The file is in every group but the root. */
static bool has_kill(const char *dir)
{
    BW_AUTO_STR path = BW_STR_INIT;
    bw_str_addf(&path, "%s/cgroup.kill", dir);
    if (access(path.s, F_OK) == 0)
        return true;
    DIR *d = opendir(dir);
    bool found = false;
    for (struct dirent *e; d && !found && (e = readdir(d));) {
        if (e->d_name[0] == '.' || e->d_type != DT_DIR)
            continue;
        bw_str_clear(&path);
        bw_str_addf(&path, "%s/%s/cgroup.kill", dir, e->d_name);
        found = access(path.s, F_OK) == 0;
    }
    if (d)
        closedir(d);
    return found;
}

static void kill_file(struct bw_probe_row *row)
{
    struct bw_cg_host host;
    if (!discover(&host, row))
        return;
    if (!host.unified[0])
        bw_probe_found(row, BW_PROBE_LIMITED, "it is a file of cgroup v2, which is not mounted");
    else if (has_kill(host.unified))
        bw_probe_found(row, BW_PROBE_OK, "groups on %.100s have it", host.unified);
    else
        bw_probe_found(row, BW_PROBE_LIMITED, "no group was seen on %.100s that has it",
                       host.unified);
    if (row->state != BW_PROBE_OK)
        bw_probe_fix(row, "nothing to do: boxwright kills the processes of a group one by one");
}

/* What cgcreate io can limit by a directory. */
static void disk(struct bw_probe_row *row)
{
    struct stat st;
    if (stat("/usr", &st) == 0 && major(st.st_dev) != 0) {
        bw_probe_found(row, BW_PROBE_OK, "/usr lies on block device %u:%u", major(st.st_dev),
                       minor(st.st_dev));
        return;
    }
    bw_probe_found(row, BW_PROBE_NO, "the file system of /usr has no block device of its own");
    bw_probe_fix(row, "name a device instead: cgcreate io /dev/sda rbps=1M");
}

static const struct bw_probe probes[] = {
    {"cgroup", "control groups", version},
    {"cgroup-cpu", "controller cpu", controller},
    {"cgroup-memory", "controller memory", controller},
    {"cgroup-pids", "controller pids", controller},
    {"cgroup-io", "controller io", controller},
    {"cgroup-cpuset", "controller cpuset", controller},
    {"disk", "a disk to limit by directory", disk},
    {"systemd", "delegation by systemd", systemd},
    {"cgroup-kill", "cgroup.kill", kill_file},
};

const struct bw_probes bw_probes_cgroup = {probes, sizeof probes / sizeof probes[0]};
