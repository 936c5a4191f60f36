/* Runs a target on files that are there, without a fuzzer: fuzz-NAME [-t SECONDS] FILE|DIR…
 * Each input has a process of its own, so that one that crashes, hangs or leaks is named and the
 * others are still run. Ends with totals; exit status 1 when one failed. */
#include <dirent.h>
#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "fuzz.h"

static const char *name;
static unsigned limit = 10;
static int passed, failed;

_Noreturn static void cannot(const char *path)
{
    fprintf(stderr, "%s: %s: %s\n", name, path, strerror(errno));
    exit(2);
}

static uint8_t *contents(const char *path, size_t *size)
{
    struct stat st;
    FILE *f = fopen(path, "re");

    if (!f || fstat(fileno(f), &st) != 0)
        cannot(path);
    /* No byte more than the input has: a sanitizer sees who reads on. */
    uint8_t *data = malloc((size_t)st.st_size > 0 ? (size_t)st.st_size : 1);
    if (!data)
        cannot(path);
    *size = fread(data, 1, (size_t)st.st_size, f);
    fclose(f);
    return data;
}

_Noreturn static void child(const char *path, int err)
{
    size_t size;
    uint8_t *data = contents(path, &size);

    dup2(err, STDERR_FILENO);
    alarm(limit);
    LLVMFuzzerTestOneInput(data, size);
    alarm(0);
    free(data);
    /* Not _exit: the sanitizer looks for leaks at the end. */
    exit(0);
}

/* The first lines of what the child said. */
static void show(FILE *said)
{
    char line[512];

    rewind(said);
    for (int i = 0; i < 12 && fgets(line, sizeof line, said); i++)
        printf("     | %.*s\n", (int)strcspn(line, "\n"), line);
}

static void run(const char *path)
{
    FILE *said = tmpfile();
    int status;

    fflush(stdout);
    pid_t pid = said ? fork() : -1;
    if (pid == 0)
        child(path, fileno(said));
    if (pid < 0 || waitpid(pid, &status, 0) != pid)
        cannot(path);
    if (status == 0) {
        passed++;
    } else {
        failed++;
        if (WIFSIGNALED(status))
            printf("FAIL %s: %s: %s\n", name, path,
                   WTERMSIG(status) == SIGALRM ? "not done in time" : strsignal(WTERMSIG(status)));
        else
            printf("FAIL %s: %s: exit status %d\n", name, path, WEXITSTATUS(status));
        show(said);
    }
    fclose(said);
}

static int visible(const struct dirent *e)
{
    return e->d_name[0] != '.';
}

static void run_folder(const char *dir)
{
    struct dirent **v;
    int n = scandir(dir, &v, visible, alphasort);

    if (n < 0)
        cannot(dir);
    for (int i = 0; i < n; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s", dir, v[i]->d_name);
        run(path);
        free(v[i]);
    }
    free(v);
}

int main(int argc, char **argv)
{
    struct stat st;
    int i = 1;

    name = strrchr(argv[0], '/') ? strrchr(argv[0], '/') + 1 : argv[0];
    if (argc > 2 && strcmp(argv[1], "-t") == 0) {
        limit = (unsigned)strtoul(argv[2], NULL, 10);
        i = 3;
    }
    for (; i < argc; i++) {
        if (stat(argv[i], &st) != 0)
            cannot(argv[i]);
        if (S_ISDIR(st.st_mode))
            run_folder(argv[i]);
        else
            run(argv[i]);
    }
    if (failed == 0 && passed > 0)
        printf("ok   %s: %d inputs\n", name, passed);
    if (passed + failed == 0) {
        printf("FAIL %s: no input\n", name);
        failed++;
    }
    printf("%d passed, %d failed, 0 skipped\n", passed, failed);
    return failed > 0;
}
