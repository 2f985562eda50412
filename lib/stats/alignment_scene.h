/*
 * alignment_scene: what the steps of alignment_test look at; for them only.
 */
#ifndef STATS_ALIGNMENT_SCENE_H
#define STATS_ALIGNMENT_SCENE_H

#include "stats/alignment.h"

enum { ALIGNMENT_LEAST_ROWS = 40 };

struct scene {
    size_t n, classes;
    uint32_t *label; /* [n] < classes, which may be groups of them */
    const struct known_orders *known; /* or NULL */
    struct probe *probe;
    float *score; /* [n][classes] */
};

/* The class with the best score. */
size_t alignment_best_class(const struct scene *scene, size_t row);

/*
 * bad[ALIGNMENT_BLOCKS]: what was thought before of the blocks, and what is
 * thought now, the first time on little evidence; then those that are bad,
 * neighbours joined, as a's stretches.
 */
void alignment_judge_blocks(const struct scene *scene, bool first, bool *bad);
void alignment_join_blocks(const struct scene *scene, const bool *bad,
                           struct alignment *a);

/* The blocks of a stretch that was joined of some. */
void alignment_mark_blocks(const struct scene *scene,
                           const struct stretch *stretch, bool *marked);

/* Puts the ends of a stretch where the rows' scores change. */
void alignment_refine(const struct scene *scene, struct stretch *stretch);

/* Whether labels change seldom along some rows: less than .4 as often as in
 * random order. */
bool alignment_labels_run(const struct scene *scene, size_t begin, size_t end);

/*
 * Whether a stretch that no other order makes fit is to be blamed, or may be:
 * fills in its unlike and other_kind.
 */
bool alignment_blames(const struct scene *scene, const struct alignment *a,
                      struct stretch *stretch);

#endif
