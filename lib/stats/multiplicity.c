#include "stats/multiplicity.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

struct ranked {
    double p;
    size_t at;
};

static int by_p(const void *a, const void *b)
{
    const struct ranked *x = a, *y = b;

    if (x->p != y->p)
        return x->p < y->p ? -1 : 1;
    return (x->at > y->at) - (x->at < y->at);
}

/* The p-values that are some, smallest first; returns how many.  Copies NaN
 * over to adjusted. */
static size_t rank(const double *p, size_t n, struct ranked *ranked,
                   double *adjusted)
{
    size_t m = 0;

    for (size_t i = 0; i < n; i++)
        if (isnan(p[i]))
            adjusted[i] = NAN;
        else
            ranked[m++] = (struct ranked){p[i], i};
    qsort(ranked, m, sizeof(*ranked), by_p);
    return m;
}

void holm(const double *p, size_t n, double *adjusted)
{
    struct ranked *ranked = mem_alloc(n, sizeof(*ranked));
    size_t m = rank(p, n, ranked, adjusted);
    double most = 0;

    for (size_t i = 0; i < m; i++) {
        most = fmax(most, (double)(m - i) * ranked[i].p);
        adjusted[ranked[i].at] = fmin(most, 1);
    }
    free(ranked);
}

void benjamini_hochberg(const double *p, size_t n, double *adjusted)
{
    struct ranked *ranked = mem_alloc(n, sizeof(*ranked));
    size_t m = rank(p, n, ranked, adjusted);
    double least = 1;

    for (size_t i = m; i-- > 0;) {
        least = fmin(least, (double)m * ranked[i].p / (double)(i + 1));
        adjusted[ranked[i].at] = least;
    }
    free(ranked);
}
