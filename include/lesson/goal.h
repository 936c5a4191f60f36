/* The language of goals: predicates over what was observed. Grammar and names:
 * docs/LESSON_FORMAT.md. Evaluating reads snapshots and samples and nothing else; a goal runs
 * nothing and opens nothing. */
#ifndef BW_LESSON_GOAL_H
#define BW_LESSON_GOAL_H

#include <stdbool.h>
#include <stddef.h>

#include "lesson/node.h"
#include "model/snapshot.h"

struct bw_goal;
struct bw_str;

/* Parses text, which begins at at in the file, in one piece when plain is set, else folded or
 * escaped, so that a fault in it is told at at. truth: its value must be true or false. Returns
 * NULL with f. */
struct bw_goal *bw_goal_parse(const char *text, struct bw_at at, bool plain, bool truth,
                              struct bw_fault *f);
void bw_goal_free(struct bw_goal *g);
/* Whether it asks how something changes while it runs: rising(), slope(). */
bool bw_goal_sampled(const struct bw_goal *g);

enum bw_truth { BW_FALSE, BW_TRUE, BW_UNSEEN }; /* unseen: this host does not show it */

/* Counters over time; older ones are dropped. */
enum { BW_SAMPLES = 64 };
struct bw_samples {
    struct bw_sample {
        long long ms; /* CLOCK_MONOTONIC */
        struct bw_snapshot snap;
    } v[BW_SAMPLES];
    size_t n;
};
/* Takes the snapshot over. */
void bw_samples_add(struct bw_samples *s, long long ms, struct bw_snapshot *snap);
void bw_samples_clear(struct bw_samples *s);
/* Milliseconds between the first and the last. */
long long bw_samples_span(const struct bw_samples *s);
enum { BW_SAMPLED_MS = 900 }; /* the least that rising() and slope() judge by */

/* What a goal is asked of. box is NULL when there is none. */
struct bw_scene {
    const struct bw_snapshot *box, *host, *start; /* start: the box when the step began */
    const struct bw_samples *samples;
    const char *dir; /* what relative paths in a goal are relative to */
};

enum bw_truth bw_goal_holds(const struct bw_goal *g, const struct bw_scene *s);
/* Why it does not hold, in a few words with the values seen: "ns.pid is still 4026531836". */
void bw_goal_why(const struct bw_goal *g, const struct bw_scene *s, struct bw_str *out);
/* Its value as text: "1", "the same", "true"; for a prediction. */
void bw_goal_text(const struct bw_goal *g, const struct bw_scene *s, struct bw_str *out);

/* The names there are, each "NAME<tab>what it is", for the documents and completion. */
size_t bw_goal_names(const char **names, const char **what, size_t max);

#endif
