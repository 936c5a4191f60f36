/* The prompt: where the box stands. */
#ifndef BW_UI_PROMPT_H
#define BW_UI_PROMPT_H

struct bw_session;
struct bw_str;

/* Adds for example "box[pid mnt uts; cpu] /container # ": its own namespaces, the controllers of
 * its group, its root, and # for root or $ for an ordinary user. All that comes from the box is
 * made safe to print. */
void bw_prompt(struct bw_session *s, struct bw_str *out);

#endif
