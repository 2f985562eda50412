#include "analysis/sketch_sight.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/table_sketch.h"
#include "base/mem.h"
#include "base/rng.h"
#include "stats/dependence.h"
#include "stats/neighbours.h"
#include "stats/select.h"

enum { ROWS = DEPENDENCE_ROWS / 2 };

static const double DENSE = .1, SEEN = .001, FAR = 1e300;

/* Up to ROWS of 0 .. n - 1, in random order. */
static size_t draw(size_t n, uint64_t seed, size_t *order)
{
    struct rng rng;

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    rng_init(&rng, seed, RNG_DEPENDENCE);
    rng_shuffle(&rng, order, n);
    return n < ROWS ? n : ROWS;
}

/* Whether rows can be told from those that are made of pieces of rows. */
static bool rows_are_whole(const struct table *t, const size_t *row, size_t n,
                           uint64_t seed)
{
    float *x = mem_alloc(2 * n * SKETCH_WIDTH, sizeof(*x));
    uint32_t *made = mem_zalloc(2 * n, sizeof(*made));
    struct dependence d;

    table_sketch_apart(t, row, n, seed, x);
    for (size_t i = n; i < 2 * n; i++)
        made[i] = 1;
    d = dependence_test(x, 2 * n, SKETCH_WIDTH, SKETCH_SUMS, made, 2, seed);
    free(x);
    free(made);
    return d.p <= SEEN;
}

/* The median of finite numbers. */
static double middle(const double *value, size_t n)
{
    uint64_t *key = mem_alloc(n, sizeof(*key)), found;

    for (size_t i = 0; i < n; i++)
        key[i] = select_key(value[i]);
    found = select_lowest(key, n, n / 2);
    free(key);
    return select_value(found);
}

static double distance(const float *a, const float *b)
{
    double sum = 0;

    for (size_t c = 0; c < SKETCH_SUMS; c++)
        sum += (double)(a[c] - b[c]) * (double)(a[c] - b[c]);
    return sqrt(sum);
}

/* x[order[n]]: of rows in random order. */
static bool rows_are_dense(const float *x, const size_t *order, size_t n)
{
    float *sums = mem_alloc(n * SKETCH_SUMS, sizeof(*sums));
    float *near = mem_alloc(n, sizeof(*near));
    uint32_t *who = mem_alloc(n, sizeof(*who));
    double *nearest = mem_alloc(2 * n, sizeof(*nearest)), *any = nearest + n;
    bool dense;

    for (size_t i = 0; i < n; i++)
        memcpy(sums + i * SKETCH_SUMS, x + order[i] * SKETCH_WIDTH,
               SKETCH_SUMS * sizeof(*x));
    neighbours_find(sums, n, SKETCH_SUMS, SKETCH_SUMS, 1, who, near);
    for (size_t i = 0; i < n; i++) {
        nearest[i] = fmin((double)near[i], FAR);
        any[i] =
            distance(sums + i * SKETCH_SUMS, sums + (i + 1) % n * SKETCH_SUMS);
    }
    dense = middle(nearest, n) < DENSE * middle(any, n);
    free(sums);
    free(near);
    free(who);
    free(nearest);
    return dense;
}

bool sketch_sees(const struct table *t, const size_t *row, size_t n,
                 const float *x, uint64_t seed)
{
    size_t *order, *chosen, some;
    bool sees;

    if (t->images || t->n_texts || t->tokens.n)
        return true;
    order = mem_alloc(n, sizeof(*order));
    chosen = mem_alloc(n, sizeof(*chosen));
    some = draw(n, seed, order);
    for (size_t i = 0; i < some; i++)
        chosen[i] = row[order[i]];
    sees = (!t->sequences.n && rows_are_dense(x, order, some)) ||
           rows_are_whole(t, chosen, some, seed);
    free(order);
    free(chosen);
    return sees;
}
