/* What was asked for on the command line; the rest is in the layers. */
#include <errno.h>
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"
#include "cmd/session.h"
#include "ui/line.h"
#include "ui/script.h"
#include "ui/subcommand.h"

static const char help[] =
    "usage: boxwright [-k] [FILE | -c COMMANDS]\n"
    "       boxwright inspect [--json] [PID] | diff PID [PID] | doctor | cleanup\n"
    "       boxwright watch [--json] [PID]\n"
    "       boxwright learn [--present] [LESSON] | lessons [check [DIR]]\n"
    "       boxwright progress [--json | --record LESSON] | grade [--programs] FILE\n"
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
    "  watch         the pane of a session that runs in another terminal\n"
    "  learn         a session that begins with a lesson; --present for a teacher\n"
    "  lessons       the lessons there are; check proves that they are sound\n"
    "  progress      what was learnt; grade judges what progress --record wrote\n"
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

/* Returns -1 when the session is to run, else an exit status. */
static int parse(struct bw_session *s, char **argv, struct options *o)
{
    bool only_files = false;

    for (int i = 1; argv[i]; i++) {
        const char *w = argv[i];
        if (only_files || w[0] != '-' || strcmp(w, "-") == 0) {
            if (o->file || o->commands)
                return bw_call_usage(s, "one script or one -c at a time: too many words from ", w);
            o->file = w;
        } else if (strcmp(w, "--") == 0) {
            only_files = true;
        } else if (strcmp(w, "-k") == 0) {
            o->keep_going = true;
        } else if (strcmp(w, "-c") == 0) {
            if (!argv[i + 1] || o->file || o->commands)
                return bw_call_usage(s, "-c takes the commands as one word, and no FILE beside it",
                                     "");
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
            return bw_call_usage(s, "there is no option ", w);
        }
    }
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

/* What was asked for could not be written: a full disk, a closed pipe. */
static int lost_output(struct bw_session *s, const struct bw_out *out, int status)
{
    bw_err_clear(&s->err);
    bw_err_call(&s->err, out->failed, "write", "%s", "1, …");
    bw_err_cause(&s->err, "not all that was asked for could be printed");
    bw_err_todo(&s->err, out->failed == EBADF ? "leave standard output open: > /dev/null drops it"
                                              : "print to a place that takes it");
    bw_session_print_err(s, &s->err, NULL);
    return status ? status : BW_REFUSED;
}

int main(int argc, char **argv)
{
    struct bw_session s;
    struct bw_out out;
    struct options o = {0};

    if (bw_fd_std() != 0) {
        fprintf(stderr, "boxwright: /dev/null, in place of a standard stream that is closed: %s\n",
                strerror(errno));
        return BW_REFUSED;
    }
    setlocale(LC_ALL, "");
    /* Numbers are typed and read as the kernel writes them. */
    setlocale(LC_NUMERIC, "C");
    bw_out_stdio(&out);
    bw_session_open(&s, &out);
    bw_intr_catch(false);
    int status = bw_subcommand(&s, argc, argv);
    if (status < 0)
        status = parse(&s, argv, &o);
    if (status < 0)
        status = session(&s, &o);
    bw_session_close(&s);
    if (bw_intr_end)
        return 128 + (int)bw_intr_end;
    return out.failed ? lost_output(&s, &out, status) : status;
}
