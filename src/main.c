/* What was asked for on the command line; the rest is in the layers. */
#include <locale.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"
#include "cmd/session.h"
#include "kern/cgroup.h"
#include "ui/line.h"
#include "ui/script.h"

static const char help[] =
    "usage: boxwright [-k] [FILE | -c COMMANDS]\n"
    "       boxwright inspect [--json] [PID] | diff PID [PID] | doctor | cleanup\n"
    "\n"
    "Builds a Linux container one kernel call at a time and shows each call.\n"
    "\n"
    "  (nothing)     asks for commands; from a pipe, runs its lines\n"
    "  FILE          runs a script, - standard input\n"
    "  -c COMMANDS   runs commands, separated by ; or new lines\n"
    "  -k            goes on after a command that failed\n"
    "  --no-pane     plain line editing without the split screen\n"
    "  inspect       what the kernel says of a process\n"
    "  diff          what two processes share and what not\n"
    "  doctor        what this machine allows, and the fix for what it does not\n"
    "  cleanup       removes what sessions that died left behind\n"
    "  --help, --version\n"
    "\n"
    "Exit status: that of the last command; 1 refused, 2 wrong usage or syntax,\n"
    "126 not executable, 127 not found, 128+N killed by signal N.\n"
    "The commands: boxwright -c help, and boxwright(1).\n";

struct options {
    const char *commands, *file;
    bool keep_going, plain;
};

static int usage(struct bw_session *s, const char *what, const char *word)
{
    bw_err_usage(&s->err, "%s%s", what, word);
    bw_err_todo(&s->err, "boxwright --help lists what there is");
    bw_session_print_err(s, &s->err, NULL);
    return BW_USAGE;
}

/* Returns -1 when the session is to run, else an exit status. */
static int parse(struct bw_session *s, char **argv, struct options *o)
{
    bool only_files = false;

    for (int i = 1; argv[i]; i++) {
        const char *w = argv[i];
        if (only_files || w[0] != '-' || strcmp(w, "-") == 0) {
            if (o->file || o->commands)
                return usage(s, "one script or one -c at a time: too many words from ", w);
            o->file = w;
        } else if (strcmp(w, "--") == 0) {
            only_files = true;
        } else if (strcmp(w, "-k") == 0) {
            o->keep_going = true;
        } else if (strcmp(w, "-c") == 0) {
            if (!argv[i + 1] || o->file || o->commands)
                return usage(s, "-c takes the commands as one word, and no FILE beside it", "");
            o->commands = argv[++i];
        } else if (strcmp(w, "--help") == 0 || strcmp(w, "-h") == 0) {
            bw_data(s->out, "%s", help);
            return 0;
        } else if (strcmp(w, "--version") == 0) {
            bw_data(s->out, "boxwright %s\n", BW_VERSION);
            return 0;
        } else if (strcmp(w, "--no-pane") == 0) {
            o->plain = true;
        } else {
            return usage(s, "there is no option ", w);
        }
    }
    return -1;
}

static int cleanup(struct bw_session *s)
{
    BW_AUTO_STR report = BW_STR_INIT;
    int n = bw_cg_cleanup(&report, &s->err);

    bw_data(s->out, "%s", n == 0 ? "nothing was left behind\n" : bw_str_get(&report));
    if (n < 0)
        bw_session_print_err(s, &s->err, NULL);
    return n < 0 ? BW_REFUSED : 0;
}

/* Returns -1 when the first word is no subcommand. */
static int subcommand(struct bw_session *s, int argc, char **argv)
{
    static const char *const looking[] = {"inspect", "diff", "doctor"};
    static const char *const later[] = {"watch", "learn", "lessons"};

    if (argc < 2)
        return -1;
    for (size_t i = 0; i < sizeof looking / sizeof *looking; i++)
        if (strcmp(argv[1], looking[i]) == 0)
            return bw_session_command(s, argc - 1, argv + 1, NULL);
    for (size_t i = 0; i < sizeof later / sizeof *later; i++)
        if (strcmp(argv[1], later[i]) == 0)
            return usage(s, "this version has no ", argv[1]);
    if (strcmp(argv[1], "cleanup") == 0)
        return argc > 2 ? usage(s, "cleanup takes no arguments, not ", argv[2]) : cleanup(s);
    return -1;
}

static int session(struct bw_session *s, const struct options *o)
{
    s->keep_going = o->keep_going;
    if (o->commands)
        return bw_session_text(s, o->commands, strlen(o->commands), NULL);
    if (o->file && strcmp(o->file, "-") != 0)
        return bw_script_file(s, o->file);
    return !o->file && isatty(STDIN_FILENO) ? bw_line_run(s, o->plain) : bw_script_stdin(s);
}

int main(int argc, char **argv)
{
    struct bw_session s;
    struct bw_out out;
    struct options o = {0};

    if (bw_fd_std() != 0)
        return BW_REFUSED;
    setlocale(LC_ALL, "");
    bw_out_stdio(&out);
    bw_session_open(&s, &out);
    bw_intr_catch(false);
    int status = subcommand(&s, argc, argv);
    if (status < 0)
        status = parse(&s, argv, &o);
    if (status < 0)
        status = session(&s, &o);
    bw_session_close(&s);
    if (bw_intr_end)
        return 128 + (int)bw_intr_end;
    /* What was asked for could not be written: a full disk, a closed pipe. */
    if (status == 0 && out.failed)
        return BW_REFUSED;
    return status;
}
