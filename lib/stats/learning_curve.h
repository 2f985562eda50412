/*
 * learning_curve: error by number of training rows, and where it leads.
 *
 *     e(n) = a + b n^-c
 *
 * is fitted (power_law.h); a is what more data alone cannot take away.
 * The weight of a size is 1 / (f (1 - f) / rows + v / replicas): f the error
 * that is fitted there, v the variance between replicas of one size, pooled
 * over the sizes.
 *
 * Intervals are percentiles of 1000 bootstrap draws.  All sizes are tested on
 * the same rows, so a draw takes rows once for all models; and of R replicas
 * R - 1, which gives a mean of R the right variance (Rao & Wu 1988, J. Am.
 * Stat. Assoc. 83:231), with R below 2 none.  The curve is fitted to each.
 *
 * Measured coverage, in per cent, over 500 to 1000 runs: the interval of each
 * size, the band at the sizes and beyond, and the rows needed for the true
 * error at `goal` times the largest size: how often answered, how often those
 * intervals held the truth, and how often the least number did where there was
 * no answer.  Errors of a row are correlated .5 between models; sd is that of
 * the replicas' true errors around the curve, drawn anew at each size, or the
 * same at all (=).
 *
 *     a   b   c  rows R sd     size   band   2x  4x   goal answered held low
 *     .05 2   .5  350 3 .005   98-99  97-99  99  100  2x   64       100  98
 *     .05 2   .5  350 3 .02    96-98  96-97  97  97   2x   58        99  94
 *     .05 2   .5  350 3 .02=   96-97  92-96  96  98   2x   61        98  94
 *     0   1.5 .3  350 3 .005   99     96-98  98  98   1.5x 83        99  94
 *     .1  30  1  1500 3 .005   98-99  96-99  99  99   1.5x 73        99  98
 *     .02 6   .6 1000 5 .003   99     97-99  99  99   3x   79       100  97
 *     .05 2   .5  150 1 0      94-96  93-95  96  95   2x   51        97  94
 *
 * (Five sizes from 20 % to 100 % of 1400; six, each twice the last, in the last
 * but one.)  Where models differ by chance alone the intervals are wide: that
 * chance is drawn with the rows and again with the replicas.  Three replicas
 * that share a large deviation at all sizes are the worst case, with 92.1 % in
 * the band at one of the sizes.
 */
#ifndef STATS_LEARNING_CURVE_H
#define STATS_LEARNING_CURVE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"
#include "stats/power_law.h"

enum {
    LEARNING_SIZES = 64, /* most of them */
    LEARNING_LEAST_SIZES = POWER_LAW_LEAST,
    LEARNING_LEAST_WRONG = 5, /* rows that a model gets wrong, on average: of
                                 fewer a bootstrap sees too little noise */
    LEARNING_DRAWS = 1000,
    LEARNING_UNITS = 2000, /* more are of no use */
    LEARNING_REACH = 4 /* no answer beyond this many times the largest size */
};

/*
 * What the models got wrong.  Model m was trained on size[size_of[m]] rows and
 * is replica replica_of[m] < n_replicas; there is one at least of each size.
 * The held-out rows stand in units that are drawn as a whole: each row alone
 * or, where there are many, random blocks of about as many rows each, whose
 * means vary as rows do.  Of the rows[u] of unit u model m got wrong[u][m]
 * wrong.
 *
 * train_wrong and train_rows [n_models]: how many of the training rows each
 * model got wrong, of how many; NULL: not known.
 */
struct learning_data {
    size_t n_sizes, n_models, n_replicas, n_units;
    const double *size;       /* [n_sizes], rising */
    const size_t *size_of;    /* [n_models] */
    const size_t *replica_of; /* [n_models] */
    const double *rows;       /* [n_units] */
    const float *wrong;       /* [n_units][n_models] */
    const double *train_wrong, *train_rows;
};

/* Of what the curve is. */
enum learning_of {
    LEARNING_ERROR, /* on the held-out rows */
    LEARNING_GAP    /* less that on the training rows (which must be known);
                       those are drawn as if replicas had learned the same */
};

/*
 * measured and ci [n_sizes]: the mean of the replicas; ci is Wilson's interval
 * for as many rows as give the variance of the draws (of a gap: the draws'
 * percentiles).  Where has_law is false (too few sizes, or few_wrong: too few
 * rows that are wrong) there is no more than that.  draw[LEARNING_DRAWS] are
 * the laws of the draws.
 */
struct learning_curve {
    size_t n_sizes;
    double n_rows; /* held-out rows */
    double size[LEARNING_SIZES], measured[LEARNING_SIZES];
    struct interval ci[LEARNING_SIZES];
    bool has_law, few_wrong;
    struct power_law law;
    struct interval a, b, c; /* of draws without a slope c is not defined */
    struct power_law *draw;
};

/*
 * Measures, fits and draws; the same seed gives the same curve.  1 to
 * LEARNING_SIZES sizes, at least one row.
 */
void learning_curve_init(struct learning_curve *curve,
                         const struct learning_data *data, enum learning_of of,
                         uint64_t seed);
void learning_curve_release(struct learning_curve *curve);

/* The band around the law at n rows. */
struct interval learning_curve_band(const struct learning_curve *curve,
                                    double n);

/* By how much the law is lower at n rows than at the largest size measured. */
struct interval learning_curve_gain(const struct learning_curve *curve,
                                    double n);

enum learning_answer {
    LEARNING_FOUND,
    LEARNING_REACHED, /* the smallest size measured is enough */
    LEARNING_BEYOND,  /* more than LEARNING_REACH times the largest size */
    LEARNING_NEVER,   /* the curve levels off above the goal: a >= goal */
    LEARNING_FEW_SIZES,
    LEARNING_FEW_WRONG
};

/*
 * How many training rows bring the curve down to a goal.  rows is NaN unless
 * the answer is FOUND (a whole number, rounded up) or REACHED (the smallest
 * size).  ci: of what lies beyond LEARNING_REACH times the largest size nothing
 * is said: its high is inf there, its low never above that.  With
 * LEARNING_NEVER and LEARNING_BEYOND ci.low still is the least number of rows
 * that it takes.
 */
struct learning_need {
    enum learning_answer answer;
    double rows;
    struct interval ci;
};

struct learning_need learning_curve_need(const struct learning_curve *curve,
                                         double goal);

/* The rows that leave half of what the law has at the largest size. */
struct learning_need learning_curve_halve(const struct learning_curve *curve);

#endif
