/*
 * winner_parts: what the files of winner.h share: noise, the scores from it,
 * and the p-values.
 */
#ifndef STATS_WINNER_PARTS_H
#define STATS_WINNER_PARTS_H

#include <stdbool.h>
#include <stdint.h>

#include "stats/winner.h"

/*
 * order: the configurations, the smallest mean first.  trials: those of
 * configuration c are trial[first[c]] to before trial[first[c + 1]], in the
 * order in which they were run.  bits: 64 rows a word, a bit where the trial is
 * wrong; NULL where that is not known.
 */
struct ranking {
    size_t *order;  /* [n_configs] */
    size_t *first;  /* [n_configs + 1] */
    size_t *trial;  /* [n] */
    uint64_t *bits; /* [n][words] */
    size_t words, rows;
};

static inline bool winner_is_rate(const struct winner *w)
{
    return w->method >= WINNER_RATES;
}

/* Fills method and noise; wants runs and mean. */
void winner_noise(const struct contest *contest, const struct ranking *ranking,
                  const struct standing *standing, struct winner *winner);

/* The variance that so many rows give an error, which is at least half a row.
 */
double winner_unit(double error, size_t rows);

/* The covariance of two trials' errors, as means of the same rows. */
double winner_covariance(const struct ranking *ranking, size_t a, size_t b);

/* Fills score, ci and run. */
void winner_scores(const struct contest *contest, const struct winner *winner,
                   const struct ranking *ranking, struct standing *standing);

/* Fills p_value. */
void winner_tests(const struct contest *contest, const struct winner *winner,
                  const struct ranking *ranking, uint64_t seed,
                  struct standing *standing);

#endif
