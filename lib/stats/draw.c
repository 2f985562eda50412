#include "stats/draw.h"

#include <gsl/gsl_randist.h>
#include <gsl/gsl_rng.h>
#include <math.h>

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
