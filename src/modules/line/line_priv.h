/* Between the files of the line editor. readline has one state for the whole process, and so has
 * its user. */
#ifndef BW_LINE_PRIV_H
#define BW_LINE_PRIV_H

#include <stdbool.h>

#include "base/str.h"

struct bw_session;
struct bw_split;

struct bw_editor {
    struct bw_session *s;
    struct bw_split *split; /* NULL: readline draws on the terminal itself */
    struct bw_str text;     /* earlier lines of a command that is not finished */
    struct bw_str pasted;   /* text that still has to be typed in */
    struct bw_str ahead;    /* keys that a program left, still to be typed in */
    struct bw_str slow;     /* what the presenter still types */
    bool pasting;           /* between the marks of a bracketed paste */
    bool done;
    char *line; /* NULL at the end of the input */
};
extern struct bw_editor bw_ed;

/* complete.c: Tab. */
int bw_ed_on_tab(int count, int key);

/* paste.c: the start mark of a paste; a byte of it; typing its next line in. */
int bw_ed_on_paste(int count, int key);
void bw_ed_collect_paste(void);
void bw_ed_type_pasted(void);

/* split.c: readline under the split screen. */
void bw_ed_split_init(void);
void bw_ed_split_begin(void); /* a line begins: keys mean what the view says */
void bw_ed_split_frame(void); /* drawn unless more keys wait */

#endif
