#include "stats/draw.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

/* GSL draws from generators of its own kind: ours, dressed as one. */

static void dressed_set(void *state, unsigned long seed)
{
    (void)state;
    (void)seed; /* the stream is seeded by rng_init */
}

static unsigned long dressed_get(void *state)
{
    return (unsigned long)(rng_next(state) >> 32);
}

static double dressed_uniform(void *state)
{
    return rng_uniform(state);
}

static const gsl_rng_type dressed_type = {
    "assay",     0xffffffffu,    0, sizeof(struct rng), dressed_set,
    dressed_get, dressed_uniform};

double draw_binomial(struct rng *rng, double p, double n)
{
    const double most = 0x1p30; /* GSL counts in unsigned int */
    gsl_rng dressed = {&dressed_type, rng};
    double sum = 0;

    if (!(p > 0))
        return 0;
    if (p >= 1)
        return n;
    for (; n >= most; n -= most)
        sum += gsl_ran_binomial(&dressed, p, (unsigned)most);
    return sum + gsl_ran_binomial(&dressed, p, (unsigned)n);
}

static double log_choose(double n, double k)
{
    return lgamma(n + 1) - lgamma(k + 1) - lgamma(n - k + 1);
}

/* Outwards from the mode, the likelier neighbour first, until u is used up. */
double draw_hypergeometric(struct rng *rng, double marked, double total,
                           double take)
{
    double least = fmax(0, take + marked - total), most = fmin(take, marked);
    double mode = floor((take + 1) * (marked + 1) / (total + 2));
    double below = fmin(fmax(mode, least), most), above = below + 1;
    double u, p_below, p_above;

    if (least >= most)
        return least;
    u = rng_uniform(rng);
    p_below = exp(log_choose(marked, below) +
                  log_choose(total - marked, take - below) -
                  log_choose(total, take));
    p_above = p_below * (marked - below) * (take - below) /
              (above * (total - marked - take + above));
    for (;;) {
        bool down = below >= least && (above > most || p_below >= p_above);
        if (!down && above > most)
            return most; /* u was used up but for rounding */
        u -= down ? p_below : p_above;
        if (u < 0)
            return down ? below : above;
        if (down) {
            p_below *= below * (total - marked - take + below) /
                       ((marked - below + 1) * (take - below + 1));
            below--;
        } else {
            p_above *= (marked - above) * (take - above) /
                       ((above + 1) * (total - marked - take + above + 1));
            above++;
        }
    }
}

void draw_multinomial(struct rng *rng, const double *weight, size_t cells,
                      double total, double n, double *out)
{
    size_t last = 0;

    for (size_t i = 0; i < cells; i++)
        if (weight[i] > 0)
            last = i;
    for (size_t i = 0; i < cells; i++) {
        /* The last cell takes the rest even when `total` was rounded. */
        double p = i < last ? weight[i] / total : 1;

        out[i] = n > 0 && weight[i] > 0 ? draw_binomial(rng, p, n) : 0;
        n -= out[i];
        total -= weight[i];
    }
}

double draw_chi_square(struct rng *rng, double df)
{
    gsl_rng dressed = {&dressed_type, rng};

    return gsl_ran_chisq(&dressed, df);
}

struct draw_table {
    gsl_ran_discrete_t *cells;
};

struct draw_table *draw_table_new(const double *weight, size_t cells)
{
    struct draw_table *table = mem_alloc(1, sizeof(*table));

    table->cells = gsl_ran_discrete_preproc(cells, weight);
    if (!table->cells)
        mem_exhausted();
    return table;
}

size_t draw_table_cell(const struct draw_table *table, struct rng *rng)
{
    gsl_rng dressed = {&dressed_type, rng};

    return gsl_ran_discrete(&dressed, table->cells);
}

void draw_table_free(struct draw_table *table)
{
    if (!table)
        return;
    gsl_ran_discrete_free(table->cells);
    free(table);
}
