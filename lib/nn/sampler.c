#include "nn/sampler.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"

static void shuffle(size_t *order, const struct sampler_rows *r,
                    struct rng *rng)
{
    memcpy(order, r->rows, r->n * sizeof(*order));
    rng_shuffle(rng, order, r->n);
}

/* Rows by class: those of class k are by_class[start[k]] .. [start[k + 1]]. */
static size_t *group(const struct sampler_rows *r, size_t *start)
{
    size_t *by_class = mem_alloc(r->n, sizeof(*by_class)),
           *next = mem_zalloc(r->n_classes + 1, sizeof(*next));

    memset(start, 0, (r->n_classes + 1) * sizeof(*start));
    for (size_t i = 0; i < r->n; i++)
        start[r->class_of[i] + 1]++;
    for (size_t k = 0; k < r->n_classes; k++) {
        start[k + 1] += start[k];
        next[k + 1] = start[k + 1];
    }
    for (size_t i = 0; i < r->n; i++)
        by_class[next[r->class_of[i]]++] = r->rows[i];
    free(next);
    return by_class;
}

static void draw_balanced(size_t *order, const struct sampler_rows *r,
                          struct rng *rng)
{
    size_t *start = mem_alloc(r->n_classes + 1, sizeof(*start)),
           *present = mem_alloc(r->n_classes, sizeof(*present)), n = 0;
    size_t *by_class = group(r, start);

    for (size_t k = 0; k < r->n_classes; k++)
        if (start[k + 1] > start[k])
            present[n++] = k;
    for (size_t i = 0; i < r->n; i++) {
        size_t k = present[rng_below(rng, n)];
        order[i] = by_class[start[k] + rng_below(rng, start[k + 1] - start[k])];
    }
    free(start);
    free(present);
    free(by_class);
}

void sampler_order(size_t *order, const struct sampler_rows *rows,
                   enum sampler kind, uint64_t seed, size_t epoch)
{
    bool balanced = kind == SAMPLER_BALANCED;
    struct rng rng;

    rng_init(&rng, seed,
             (balanced ? RNG_SAMPLER : RNG_SHUFFLE) + ((uint64_t)epoch << 8));
    if (balanced)
        draw_balanced(order, rows, &rng);
    else
        shuffle(order, rows, &rng);
}
