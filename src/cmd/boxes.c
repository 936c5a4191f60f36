#include "cmd/boxes.h"

#include <ctype.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "cmd/program.h"
#include "cmd/session.h"

int bw_box_check_name(const char *name, struct bw_err *err)
{
    static const char *const words[] = {"new", "list", "rm", "share"};
    size_t n = strlen(name);
    bool fits = n > 0 && n <= BW_CG_BOX_MAX && isalnum((unsigned char)name[0]);
    for (const char *p = name; *p; p++)
        fits =
            fits && (isalnum((unsigned char)*p) || strchr("._-", *p)) && (unsigned char)*p < 0x80;
    if (!fits) {
        bw_err_usage(err, "\"%s\" is no name for a box", name);
        bw_err_todo(err,
                    "take 1 to %d letters, digits, dots, dashes and underscores, a letter or "
                    "digit first",
                    BW_CG_BOX_MAX);
        return -1;
    }
    for (size_t i = 0; i < sizeof words / sizeof *words; i++)
        if (strcmp(name, words[i]) == 0) {
            bw_err_usage(err, "a box cannot be called %s: box %s means something else", name, name);
            bw_err_todo(err, "choose another name");
            return -1;
        }
    return 0;
}

struct bw_box *bw_box_find(const struct bw_session *s, const char *name)
{
    for (size_t i = 0; i < s->n_boxes; i++)
        if (strcmp(s->boxes[i]->name, name) == 0)
            return s->boxes[i];
    return NULL;
}

struct bw_box *bw_box_need(struct bw_session *s, const char *name)
{
    struct bw_box *box = bw_box_find(s, name);
    if (box || bw_box_check_name(name, &s->err))
        return box;
    bw_err_set(&s->err, "there is no box %s", name);
    bw_err_todo(&s->err, "box list names those there are; box new %s makes it", name);
    return NULL;
}

struct bw_box *bw_box_add(struct bw_session *s, const char *name)
{
    struct bw_box *box = bw_alloc(sizeof *box);
    *box = (struct bw_box){.stage = BW_STAGE_INIT};
    snprintf(box->name, sizeof box->name, "%s", name);
    s->boxes = bw_realloc(s->boxes, (s->n_boxes + 1) * sizeof *s->boxes);
    s->boxes[s->n_boxes++] = box;
    return box;
}

static void box_free(struct bw_box *box)
{
    bw_cg_free(box->cg);
    free(box->leans);
    bw_journal_free(&box->journal);
    free(box);
}

/* A box whose stage has ended may go although others lean on it. */
static void forget(struct bw_box *box, const struct bw_box *on)
{
    size_t n = 0;
    for (size_t i = 0; i < box->n_leans; i++)
        if (box->leans[i] != on)
            box->leans[n++] = box->leans[i];
    box->n_leans = n;
}

void bw_box_remove(struct bw_session *s, struct bw_box *box)
{
    struct bw_box *current = s->box;
    size_t n = 0;
    s->box = box;
    bw_session_end_box(s);
    s->box = current;
    for (size_t i = 0; i < s->n_boxes; i++) {
        if (s->boxes[i] == box)
            continue;
        forget(s->boxes[i], box);
        s->boxes[n++] = s->boxes[i];
    }
    s->n_boxes = n;
    box_free(box);
}

void bw_box_begin_anew(struct bw_session *s)
{
    struct bw_box *first = bw_box_find(s, BW_BOX_FIRST);
    s->box = first ? first : bw_box_add(s, BW_BOX_FIRST);
    for (size_t i = s->n_boxes; i-- > 0;)
        if (s->boxes[i] != s->box)
            bw_box_remove(s, s->boxes[i]);
    bw_session_end_box(s);
    bw_journal_free(&s->box->journal);
}

void bw_box_end_all(struct bw_session *s)
{
    for (size_t i = 0; i < s->n_boxes; i++)
        for (size_t k = 0; k < s->boxes[i]->n_programs; k++)
            bw_program_forget(s, &s->boxes[i]->programs[k]);
    bw_stage_kill_all();
    for (size_t i = 0; i < s->n_boxes; i++) {
        s->box = s->boxes[i];
        s->box->n_programs = 0;
        bw_session_end_box(s);
    }
    for (size_t i = 0; i < s->n_boxes; i++)
        box_free(s->boxes[i]);
    free(s->boxes);
    s->boxes = NULL;
    s->n_boxes = 0;
    s->box = NULL;
}

size_t bw_box_with(const struct bw_session *s, const struct bw_box *box, enum bw_ns ns,
                   struct bw_str *out)
{
    uint64_t inode = box->stage.pid > 0 ? bw_ns_inode(box->stage.pid, ns) : 0;
    size_t n = 0;
    if (s->n_boxes < 2 || inode == 0 || inode == bw_ns_inode(getpid(), ns))
        return 0;
    for (size_t i = 0; i < s->n_boxes; i++) {
        const struct bw_box *other = s->boxes[i];
        if (other == box || other->stage.pid <= 0 || bw_ns_inode(other->stage.pid, ns) != inode)
            continue;
        bw_str_addf(out, "%s%s", n++ > 0 ? " " : "", other->name);
    }
    return n;
}

void bw_box_lean(struct bw_box *box, struct bw_box *on)
{
    if (bw_box_leans(box, on))
        return;
    box->leans = bw_realloc(box->leans, (box->n_leans + 1) * sizeof *box->leans);
    box->leans[box->n_leans++] = on;
}

void bw_box_lean_no_more(struct bw_box *box)
{
    free(box->leans);
    box->leans = NULL;
    box->n_leans = 0;
}

bool bw_box_leans(const struct bw_box *box, const struct bw_box *on)
{
    for (size_t i = 0; i < box->n_leans; i++)
        if (box->leans[i] == on)
            return true;
    return false;
}

static bool depends(const struct bw_box *from, const struct bw_box *to)
{
    for (size_t i = 0; i < from->n_leans; i++)
        if (from->leans[i] == to || depends(from->leans[i], to))
            return true;
    return false;
}

int bw_box_check_lean(struct bw_session *s, const struct bw_box *other)
{
    if (!depends(other, s->box))
        return 0;
    bw_err_set(
        &s->err,
        "box %s is in namespaces of box %s, or on its network: were it so both ways, neither "
        "could be built anew",
        other->name, s->box->name);
    bw_err_todo(&s->err, "do it the other way round, in box %s", other->name);
    return -1;
}

struct bw_box *bw_box_leaning(const struct bw_session *s, const struct bw_box *box)
{
    for (size_t i = 0; i < s->n_boxes; i++)
        if (bw_box_leans(s->boxes[i], box))
            return s->boxes[i];
    return NULL;
}

int bw_box_refuse_shared(struct bw_session *s, const char *verb)
{
    const struct bw_box *other = bw_box_leaning(s, s->box);
    if (!other || !bw_stage_alive(&s->box->stage))
        return 0;
    bw_err_set(&s->err,
               "box %s is in namespaces of box %s, or on its network: %s would take them down "
               "under it, or leave it in the old ones",
               other->name, s->box->name, verb);
    bw_err_todo(&s->err, "box rm %s first, or box %s; undo there, until it shares none",
                other->name, other->name);
    return -1;
}
