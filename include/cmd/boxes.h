/* The boxes of a session. */
#ifndef BW_CMD_BOXES_H
#define BW_CMD_BOXES_H

#include <stdbool.h>
#include <stddef.h>

#include "kern/ns.h"

struct bw_box;
struct bw_err;
struct bw_session;
struct bw_str;

#define BW_BOX_FIRST "box" /* the name of the box that a session begins with */

enum { BW_BOXES_MAX = 4096 };

/* Refuses what can be no box's name: of 1 to 32 letters, digits, dots, dashes and underscores, not
 * a word of the command box itself. Returns -1 with a usage error. */
int bw_box_check_name(const char *name, struct bw_err *err);
/* The box of this name, or NULL; need fills s->err then. */
struct bw_box *bw_box_find(const struct bw_session *s, const char *name);
struct bw_box *bw_box_need(struct bw_session *s, const char *name);
/* An empty box at the end of the list. The name is valid and new. */
struct bw_box *bw_box_add(struct bw_session *s, const char *name);
/* Ends a box with all that is its own; it is not s->box. */
void bw_box_remove(struct bw_session *s, struct bw_box *box);
/* The session as it began: one box, called box, with nothing in it and no journal. */
void bw_box_begin_anew(struct bw_session *s);
/* Ends all boxes: the session's end. */
void bw_box_end_all(struct bw_session *s);

/* Adds the names of the other boxes that are in this namespace of the box, blank-separated;
 * nothing when it is the host's. Returns how many. */
size_t bw_box_with(const struct bw_session *s, const struct bw_box *box, enum bw_ns ns,
                   struct bw_str *out);
/* Notes that a box cannot go on without what is another's; forgets all of a box's. */
void bw_box_lean(struct bw_box *box, struct bw_box *on);
void bw_box_lean_no_more(struct bw_box *box);
bool bw_box_leans(const struct bw_box *box, const struct bw_box *on);
/* Refuses to make the current box lean on other when that one leans, over however many, on it. */
int bw_box_check_lean(struct bw_session *s, const struct bw_box *other);
/* The first other box that leans on this one, or NULL. */
struct bw_box *bw_box_leaning(const struct bw_session *s, const struct bw_box *box);
/* Refuses to take a box down (verb: "undo") while another one leans on it. */
int bw_box_refuse_shared(struct bw_session *s, const char *verb);

#endif
