/* The lessons there are. */
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "cmd/lesson.h"
#include "cmd/session.h"
#include "lesson/lesson.h"
#include "lesson/progress.h"

static void print_way(struct bw_session *s, const struct bw_lesson *l, const struct bw_progress *p)
{
    size_t n = bw_progress_of(p, l, NULL);

    if (n == l->n_steps)
        bw_put(s->out, BW_DATA, BW_GOOD, "  done");
    else if (n > 0)
        bw_put(s->out, BW_DATA, BW_NOTE, "  %zu done", n);
}

static void print_one(struct bw_session *s, const struct bw_lesson *l, const struct bw_progress *p)
{
    struct bw_lesson_lack lacks[8];
    BW_AUTO_STR title = BW_STR_INIT;
    size_t n = bw_lesson_lacks(l, lacks, 8);

    bw_data(s->out, "%-15s  %-38s  %zu steps", l->name, bw_str_safe(&title, l->title), l->n_steps);
    if (l->minutes > 0)
        bw_data(s->out, ", %2d min", l->minutes);
    print_way(s, l, p);
    bw_data(s->out, "\n");
    for (size_t i = 0; i < n; i++)
        bw_put(s->out, BW_DATA, BW_DIM, "    needs %s: %s; %s\n", lacks[i].what, lacks[i].why,
               lacks[i].fix);
}

int bw_lessons_list(struct bw_session *s, const char *learn)
{
    struct bw_lesson_lines files = {0};
    BW_AUTO_STR folder = BW_STR_INIT;
    struct bw_progress progress;
    int status = 0;

    if (bw_progress_read(&progress, &s->err))
        bw_session_print_err(s, &s->err, NULL);
    bw_lesson_folder(&folder);
    if (bw_lesson_list(folder.s, &files, &s->err)) {
        bw_session_print_err(s, &s->err, NULL);
        bw_progress_free(&progress);
        return BW_REFUSED;
    }
    for (size_t i = 0; i < files.n; i++) {
        struct bw_lesson *l = bw_lesson_read(files.v[i].text, &s->err);
        if (l) {
            print_one(s, l, &progress);
        } else {
            bw_session_print_err(s, &s->err, NULL);
            status = s->err.status ? s->err.status : BW_REFUSED;
        }
        bw_lesson_free(l);
    }
    if (files.n > 0)
        bw_msg(s->out, "%s NAME begins one, such as %s 01, or goes on with it.\n", learn, learn);
    bw_lesson_lines_free(&files);
    bw_progress_free(&progress);
    return status;
}
