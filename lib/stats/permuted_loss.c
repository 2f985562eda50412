#include "stats/permuted_loss.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void permutation_draw(struct rng *rng, size_t *from, size_t n)
{
    for (size_t i = 0; i < n; i++)
        from[i] = i;
    for (size_t i = n; i-- > 1;) {
        size_t k = (size_t)rng_below(rng, i), swap = from[i];
        from[i] = from[k];
        from[k] = swap;
    }
}

void permuted_loss_init(struct permuted_loss *p, size_t n)
{
    *p = (struct permuted_loss){.n = n};
    p->change = mem_zalloc(n, sizeof(*p->change));
}

void permuted_loss_clear(struct permuted_loss *p)
{
    double *change = p->change;

    memset(change, 0, p->n * sizeof(*change));
    *p = (struct permuted_loss){.n = p->n, .change = change};
}

void permuted_loss_release(struct permuted_loss *p)
{
    free(p->change);
    memset(p, 0, sizeof(*p));
}

void permuted_loss_add(struct permuted_loss *p, const size_t *from,
                       const double *before, const double *after, double drop)
{
    for (size_t i = 0; i < p->n; i++) {
        double rise = after[i] - before[i];
        p->change[i] += rise;
        p->change[from[i]] += rise;
        p->sum += rise;
        p->squares += rise * rise;
    }
    p->drop += drop;
    p->repeats++;
}

double permuted_loss_mean(const struct permuted_loss *p)
{
    return p->repeats ? p->drop / (double)p->repeats : NAN;
}

/* Of n values with this sum and sum of squares, unbiased. */
static double variance_of(double sum, double squares, double n)
{
    return n > 1 ? (squares - sum * sum / n) / (n - 1) : NAN;
}

struct interval permuted_loss_interval(const struct permuted_loss *p,
                                       double least)
{
    double n = (double)p->n, repeats = (double)p->repeats;
    double sum = 0, squares = 0, variance;

    if (!p->repeats || p->n < 2)
        return interval_unknown();
    for (size_t i = 0; i < p->n; i++) {
        double mean = p->change[i] / repeats;
        sum += mean;
        squares += mean * mean;
    }
    variance = variance_of(sum, squares, n) -
               variance_of(p->sum, p->squares, n * repeats) / repeats;
    variance = (variance > 0 ? variance : 0) + least * least / n;
    return interval_mean(permuted_loss_mean(p), variance, n);
}
