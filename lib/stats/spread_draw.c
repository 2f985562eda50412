#include "stats/spread_draw.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

/* Above what weight a thing is certain to be drawn, and of what all others are
 * a share. */
struct scale {
    double left, total;
};

static double probability(double weight, const struct scale *scale)
{
    return weight * scale->left >= scale->total
               ? 1
               : weight * scale->left / scale->total;
}

static int largest_first(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

/* The largest are certain as long as their share of what is left is too much.
 */
static struct scale find_scale(const double *weight, size_t n, size_t take)
{
    struct scale scale = {(double)take, 0};
    double *sorted = mem_alloc(n, sizeof(*sorted)),
           *rest = mem_alloc(n + 1, sizeof(*rest));

    for (size_t i = 0; i < n; i++)
        sorted[i] = weight[i];
    qsort(sorted, n, sizeof(*sorted), largest_first);
    rest[n] = 0;
    for (size_t i = n; i-- > 0;)
        rest[i] = rest[i + 1] + sorted[i];
    scale.total = rest[0];
    for (size_t i = 0; i < take && sorted[i] * scale.left >= scale.total; i++) {
        scale.left--;
        scale.total = rest[i + 1];
    }
    free(sorted);
    free(rest);
    return scale;
}

void spread_draw(const double *weight, size_t n, size_t take, uint64_t seed,
                 size_t *chosen)
{
    struct scale scale;
    struct rng rng;
    double sum = 0, point;
    size_t drawn = 0;

    if (take == 0)
        return;
    scale = find_scale(weight, n, take);
    rng_init(&rng, seed, RNG_COLLECT);
    point = rng_uniform(&rng);
    for (size_t i = 0; i < n && drawn < take; i++) {
        sum += probability(weight[i], &scale);
        /* What rounding took away is made up for at the end. */
        if (sum <= point + (double)drawn && n - i > take - drawn)
            continue;
        chosen[drawn++] = i;
    }
}
