/* How a process becomes a stage. A fork of the shell would carry the shell's memory, and its
 * program on the host, to where the box's programs are. So the program is executed anew, from a
 * copy that cannot be written to, and with nothing but the socket. */
#include "entry.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/log.h"
#include "base/module.h"
#include "base/str.h"
#include "kern/keyring.h"
#include "kern/sealed.h"
#include "stage/server.h"

extern char **environ;

static char name[] = "bw-stage", seen[] = "seen";
enum { SOCKET = 3 };

/* What the stage itself reads: a program's environment comes with the request to become it. */
static const char *const kept[] = {
    "BW_LOG=", "LD_LIBRARY_PATH=", "ASAN_OPTIONS=", "UBSAN_OPTIONS=", "BW_HOOK="};
enum { N_KEPT = sizeof kept / sizeof *kept };

static void small_environment(char *env[N_KEPT + 1])
{
    size_t n = 0;

    for (char **e = environ; e && *e; e++)
        for (size_t i = 0; i < N_KEPT && n < N_KEPT; i++)
            if (bw_str_starts(*e, kept[i]))
                env[n++] = *e;
    env[n] = NULL;
}

/* Signals stay blocked until the stage takes them: none may end it on its way. */
static int start(const char *path, int sock, char *const argv[], char *const env[], pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attr;
    sigset_t all;

    sigfillset(&all);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_adddup2(&files, sock, SOCKET);
    posix_spawnattr_init(&attr);
    posix_spawnattr_setsigmask(&attr, &all);
    posix_spawnattr_setsigdefault(&attr, &all);
    posix_spawnattr_setflags(&attr, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    int code = posix_spawn(pid, path, &files, &attr, argv, env);
    posix_spawnattr_destroy(&attr);
    posix_spawn_file_actions_destroy(&files);
    return code;
}

bool bw_entry_proc_hides(void)
{
    return geteuid() != 0 && access("/proc/1/status", R_OK) != 0;
}

int bw_entry_spawn(int sock, pid_t *pid, struct bw_err *err)
{
    char path[40], *env[N_KEPT + 1];
    int program = bw_sealed_program(err);

    if (program < 0)
        return -1;
    snprintf(path, sizeof path, "/proc/self/fd/%d", program);
    char *argv[] = {name, (char *)(size_t)bw_module_program(), bw_entry_proc_hides() ? seen : NULL,
                    NULL};
    small_environment(env);
    int code = start(path, sock, argv, env, pid);
    if (code == 0)
        return 0;
    bw_err_call(err, code, "posix_spawn", "\"%s\", [\"%s\", …]", path, name);
    bw_err_cause(err, "the copy of boxwright in memory that becomes the box's stage did not start");
    return -1;
}

static bool is_stage(int argc, char **argv)
{
    int type = 0;
    socklen_t size = sizeof type;

    if ((argc != 2 && argc != 3) || strcmp(argv[0], name) != 0)
        return false;
    if (getsockopt(SOCKET, SOL_SOCKET, SO_TYPE, &type, &size) == 0)
        return type == SOCK_SEQPACKET;
    /* A stage that was not told apart would take its name for a script's. */
    if (errno != EBADF && errno != ENOTSOCK)
        _exit(BW_REFUSED);
    return false;
}

/* Before main, so that every program with the stage in it, the tests too, can be one. */
__attribute__((constructor)) static void become_stage(int argc, char **argv)
{
    if (!is_stage(argc, argv))
        return;
    /* The box's programs may run under the same user, or hold every capability of the box's user
     * namespace: what is not dumpable they can neither trace nor look into. It is inherited by all
     * that the stage forks, until an exec. */
    struct bw_err cannot = BW_ERR_INIT;
    if (argc == 2 && prctl(PR_SET_DUMPABLE, 0))
        bw_err_call(&cannot, errno, "prctl", "PR_SET_DUMPABLE, 0");
    bw_fd_close_others(SOCKET);
    bw_module_set_program(argv[1]);
    bw_keyring_leave();
    bw_log("stage: started");
    bw_stage_serve(SOCKET, &cannot);
}
