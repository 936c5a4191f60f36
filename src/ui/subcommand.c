#include "ui/subcommand.h"

#include <limits.h>
#include <string.h>

#include "base/str.h"
#include "cmd/lesson.h"
#include "cmd/session.h"
#include "kern/cgroup.h"
#include "ui/watch.h"

int bw_call_usage(struct bw_session *s, const char *what, const char *word)
{
    bw_err_usage(&s->err, "%s%s", what, word);
    bw_err_todo(&s->err, "boxwright --help lists what there is");
    bw_session_print_err(s, &s->err, NULL);
    return BW_USAGE;
}

static int cleanup(struct bw_session *s)
{
    BW_AUTO_STR report = BW_STR_INIT;
    int n = bw_cg_cleanup(&report, &s->err);

    /* What could not be removed is told with its reason, also when nothing else was. */
    bw_data(s->out, "%s",
            report.len == 0 && n == 0 ? "nothing was left behind\n" : bw_str_get(&report));
    if (n < 0)
        bw_session_print_err(s, &s->err, NULL);
    return n < 0 ? BW_REFUSED : 0;
}

static int watch(struct bw_session *s, char **words)
{
    long long pid = 0;
    bool json = false;

    for (; *words; words++) {
        if (strcmp(*words, "--json") == 0)
            json = true;
        else if (pid != 0 || bw_parse_num(*words, 1, INT_MAX, &pid) != 0)
            return bw_call_usage(s, "watch takes --json and the PID of one session, not ", *words);
    }
    if (bw_watch_run((pid_t)pid, json, s->out, &s->err) == 0)
        return 0;
    bw_session_print_err(s, &s->err, NULL);
    return s->err.status ? s->err.status : BW_REFUSED;
}

static int lessons(struct bw_session *s, char **words)
{
    if (!words[0])
        return bw_lessons_list(s);
    if (strcmp(words[0], "check") != 0)
        return bw_call_usage(s, "lessons lists them, lessons check [DIR] proves them, not ",
                             words[0]);
    if (words[1] && words[2])
        return bw_call_usage(s, "lessons check takes one folder or file, not ", words[2]);
    return bw_lessons_check(s, words[1]);
}

int bw_subcommand(struct bw_session *s, int argc, char **argv)
{
    static const char *const looking[] = {"inspect", "diff", "doctor"};

    if (argc < 2)
        return -1;
    for (size_t i = 0; i < sizeof looking / sizeof *looking; i++)
        if (strcmp(argv[1], looking[i]) == 0)
            return bw_session_command(s, argc - 1, argv + 1, NULL);
    if (strcmp(argv[1], "lessons") == 0)
        return lessons(s, argv + 2);
    if (strcmp(argv[1], "learn") == 0)
        return bw_call_usage(s, "this version has no ", argv[1]);
    if (strcmp(argv[1], "watch") == 0)
        return watch(s, argv + 2);
    if (strcmp(argv[1], "cleanup") == 0)
        return argc > 2 ? bw_call_usage(s, "cleanup takes no arguments, not ", argv[2])
                        : cleanup(s);
    return -1;
}
