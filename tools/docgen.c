/* Writes the reference from the command table: docgen commands (Markdown), docgen man (a manual
 * page). Either refuses to write when a field of an entry is empty; docgen check says which. */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/str.h"
#include "cmd/table.h"

static int empty(const char *s)
{
    return s == NULL || s[strspn(s, " \n")] == '\0';
}

static int check_field(const char *name, const char *field, const char *value)
{
    if (!empty(value))
        return 0;
    fprintf(stderr, "src/cmd/table_*.c: %s: %s is empty\n", name, field);
    return 1;
}

static int check_entry(const struct bw_command *c)
{
    int bad = check_field("an entry", "name", c->name);

    if (bad)
        return bad;
    bad += check_field(c->name, "usage", c->usage);
    bad += check_field(c->name, "summary", c->summary);
    bad += check_field(c->name, "help", c->help);
    bad += check_field(c->name, "example", c->example);
    bad += check_field(c->name, "shell", c->shell);
    bad += check_field(c->name, "man", c->man);
    bad += check_field(c->name, "run", c->run != NULL ? "there" : NULL);
    for (size_t i = 0; i < 4; i++)
        if (c->complete[i] == BW_C_WORDS)
            bad += check_field(c->name, "words", c->words);
    if (!bad && strncmp(c->usage, c->name, strlen(c->name)) != 0) {
        fprintf(stderr, "src/cmd/table_*.c: %s: usage does not begin with the name\n", c->name);
        bad++;
    }
    if (!bad && c->summary[strlen(c->summary) - 1] == '.') {
        fprintf(stderr, "src/cmd/table_*.c: %s: summary ends with a full stop\n", c->name);
        bad++;
    }
    if (bw_command_find(c->name) != c) {
        fprintf(stderr, "src/cmd/table_*.c: %s: a second entry of this name\n", c->name);
        bad++;
    }
    return bad;
}

static int check_table(void)
{
    int bad = 0;

    for (unsigned g = 0; g < BW_G_COUNT; g++) {
        bad += check_field("a group", "name", bw_groups[g]->name);
        if (bw_groups[g]->n == 0) {
            fprintf(stderr, "src/cmd/table_*.c: %s: no commands\n", bw_groups[g]->name);
            bad++;
        }
        for (size_t i = 0; i < bw_groups[g]->n; i++)
            bad += check_entry(&bw_groups[g]->commands[i]);
    }
    return bad;
}

static void needs_text(const struct bw_command *c, struct bw_str *out)
{
    if (c->needs & BW_STEP)
        bw_str_add(out, "A step: its calls and changes are shown, and undo takes it back. ");
    if (c->needs & BW_OWN_MNT)
        bw_str_add(out, "Refused while the box has no mount namespace of its own. ");
    if (out->len > 0)
        out->s[--out->len] = '\0';
}

/* ---- Markdown ---- */

/* In help a newline ends a paragraph. */
static void md_text(const char *s)
{
    for (; *s != '\0'; s++) {
        if (*s == '\n')
            putchar('\n');
        if (strchr("*_`<>|\\[]", *s) != NULL)
            putchar('\\');
        putchar(*s);
    }
}

static void md_block(const char *s)
{
    printf("```\n%s%s```\n\n", s, s[strlen(s) - 1] == '\n' ? "" : "\n");
}

static void md_command(const struct bw_command *c)
{
    BW_AUTO_STR needs = BW_STR_INIT;

    needs_text(c, &needs);
    printf("### %s\n\n", c->name);
    md_text(c->summary);
    printf(".\n\n");
    md_block(c->usage);
    md_text(c->help);
    printf("\n\n");
    if (needs.len > 0)
        printf("%s\n\n", needs.s);
    printf("For example:\n\n");
    md_block(c->example);
    printf("In a shell:\n\n");
    md_block(c->shell);
    printf("See ");
    md_text(c->man);
    printf(".\n\n");
}

static void md_all(void)
{
    printf("# Commands\n\n"
           "Written by `make docs` from the command table, `src/cmd/table.c`. "
           "In the program: `help`, `help COMMAND`.\n\n"
           "| group | commands |\n| --- | --- |\n");
    for (unsigned g = 0; g < BW_G_COUNT; g++) {
        const char *sep = "";
        printf("| %s | ", bw_groups[g]->name);
        for (size_t i = 0; i < bw_groups[g]->n; i++) {
            const char *name = bw_groups[g]->commands[i].name;
            printf("%s[%s](#%s)", sep, name, name);
            sep = ", ";
        }
        printf(" |\n");
    }
    for (unsigned g = 0; g < BW_G_COUNT; g++) {
        const char *name = bw_groups[g]->name;
        printf("\n## %c%s\n\n", toupper((unsigned char)name[0]), name + 1);
        for (size_t i = 0; i < bw_groups[g]->n; i++)
            md_command(&bw_groups[g]->commands[i]);
    }
}

/* ---- the manual page ---- */

/* A line that begins with a dot or a quote would be a request; a hyphen typed is a minus. */
static void man_text(const char *s, int paragraphs)
{
    int start = 1;

    for (; *s != '\0'; s++) {
        if (start && (*s == '.' || *s == '\''))
            printf("\\&");
        if (*s == '\\')
            printf("\\e");
        else if (*s == '-')
            printf("\\-");
        else if (*s == '\n' && paragraphs)
            printf("\n.PP\n");
        else
            putchar(*s);
        start = *s == '\n';
    }
}

static void man_block(const char *s)
{
    printf(".PP\n.in +4n\n.nf\n");
    man_text(s, 0);
    printf("%s.fi\n.in\n", s[strlen(s) - 1] == '\n' ? "" : "\n");
}

static void man_command(const struct bw_command *c)
{
    BW_AUTO_STR needs = BW_STR_INIT;

    needs_text(c, &needs);
    printf(".SS %s\n", c->name);
    man_text(c->summary, 1);
    printf(".\n");
    man_block(c->usage);
    printf(".PP\n");
    man_text(c->help, 1);
    printf("\n");
    if (needs.len > 0) {
        printf(".PP\n");
        man_text(needs.s, 1);
        printf("\n");
    }
    printf(".PP\nFor example:\n");
    man_block(c->example);
    printf(".PP\nIn a shell:\n");
    man_block(c->shell);
    printf(".PP\nSee ");
    man_text(c->man, 1);
    printf(".\n");
}

static const char man_head[] =
    ".\\\" Written by make docs from src/cmd/table.c and tools/docgen.c.\n"
    ".TH BOXWRIGHT 1 \"\" \"boxwright " BW_VERSION "\" \"User Commands\"\n"
    ".SH NAME\nboxwright \\- build a Linux container one kernel call at a time\n"
    ".SH SYNOPSIS\n"
    ".nf\n"
    ".B boxwright\n"
    "\\fBboxwright\\fR [\\fB\\-k\\fR] \\fIFILE\\fR\n"
    "\\fBboxwright\\fR [\\fB\\-k\\fR] \\fB\\-c\\fR \\fICOMMANDS\\fR\n"
    "\\fBboxwright inspect\\fR [\\fB\\-\\-json\\fR] [\\fIPID\\fR]\n"
    "\\fBboxwright diff\\fR \\fIPID\\fR [\\fIPID\\fR]\n"
    "\\fBboxwright doctor\\fR\n"
    "\\fBboxwright cleanup\\fR\n"
    "\\fBboxwright \\-\\-help\\fR | \\fB\\-\\-version\\fR\n"
    ".fi\n"
    ".SH DESCRIPTION\n"
    "An interactive shell that builds a container from namespaces, mounts and control groups. "
    "Each command is one step or a few; after it the system calls that were made are shown, "
    "what changed in the kernel, and what to look at next. The shell itself enters no namespace: "
    "the box is another process, the stage, which changes itself when asked.\n"
    ".PP\n"
    "Commands come from a terminal, from \\fIFILE\\fR, from \\fB\\-c\\fR or from standard input "
    "that is not a terminal. A script stops at the first failure; with \\fB\\-k\\fR it goes on. "
    "Words are split as a POSIX shell splits them; # starts a comment; semicolons and newlines "
    "separate commands. There are no pipes and no variables: use run sh \\-c for those.\n"
    ".PP\n"
    "Data goes to standard output, messages and traces to standard error.\n";

static const char man_tail[] =
    ".SH EXIT STATUS\n"
    "That of the last command: 0 done; 1 refused by the kernel or by boxwright; 2 wrong usage or "
    "syntax; a program's own status from run, sh and cgexec; 126 found but not executable; 127 "
    "not found; 128+N ended by signal N.\n"
    ".SH ENVIRONMENT\n"
    ".TP\n.B NO_COLOR\nNo colour, whatever the terminal can do.\n"
    ".TP\n.B XDG_STATE_HOME\nWhere the history of typed lines is kept, under boxwright/.\n"
    ".TP\n.B BW_LOG\nA file for boxwright's own log.\n"
    ".SH SEE ALSO\n"
    ".BR unshare (1),\n.BR nsenter (1),\n.BR chroot (1),\n.BR namespaces (7),\n"
    ".BR cgroups (7),\n.BR user_namespaces (7),\n.BR mount_namespaces (7)\n";

static void man_all(void)
{
    fputs(man_head, stdout);
    printf(".SH COMMANDS\n");
    for (unsigned g = 0; g < BW_G_COUNT; g++)
        for (size_t i = 0; i < bw_groups[g]->n; i++)
            man_command(&bw_groups[g]->commands[i]);
    fputs(man_tail, stdout);
}

int main(int argc, char **argv)
{
    const char *what = argc == 2 ? argv[1] : "";

    if (check_table() != 0)
        return 1;
    if (strcmp(what, "commands") == 0)
        md_all();
    else if (strcmp(what, "man") == 0)
        man_all();
    else if (strcmp(what, "check") != 0) {
        fprintf(stderr, "usage: docgen commands | man | check\n");
        return 2;
    }
    return fflush(stdout) == 0 ? 0 : 1;
}
