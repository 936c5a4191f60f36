/* The command table: lessons. See cmd/table.h for what each field is for. */
#include "cmd/handlers.h"
#include "cmd/table.h"

static const struct bw_command commands[] = {
    {
        .name = "lessons",
        .usage = "lessons",
        .summary = "the lessons there are, and how far you are in each",
        .help = "Each takes 5 to 10 minutes. What a lesson needs and this machine does not have is "
                "told with the fix. boxwright lessons check proves that each lesson's goals and "
                "solutions are sound here.",
        .example = "lessons",
        .shell = "ls lessons",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_lessons,
    },
    {
        .name = "learn",
        .usage = "learn LESSON\nlearn\nlearn reset | reset lesson | begin | stop\n"
                 "learn --present LESSON",
        .summary = "begin a lesson, or go on with it where you left",
        .help =
            "A lesson is named by its number, its file or its id; one of your own by a path with a "
            "slash. It begins with an empty box, in a folder of its own that is removed after it. "
            "Each step has goals that are asked of the kernel after each command: what you typed "
            "does not matter, what the box is like does. A question is answered with its number, "
            "or "
            "not at all.\n"
            "Alone it shows the step once more. learn reset makes the box as it was when the step "
            "began, learn reset lesson begins anew, learn stop leaves. What is done is kept: the "
            "next time the box is made again and the lesson goes on. The first commands of a "
            "lesson "
            "from elsewhere are shown, and run only after learn begin.\n"
            "With --present a teacher's Enter on an empty line types the next command and another "
            "one runs it; anything else may be typed in between.",
        .example = "learn 1\nlearn stop",
        .shell = "less lessons/01-shared.md",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_LESSON, BW_C_WORDS},
        .words = "reset lesson begin stop --present",
        .run = bw_cmd_learn,
    },
    {
        .name = "hint",
        .usage = "hint",
        .summary = "the next hint for the step",
        .help = "First what the box as it is now shows to be wrong, then the idea, then the shape "
                "of the command. How many were told is kept with the step.",
        .example = "learn 1\nhint",
        .shell = "man 7 namespaces",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_hint,
    },
    {
        .name = "check",
        .usage = "check",
        .summary = "what of the step's goal holds, and why the rest does not",
        .help = "Each part of the goal is asked of the kernel now. This happens by itself after "
                "each command; check also tells each part, and watches for a second where the goal "
                "is about something that goes on.",
        .example = "learn 1\ncheck",
        .shell = "ls -l /proc/PID/ns",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_check,
    },
    {
        .name = "solution",
        .usage = "solution",
        .summary = "the commands that do the step",
        .help = "They are shown and not run. They begin where the step began; that they were shown "
                "is kept with the step.",
        .example = "learn 1\nsolution",
        .shell = "grep solution lessons/01-shared.md",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_solution,
    },
    {
        .name = "play",
        .usage = "play",
        .summary = "pause the lesson to try something, and go on with it",
        .help = "Nothing that is done meanwhile counts. play again, or ^C at the prompt, takes the "
                "steps made meanwhile back and goes on.",
        .example = "learn 1\nplay\nplay",
        .shell = "bash",
        .man = "boxwright(1)",
        .needs = 0,
        .complete = {BW_C_NONE},
        .words = "",
        .run = bw_cmd_play,
    },
};

const struct bw_command_group bw_group_lesson = {"lessons", commands,
                                                 sizeof commands / sizeof commands[0]};
