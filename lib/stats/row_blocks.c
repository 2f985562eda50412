#include "stats/row_blocks.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"

static size_t *shuffled(size_t n, uint64_t seed)
{
    size_t *order = mem_alloc(n + 1, sizeof(*order));
    struct rng rng;

    for (size_t i = 0; i < n; i++)
        order[i] = i;
    rng_init(&rng, seed, RNG_SHUFFLE);
    rng_shuffle(&rng, order, n);
    return order;
}

static size_t how_many(size_t rows, size_t each)
{
    size_t most = ROW_BLOCKS_NUMBERS / (each ? each : 1);

    most = most < ROW_BLOCKS_LEAST ? ROW_BLOCKS_LEAST : most;
    most = most > ROW_BLOCKS_MOST ? ROW_BLOCKS_MOST : most;
    return rows < most ? rows : most;
}

void row_blocks_init(struct row_blocks *blocks, size_t rows, size_t each,
                     uint64_t seed,
                     void (*add)(void *context, size_t row, double *sum),
                     void *context)
{
    size_t *order = shuffled(rows, seed);

    blocks->n = how_many(rows, each);
    blocks->each = each;
    blocks->sum = mem_zalloc(blocks->n * each + 1, sizeof(*blocks->sum));
    for (size_t k = 0; k < blocks->n; k++) {
        size_t begin, end;
        parallel_piece(rows, (int)blocks->n, (int)k, &begin, &end);
        for (size_t i = begin; i < end; i++)
            add(context, order[i], blocks->sum + k * each);
    }
    free(order);
}

void row_blocks_release(struct row_blocks *blocks)
{
    free(blocks->sum);
    *blocks = (struct row_blocks){0};
}

static void add_block(const struct row_blocks *blocks, size_t k, double *out)
{
    const double *sum = blocks->sum + k * blocks->each;

    for (size_t c = 0; c < blocks->each; c++)
        out[c] += sum[c];
}

void row_blocks_draw(const struct row_blocks *blocks, struct rng *rng,
                     double *out)
{
    memset(out, 0, blocks->each * sizeof(*out));
    for (size_t i = 0; i < blocks->n; i++)
        add_block(blocks, rng_below(rng, blocks->n), out);
}

void row_blocks_total(const struct row_blocks *blocks, double *out)
{
    memset(out, 0, blocks->each * sizeof(*out));
    for (size_t k = 0; k < blocks->n; k++)
        add_block(blocks, k, out);
}
