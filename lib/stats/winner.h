/* placeholder header, written after measuring */
#ifndef STATS_WINNER_H
#define STATS_WINNER_H

#include <stddef.h>
#include <stdint.h>

#include "stats/interval.h"

struct contest {
    const double *objective;
    const size_t *config;
    const char *const *wrong;
    size_t n, n_configs, n_rows;
};

enum winner_method {
    WINNER_NONE,
    WINNER_SEEDS,
    WINNER_RATES,
    WINNER_RATES_SEEDS,
    WINNER_ROWS,
    WINNER_ROWS_SEEDS
};

struct winner_noise {
    double unit, shared, config, seeds, df;
};

struct standing {
    size_t runs;
    double mean, score, p_value;
    struct interval ci, run;
};

struct winner {
    enum winner_method method;
    struct winner_noise noise;
    size_t best;
};

void winner_find(const struct contest *contest, uint64_t seed,
                 struct standing *standing, struct winner *winner);

const char *winner_method_name(enum winner_method method);

#endif
