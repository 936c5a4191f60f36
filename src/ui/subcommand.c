#include "ui/subcommand.h"

#include <limits.h>
#include <string.h>
#include <unistd.h>

#include "base/str.h"
#include "base/words.h"
#include "cmd/lesson.h"
#include "cmd/session.h"
#include "kern/cgroup.h"
#include "kern/forward.h"
#include "kern/link.h"
#include "kern/mark.h"
#include "kern/observe.h"
#include "kern/room.h"
#include "ui/line.h"
#include "ui/script.h"
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
    if (bw_proc_check(&s->err)) {
        bw_session_print_err(s, &s->err, NULL);
        return BW_REFUSED;
    }
    /* Processes first: those with a session's mark are told with their shell. */
    bw_mark_cleanup(&report);
    int n = bw_cg_cleanup(&report, &s->err);
    bw_link_cleanup(&report);
    bw_forward_cleanup(&report);
    bw_watch_cleanup(&report);
    bw_room_cleanup(&report);

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
        return bw_lessons_list(s, "boxwright learn");
    if (strcmp(words[0], "check") != 0)
        return bw_call_usage(s, "lessons lists them, lessons check [DIR] proves them, not ",
                             words[0]);
    if (words[1] && words[2])
        return bw_call_usage(s, "lessons check takes one folder or file, not ", words[2]);
    return bw_lessons_check(s, words[1]);
}

/* The session begins with the command learn. From a pipe its lines are what a learner types, who
 * goes on after what was refused. */
static int learn(struct bw_session *s, char **words)
{
    BW_AUTO_STR first = BW_STR_INIT;
    bool plain = false;

    bw_str_add(&first, "learn");
    for (; *words; words++) {
        if (strcmp(*words, "--no-pane") == 0) {
            plain = true;
            continue;
        }
        bw_str_addc(&first, ' ');
        bw_words_quote(&first, *words);
    }
    s->first = first.s;
    if (isatty(STDIN_FILENO))
        return bw_line_run(s, plain);
    s->keep_going = true;
    int status = bw_session_text(s, first.s, first.len, NULL);
    return status ? status : bw_script_stdin(s);
}

static int progress(struct bw_session *s, char **words)
{
    bool json = words[0] && strcmp(words[0], "--json") == 0;
    bool record = words[0] && strcmp(words[0], "--record") == 0 && words[1];

    if (words[json + 2 * record])
        return bw_call_usage(s, "progress takes --json, or --record LESSON, not ",
                             words[json + 2 * record]);
    return bw_lessons_progress(s, json, record ? words[1] : NULL);
}

static int grade(struct bw_session *s, char **words)
{
    bool programs = words[0] && strcmp(words[0], "--programs") == 0;
    const char *file = words[programs];

    if (!file || words[programs + 1])
        return bw_call_usage(
            s, "grade takes [--programs] and one file, of boxwright progress --record", "");
    return bw_lessons_grade(s, file, programs);
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
        return learn(s, argv + 2);
    /* The option that learn has may stand where it does without learn. */
    if (argc > 2 && strcmp(argv[1], "--no-pane") == 0 && strcmp(argv[2], "learn") == 0) {
        argv[2] = argv[1];
        return learn(s, argv + 2);
    }
    if (strcmp(argv[1], "progress") == 0)
        return progress(s, argv + 2);
    if (strcmp(argv[1], "grade") == 0)
        return grade(s, argv + 2);
    if (strcmp(argv[1], "watch") == 0)
        return watch(s, argv + 2);
    if (strcmp(argv[1], "cleanup") == 0)
        return argc > 2 ? bw_call_usage(s, "cleanup takes no arguments, not ", argv[2])
                        : cleanup(s);
    return -1;
}
