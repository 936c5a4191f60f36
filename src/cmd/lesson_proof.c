#include "lesson_proof.h"

#include <fcntl.h>
#include <signal.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "base/fd.h"
#include "base/intr.h"

/* Programs of a solution write to no terminal and read from none. */
static void take_away(struct proof *p)
{
    BW_AUTO_FD null = open("/dev/null", O_RDONLY | O_CLOEXEC);

    p->written = memfd_create("lesson", MFD_CLOEXEC);
    for (int i = 0; i < 3; i++) {
        int instead = i == 0 ? null : p->written;
        p->fd[i] = fcntl(i, F_DUPFD_CLOEXEC, 3);
        if (instead >= 0)
            dup2(instead, i);
    }
}

static void give_back(struct proof *p)
{
    for (int i = 0; i < 3; i++)
        if (p->fd[i] >= 0) {
            dup2(p->fd[i], i);
            close(p->fd[i]);
        }
    bw_close_ptr(&p->written);
}

/* What programs wrote since, at the end of what was said. */
static void add_written(struct proof *p)
{
    char text[2048];
    off_t end = p->written >= 0 ? lseek(p->written, 0, SEEK_END) : 0;
    off_t from = end > (off_t)sizeof text ? end - (off_t)sizeof text : 0;
    ssize_t n = end > 0 ? pread(p->written, text, sizeof text, from) : 0;

    for (ssize_t i = 0; i < n; i++)
        bw_str_addc(&p->said, text[i] ? text[i] : '?');
    if (end > 0 && ftruncate(p->written, 0) == 0)
        lseek(p->written, 0, SEEK_SET);
}

const char *proof_said(struct proof *p)
{
    const char *text = bw_str_get(&p->said), *from = text + strlen(text);
    int lines = 0;

    while (from > text && lines < 5)
        lines += *--from == '\n';
    return from;
}

/* A command that never ends must not keep whoever proves: the session is told to end. */
static void too_long(int signal)
{
    bw_intr_end = signal;
}

bool proof_overdue(void)
{
    bool is = bw_intr_end == SIGALRM;

    if (is)
        bw_intr_end = 0;
    return is;
}

int proof_run(struct proof *p, const char *line, int *code)
{
    const struct sigaction limit = {.sa_handler = too_long};

    struct bw_session *s = &p->s;

    bw_str_clear(&p->said);
    s->status = 0;
    sigaction(SIGALRM, &limit, NULL);
    alarm(PROOF_SECONDS);
    lesson_room_before(&p->room);
    int status = bw_session_text(s, line, strlen(line), NULL);
    alarm(0);
    lesson_room_after(&p->room);
    add_written(p);
    *code = status ? s->err.code : 0;
    return status;
}

/* A box without a step may have no process yet: the step's start is that of a fresh one. */
int proof_begin(struct proof *p, size_t step)
{
    struct bw_stage *st = bw_session_box(&p->s);

    if (!st)
        return -1;
    bw_engine_begin(&p->room.e, step, st->pid);
    return 0;
}

int proof_open(struct proof *p, const struct bw_lesson *l)
{
    *p = (struct proof){.fd = {-1, -1, -1}, .written = -1};
    take_away(p);
    bw_out_string(&p->out, &p->said);
    bw_session_open(&p->s, &p->out);
    return lesson_room_open(&p->room, &p->s, l);
}

void proof_close(struct proof *p, bool *kept)
{
    bw_session_close(&p->s);
    lesson_room_close(&p->room, kept);
    give_back(p);
    bw_str_free(&p->said);
}
