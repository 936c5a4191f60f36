/* The lessons there are. */
#include <stdio.h>
#include <stdlib.h>

#include "base/str.h"
#include "cmd/lesson.h"
#include "cmd/session.h"
#include "lesson/lesson.h"

static void print_one(struct bw_session *s, const struct bw_lesson *l)
{
    struct bw_lesson_lack lacks[8];
    BW_AUTO_STR title = BW_STR_INIT;
    size_t n = bw_lesson_lacks(l, lacks, 8);

    bw_data(s->out, "%-24s  %-44s  %2zu steps", l->name, bw_str_safe(&title, l->title), l->n_steps);
    if (l->minutes > 0)
        bw_data(s->out, ", %d min", l->minutes);
    bw_data(s->out, "\n");
    for (size_t i = 0; i < n; i++)
        bw_put(s->out, BW_DATA, BW_DIM, "    needs %s: %s; %s\n", lacks[i].what, lacks[i].why,
               lacks[i].fix);
}

int bw_lessons_list(struct bw_session *s)
{
    struct bw_lesson_lines files = {0};
    BW_AUTO_STR folder = BW_STR_INIT;
    int status = 0;

    bw_lesson_folder(&folder);
    if (bw_lesson_list(folder.s, &files, &s->err)) {
        bw_session_print_err(s, &s->err, NULL);
        return BW_REFUSED;
    }
    for (size_t i = 0; i < files.n; i++) {
        struct bw_lesson *l = bw_lesson_read(files.v[i].text, &s->err);
        if (l) {
            print_one(s, l);
        } else {
            bw_session_print_err(s, &s->err, NULL);
            status = s->err.status ? s->err.status : BW_REFUSED;
        }
        bw_lesson_free(l);
    }
    if (files.n > 0)
        bw_msg(s->out, "learn NAME begins one: boxwright learn %s\n", "01");
    bw_lesson_lines_free(&files);
    return status;
}
