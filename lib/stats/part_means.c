#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/bias_variance.h"
#include "stats/draw.h"

enum { DRAWS = 1000, SHARE = 125, ROWS_A_CELL = 20, BLOCK = 256 };

/* Rows that are alike are a cell of that weight. */
struct cells {
    const struct row_parts **at; /* [n] */
    double *weight;              /* [n] */
    size_t n;
};

static bool is_infinite(const struct row_parts *row)
{
    for (size_t k = 0; k < PART_COUNT; k++)
        if (isinf(row->value[k]))
            return true;
    return false;
}

/* ---- bootstrap ---- */

static int by_value(const void *a, const void *b)
{
    const struct row_parts *const *x = a, *const *y = b;

    return memcmp((*x)->value, (*y)->value, sizeof((*x)->value));
}

/* Any order will do that does not depend on where the rows lie in memory: what
 * is alike is the same. */
static void cells_init(struct cells *cells, const struct row_parts *row,
                       size_t n)
{
    size_t last = 0;

    cells->at = mem_alloc(n, sizeof(*cells->at));
    cells->weight = mem_alloc(n, sizeof(*cells->weight));
    for (size_t i = 0; i < n; i++)
        cells->at[i] = &row[i];
    qsort(cells->at, n, sizeof(*cells->at), by_value);
    cells->weight[0] = 1;
    for (size_t i = 1; i < n; i++) {
        if (by_value(&cells->at[i], &cells->at[last]) == 0) {
            cells->weight[last]++;
            continue;
        }
        cells->at[++last] = cells->at[i];
        cells->weight[last] = 1;
    }
    cells->n = last + 1;
}

static void cells_release(struct cells *cells)
{
    free(cells->at);
    free(cells->weight);
}

/* Sums over drawn rows, and of the squares. */
struct drawn {
    double sum[PART_COUNT], squares[PART_COUNT];
};

static inline void add_row(struct drawn *d, const struct row_parts *row,
                           double times)
{
    for (size_t k = 0; k < PART_COUNT; k++) {
        d->sum[k] += times * row->value[k];
        d->squares[k] += times * row->value[k] * row->value[k];
    }
}

/* One draw of n rows with replacement; `left` of them are still to be drawn. */
struct draw {
    struct rng rng;
    size_t left;
    struct drawn drawn;
};

/* How many of those left fall on the first `weight` of `all` rows. */
static size_t take(struct draw *d, double weight, double all)
{
    size_t n = weight < all ? (size_t)draw_binomial(&d->rng, weight / all,
                                                    (double)d->left)
                            : d->left;

    d->left -= n;
    return n;
}

/* Two rows a random number; that 2^32 is no multiple of n does not matter. */
static void draw_from(struct draw *d, size_t times, const struct row_parts *row,
                      size_t n)
{
    struct drawn sums = d->drawn;

    for (size_t i = 0; i < times; i += 2) {
        uint64_t bits = rng_next(&d->rng);
        add_row(&sums, &row[(bits >> 32) * n >> 32], 1);
        if (i + 1 < times)
            add_row(&sums, &row[(bits & UINT32_MAX) * n >> 32], 1);
    }
    d->drawn = sums;
}

/* draw[n_draws], of few different rows: how often each is drawn. */
static void draw_cells(struct draw *draw, size_t n_draws,
                       const struct cells *cells, size_t n)
{
    double left = (double)n;

    for (size_t i = 0; i < cells->n; i++) {
        for (size_t d = 0; d < n_draws; d++)
            add_row(&draw[d].drawn, cells->at[i],
                    (double)take(&draw[d], cells->weight[i], left));
        left -= cells->weight[i];
    }
}

/* Of many: a block of them at a time for all draws, while it is at hand. */
static void draw_rows(struct draw *draw, size_t n_draws,
                      const struct row_parts *row, size_t n)
{
    for (size_t i = 0; i < n; i += BLOCK) {
        size_t size = n - i < BLOCK ? n - i : BLOCK;
        for (size_t d = 0; d < n_draws; d++)
            draw_from(&draw[d], take(&draw[d], (double)size, (double)(n - i)),
                      row + i, size);
    }
}

/* draw[DRAWS]: each has random numbers of its own. */
static void bootstrap(const struct row_parts *row, size_t n, uint64_t seed,
                      struct draw *draw)
{
    struct cells cells;

    for (size_t d = 0; d < DRAWS; d++) {
        draw[d] = (struct draw){.left = n};
        rng_init(&draw[d].rng, seed + d * 0x9e3779b97f4a7c15u, RNG_BOOTSTRAP);
    }
    cells_init(&cells, row, n);
#pragma omp parallel for schedule(static)
    for (size_t d = 0; d < DRAWS; d += SHARE) {
        if (cells.n * ROWS_A_CELL <= n)
            draw_cells(draw + d, SHARE, &cells, n);
        else
            draw_rows(draw + d, SHARE, row, n);
    }
    cells_release(&cells);
}

/* ---- intervals ---- */

/* One part of all rows. */
struct column {
    const struct row_parts *row;
    size_t n, part;
    double mean;
};

/* The mean of what is above 0 of the values times `scale`, and the variance. */
struct side {
    double mean, variance;
};

static struct side side_of(const struct column *c, double scale)
{
    double sum = 0, squares = 0, mean, rows = (double)c->n;

    for (size_t i = 0; i < c->n; i++)
        sum += fmax(0, scale * c->row[i].value[c->part]);
    mean = sum / rows;
    for (size_t i = 0; i < c->n; i++) {
        double d = fmax(0, scale * c->row[i].value[c->part]) - mean;
        squares += d * d;
    }
    return (struct side){mean, c->n > 1 ? squares / (rows - 1) : 0};
}

/* Wilson's interval for a rate that is as certain as this mean in [0, 1]. */
static struct interval certain_as(struct side side, size_t n)
{
    double u = fmin(side.mean, 1), rows = (double)n;

    if (side.variance > 0 && u < 1)
        rows *= u * (1 - u) / side.variance;
    return wilson(u * rows, rows);
}

/* For values in [0, scale], or [-scale, scale]: then of the difference of the
 * two sides, as Newcombe has it. */
static struct interval bounded(const struct column *c, double scale,
                               bool is_signed)
{
    struct side above = side_of(c, 1 / scale), below = side_of(c, -1 / scale);
    struct interval up = certain_as(above, c->n), down;
    double mean = above.mean - below.mean, low, high;

    if (!is_signed)
        return (struct interval){scale * up.low, scale * up.high};
    down = certain_as(below, c->n);
    low = hypot(above.mean - up.low, down.high - below.mean);
    high = hypot(up.high - above.mean, below.mean - down.low);
    return (struct interval){scale * (mean - low), scale * (mean + high)};
}

static struct interval percentile(const struct column *c,
                                  const struct draw *draw)
{
    double *value = mem_alloc(DRAWS, sizeof(*value));
    struct interval ci;

    for (size_t d = 0; d < DRAWS; d++)
        value[d] = draw[d].drawn.sum[c->part] / (double)c->n;
    ci = interval_from_draws(value, DRAWS);
    free(value);
    return ci;
}

/* The least standard deviation that is believed: as if one row in n² had been
 * at the other end.  A draw without any of the rare rows has none. */
static double least_deviation(const struct column *c)
{
    double low = INFINITY, high = -INFINITY;

    for (size_t i = 0; i < c->n; i++) {
        low = fmin(low, c->row[i].value[c->part]);
        high = fmax(high, c->row[i].value[c->part]);
    }
    return (high - low) / (double)c->n;
}

static double deviation(double sum, double squares, double n, double least)
{
    double variance = n > 1 ? (squares - sum * sum / n) / (n - 1) : 0;

    return sqrt(fmax(0, variance) + least * least);
}

static struct interval studentised(const struct column *c,
                                   const struct draw *draw)
{
    double *value = mem_alloc(DRAWS, sizeof(*value)), n = (double)c->n,
           least = least_deviation(c);
    struct drawn all = {{0}, {0}};
    struct interval t;
    double own;

    for (size_t i = 0; i < c->n; i++)
        add_row(&all, &c->row[i], 1);
    own = deviation(all.sum[c->part], all.squares[c->part], n, least);
    for (size_t d = 0; d < DRAWS; d++) {
        double sum = draw[d].drawn.sum[c->part],
               squares = draw[d].drawn.squares[c->part];
        value[d] = own > 0
                       ? (sum / n - c->mean) / deviation(sum, squares, n, least)
                       : 0;
    }
    t = interval_from_draws(value, DRAWS);
    free(value);
    return (struct interval){c->mean - t.high * own, c->mean - t.low * own};
}

static bool has_sign(enum decomposition decomposition, size_t part)
{
    return part == PART_NOISE ||
           (part == PART_NET_VARIANCE && decomposition == PARTS_DOMINGOS) ||
           (part == PART_EXTRA && decomposition != PARTS_DOMINGOS);
}

static struct interval interval_of(const struct column *c,
                                   enum decomposition decomposition,
                                   const struct draw *draw)
{
    bool is_signed = has_sign(decomposition, c->part);
    double scale = decomposition == PARTS_BRIER      ? 2
                   : decomposition == PARTS_LOG_LOSS ? INFINITY
                                                     : 1;
    struct interval ci = decomposition == PARTS_DOMINGOS ? percentile(c, draw)
                                                         : studentised(c, draw);

    if (isfinite(scale)) {
        struct interval least = bounded(c, scale, is_signed);
        ci.low = fmin(ci.low, least.low);
        ci.high = fmax(ci.high, least.high);
    }
    return (struct interval){fmax(ci.low, is_signed ? -scale : 0),
                             fmin(ci.high, scale)};
}

static void add_intervals(const struct row_parts *row,
                          enum decomposition decomposition, uint64_t seed,
                          struct parts *out)
{
    struct draw *draw = mem_alloc(DRAWS, sizeof(*draw));

    bootstrap(row, out->n, seed, draw);
    for (size_t k = 0; k < PART_COUNT; k++) {
        struct column c = {row, out->n, k, out->value[k]};
        out->ci[k] = interval_of(&c, decomposition, draw);
    }
    free(draw);
}

/* ---- means ---- */

void parts_measure(const struct row_parts *row, size_t n,
                   enum decomposition decomposition, uint64_t seed,
                   struct parts *out)
{
    struct drawn all = {{0}, {0}}, finite = {{0}, {0}};

    memset(out, 0, sizeof(*out));
    out->n = n;
    for (size_t i = 0; i < n; i++) {
        bool infinite = is_infinite(&row[i]);
        add_row(&all, &row[i], 1);
        if (!infinite)
            add_row(&finite, &row[i], 1);
        out->infinite += infinite;
    }
    for (size_t k = 0; k < PART_COUNT; k++) {
        out->value[k] = all.sum[k] / (double)n;
        out->without[k] = finite.sum[k] / (double)(n - out->infinite);
        out->ci[k] = interval_unknown();
    }
    if (!out->infinite)
        add_intervals(row, decomposition, seed, out);
}
