/*
 * wrong_chance: how likely a row without a label is to be wrong, as far as it
 * can be told from rows like it that have one.
 *
 * What is known of a row is how unsure the model is of it, and a group that it
 * is in.  The labelled rows say how often the model is wrong where it is that
 * unsure (ten bins with as many of them each), and how much more often, or
 * less, it is in that group.  Where a model is wrong however sure it is, as it
 * may be in a world that has changed, all rows get about the same chance.
 *
 *     chance = rate(bin) lift(group), at most 1
 *
 *     rate   (errors in the bin + 2 e) / (rows in it + 2)
 *            e = (all errors + 1) / (all rows + 2)
 *     lift   (errors in the group + 5) / (sum of the rates of its rows + 5)
 *
 * so that few rows are believed little.
 */
#ifndef STATS_WRONG_CHANCE_H
#define STATS_WRONG_CHANCE_H

#include <stddef.h>
#include <stdint.h>

enum { WRONG_BINS = 10 };

/* Bins from n_cuts + 1 cuts; one more is of rows whose unsureness is NaN. */
struct wrong_chance {
    double cuts[WRONG_BINS], rate[WRONG_BINS + 1];
    size_t n_cuts;
    double *lift; /* [n_groups], owned */
    size_t n_groups;
};

/* What is known of a row: group is below n_groups. */
struct wrong_row {
    double unsure; /* NaN: not known */
    size_t group;
};

/* From the labelled rows row[n], of which wrong[i] is 1 or 0.  n may be 0. */
void wrong_chance_fit(struct wrong_chance *chance, const struct wrong_row *row,
                      const unsigned char *wrong, size_t n, size_t n_groups);
void wrong_chance_release(struct wrong_chance *chance);

/* In (0, 1]. */
double wrong_chance_of(const struct wrong_chance *chance,
                       const struct wrong_row *row);

/* 1 - (the largest probability - the second largest); 0 for one class. */
double unsureness(const float *p, size_t n_classes);

#endif
