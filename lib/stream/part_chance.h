/*
 * part_chance: what each row's label is a draw from, by the judgements of
 * several persons: the posterior of Dawid & Skene (stats/annotators.h), for the
 * noise among the parts of bias and variance.
 */
#ifndef STREAM_PART_CHANCE_H
#define STREAM_PART_CHANCE_H

#include <stdint.h>

#include "stream/goal.h"

/* {0} is empty.  4 bytes a row: the pattern of its judgements. */
struct part_chance {
    uint32_t *pattern; /* [n] */
    size_t n, capacity;
};

/* The row of that number was judged so (goal_pattern, not SIZE_MAX). */
void part_chance_set(struct part_chance *chance, size_t row, size_t pattern);

/*
 * After goal_finish: [rows][reader's classes], to be freed; NULL where the goal
 * found no posterior (fewer than three persons).  Rows that nobody judged have
 * the shares of the classes.
 */
double *part_chance_make(const struct part_chance *chance, size_t rows,
                         const struct goal *goal,
                         const struct prediction_reader *from);
void part_chance_release(struct part_chance *chance);

#endif
