/* The scratch stage becomes a program. */
#include <errno.h>
#include <signal.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/err.h"
#include "base/fd.h"
#include "base/str.h"
#include "server_priv.h"

static const char *path_of(char *const env[])
{
    for (; *env; env++)
        if (bw_str_starts(*env, "PATH="))
            return *env + 5;
    return "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";
}

static void signals_default(void)
{
    for (int sig = 1; sig < NSIG; sig++)
        signal(sig, SIG_DFL);
    sigset_t none;
    sigemptyset(&none);
    sigprocmask(SIG_SETMASK, &none, NULL);
}

/* As execvp(3): EACCES of one place is remembered while the search goes on. */
static int exec_search(char *const argv[], char *const env[], struct bw_str *tried)
{
    bw_str_add(tried, argv[0]);
    if (!*argv[0] || strchr(argv[0], '/')) {
        execve(argv[0], argv, env);
        return errno;
    }
    int seen = ENOENT;
    const char *dir = path_of(env);
    while (*dir) {
        size_t n = strcspn(dir, ":");
        bw_str_clear(tried);
        bw_str_addn(tried, n ? dir : ".", n ? n : 1);
        bw_str_addf(tried, "/%s", argv[0]);
        execve(tried->s, argv, env);
        if (errno != ENOENT && errno != ENOTDIR)
            seen = errno;
        if (seen != ENOENT && seen != EACCES)
            return seen;
        dir += n + (dir[n] == ':');
    }
    bw_str_clear(tried);
    bw_str_add(tried, argv[0]);
    return seen;
}

static int status_of(int code, const char *path)
{
    struct stat st;
    /* A file that is there but whose loader is not gives ENOENT too. */
    if (code == ENOENT && (!strchr(path, '/') || stat(path, &st) != 0))
        return BW_NOTFOUND;
    return code == ENOTDIR ? BW_NOTFOUND : BW_NOEXEC;
}

int bw_server_exec(const struct bw_packet *p, struct bw_err *err)
{
    size_t n = p->head.strings, argc = (size_t)p->head.n[0];
    if (argc < 1 || argc > n)
        return bw_err_set(err, "a program needs a name");
    BW_AUTO_FREE char **argv = bw_alloc((argc + 1) * sizeof *argv);
    BW_AUTO_FREE char **env = bw_alloc((n - argc + 1) * sizeof *env);
    for (size_t i = 0; i < argc; i++)
        argv[i] = (char *)(size_t)p->str[i];
    for (size_t i = argc; i < n; i++)
        env[i - argc] = (char *)(size_t)p->str[i];
    argv[argc] = env[n - argc] = NULL;

    signals_default();
    bw_fd_cloexec();
    BW_AUTO_STR tried = BW_STR_INIT;
    int code = exec_search(argv, env, &tried);

    sigset_t all;
    sigfillset(&all);
    sigprocmask(SIG_SETMASK, &all, NULL);
    BW_AUTO_STR quoted = BW_STR_INIT;
    bw_str_add_quoted(&quoted, tried.s);
    bw_err_call(err, code, "execve", "%s, …", quoted.s);
    err->status = status_of(code, tried.s);
    return -1;
}
