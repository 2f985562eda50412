/*
 * part_chance: what each row's label is a draw from, by the judgements of
 * several persons: the posterior of Dawid & Skene (stats/annotators.h), for the
 * noise among the parts of bias and variance.
 */
#ifndef STREAM_PART_CHANCE_H
#define STREAM_PART_CHANCE_H

#include "stream/goal.h"

/* {0} is empty.  8 bytes a row and person. */
struct part_chance {
    size_t *class; /* [n][persons] */
    size_t n, persons, capacity;
};

/*
 * Keeps what the persons say of the reader's current row, after goal_add, under
 * the next number; rows that are known already are not added again.
 */
void part_chance_add(struct part_chance *chance, const struct goal *goal,
                     const struct prediction_reader *from, size_t persons,
                     size_t row);

/*
 * After goal_finish: [n][reader's classes], to be freed; NULL where the goal
 * found no posterior (fewer than three persons).
 */
double *part_chance_make(const struct part_chance *chance,
                         const struct goal *goal,
                         const struct prediction_reader *from);
void part_chance_release(struct part_chance *chance);

#endif
