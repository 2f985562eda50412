#include "stats/paired.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/draw.h"

/* `count` rows alike, of one unit. */
struct cell {
    uint32_t unit, label, a, b;
    double count;
};

/*
 * The rows, alike ones as one, by unit.  What is drawn and exchanged is, with
 * groups, a unit with its cells start[unit] to start[unit + 1]; without (start
 * is NULL, all are of one unit) a row, of which any number may be of a cell.
 */
struct pile {
    struct cell *cell;
    size_t n_cells, n_rows, n_classes;
    size_t *start; /* [n_units + 1] */
    size_t n_units;
    double *weight;    /* [n_cells] */
    uint32_t *cell_of; /* [n_rows] where cells are hardly fewer; else NULL */
    sums_metric *const *metrics;
    size_t n_metrics;
};

/* ---- sums of both classifiers ---- */

struct both_sums {
    struct class_sums a, b;
    double *memory, *room; /* memory: of the sums; room: a number a cell */
};

static void sums_start(struct both_sums *s, const struct pile *pile)
{
    size_t k = pile->n_classes;

    s->memory = mem_zalloc(6 * k, sizeof *s->memory);
    s->room = mem_alloc(pile->n_cells, sizeof *s->room);
    s->a = (struct class_sums){k, s->memory, s->memory + k, s->memory + 2 * k};
    s->b = (struct class_sums){k, s->memory + 3 * k, s->memory + 4 * k,
                               s->memory + 5 * k};
}

static void sums_empty(struct both_sums *s)
{
    memset(s->memory, 0, 6 * s->a.n_classes * sizeof *s->memory);
}

static void sums_stop(struct both_sums *s)
{
    free(s->memory);
    free(s->room);
}

static void add_one(struct class_sums *s, size_t label, size_t pred,
                    double count)
{
    s->labels[label] += count;
    s->preds[pred] += count;
    s->hits[label] += label == pred ? count : 0;
}

/* `count` rows of the cell, and `exchanged` more with a's and b's exchanged. */
static void add_cell(struct both_sums *s, const struct cell *cell, double count,
                     double exchanged)
{
    add_one(&s->a, cell->label, cell->a, count);
    add_one(&s->b, cell->label, cell->b, count);
    if (exchanged > 0) {
        add_one(&s->a, cell->label, cell->b, exchanged);
        add_one(&s->b, cell->label, cell->a, exchanged);
    }
}

/* ---- piling up ---- */

static int by_content(const void *x, const void *y)
{
    const struct cell *s = x, *t = y;

    if (s->unit != t->unit)
        return s->unit < t->unit ? -1 : 1;
    if (s->label != t->label)
        return s->label < t->label ? -1 : 1;
    if (s->a != t->a)
        return s->a < t->a ? -1 : 1;
    return (s->b > t->b) - (s->b < t->b);
}

static void merge(struct pile *p)
{
    size_t n = 0;

    if (p->n_cells)
        qsort(p->cell, p->n_cells, sizeof *p->cell, by_content);
    for (size_t i = 0; i < p->n_cells; i++)
        if (n && by_content(&p->cell[n - 1], &p->cell[i]) == 0)
            p->cell[n - 1].count++;
        else
            p->cell[n++] = p->cell[i];
    p->n_cells = n;
}

static void find_units(struct pile *p, size_t n_units)
{
    p->n_units = n_units;
    p->start = mem_zalloc(n_units + 1, sizeof *p->start);
    for (size_t i = 0; i < p->n_cells; i++)
        p->start[p->cell[i].unit + 1] = i + 1;
}

/* To draw a cell takes as long as about twenty rows. */
static void weigh(struct pile *p)
{
    const size_t rows_a_cell = 20;
    size_t row = 0;

    p->weight = mem_alloc(p->n_cells, sizeof *p->weight);
    for (size_t i = 0; i < p->n_cells; i++)
        p->weight[i] = p->cell[i].count;
    if (p->n_cells * rows_a_cell < p->n_rows)
        return;
    p->cell_of = mem_alloc(p->n_rows, sizeof *p->cell_of);
    for (size_t i = 0; i < p->n_cells; i++)
        for (double k = 0; k < p->cell[i].count; k++)
            p->cell_of[row++] = (uint32_t)i;
}

static void pile_release(struct pile *p)
{
    free(p->cell);
    free(p->start);
    free(p->weight);
    free(p->cell_of);
}

/* ---- one draw, one exchange ---- */

static size_t below(struct rng *rng, size_t n)
{
    return (size_t)(rng_uniform(rng) * (double)n);
}

static void draw_cells(const struct pile *p, struct both_sums *s,
                       struct rng *rng)
{
    double n = (double)p->n_rows;

    draw_multinomial(rng, p->weight, p->n_cells, n, n, s->room);
    for (size_t i = 0; i < p->n_cells; i++)
        if (s->room[i] > 0)
            add_cell(s, &p->cell[i], s->room[i], 0);
}

static void draw_rows(const struct pile *p, struct both_sums *s,
                      struct rng *rng)
{
    for (size_t i = 0; i < p->n_rows; i++)
        add_cell(s, &p->cell[p->cell_of[below(rng, p->n_rows)]], 1, 0);
}

static void draw_units(const struct pile *p, struct both_sums *s,
                       struct rng *rng)
{
    for (size_t i = 0; i < p->n_units; i++) {
        size_t u = below(rng, p->n_units);
        for (size_t k = p->start[u]; k < p->start[u + 1]; k++)
            add_cell(s, &p->cell[k], p->cell[k].count, 0);
    }
}

/* Heads in `n` tosses of a coin. */
static double heads(struct rng *rng, double n)
{
    double sum = 0;

    for (; n >= 64; n -= 64)
        sum += __builtin_popcountll(rng_next(rng));
    if (n > 0)
        sum += __builtin_popcountll(rng_next(rng) >> (64 - (unsigned)n));
    return sum;
}

static void exchange_cells(const struct pile *p, struct both_sums *s,
                           struct rng *rng)
{
    for (size_t i = 0; i < p->n_cells; i++) {
        const struct cell *cell = &p->cell[i];
        double n = cell->a == cell->b ? 0 : heads(rng, cell->count);
        add_cell(s, cell, cell->count - n, n);
    }
}

static void exchange_units(const struct pile *p, struct both_sums *s,
                           struct rng *rng)
{
    for (size_t u = 0; u < p->n_units; u++) {
        double n = heads(rng, 1);
        for (size_t k = p->start[u]; k < p->start[u + 1]; k++)
            add_cell(s, &p->cell[k], (1 - n) * p->cell[k].count,
                     n * p->cell[k].count);
    }
}

/* ---- many of them ---- */

typedef void resample(const struct pile *p, struct both_sums *s,
                      struct rng *rng);

/* The differences of `times` samples: value[n_metrics][times], to be freed. */
static double *repeat(const struct pile *p, resample *once, size_t times,
                      uint64_t seed, uint64_t stream)
{
    double *value = mem_alloc(p->n_metrics * times, sizeof *value);

#pragma omp parallel
    {
        struct both_sums s;
        struct rng rng;
        sums_start(&s, p);
#pragma omp for schedule(dynamic, 16)
        for (uint64_t d = 0; d < times; d++) {
            rng_init(&rng, seed, stream + ((d + 1) << 8));
            sums_empty(&s);
            once(p, &s, &rng);
            for (size_t m = 0; m < p->n_metrics; m++)
                value[m * times + d] = p->metrics[m](&s.b) -
                                       p->metrics[m](&s.a);
        }
        sums_stop(&s);
    }
    return value;
}

static void bootstrap(const struct pile *p, uint64_t seed,
                      struct paired_score *out)
{
    size_t units = p->start ? p->n_units : p->n_rows;
    double *value = repeat(p,
                           p->start     ? draw_units
                           : p->cell_of ? draw_rows
                                        : draw_cells,
                           PAIRED_DRAWS, seed, RNG_BOOTSTRAP);

    for (size_t m = 0; m < p->n_metrics; m++)
        out[m].ci = interval_from_draws_at(value + m * PAIRED_DRAWS,
                                           PAIRED_DRAWS,
                                           interval_tail((double)units));
    free(value);
}

static void exchange(const struct pile *p, uint64_t seed,
                     struct paired_score *out)
{
    double *value = repeat(p, p->start ? exchange_units : exchange_cells,
                           PAIRED_EXCHANGES, seed, RNG_EXCHANGE);

    for (size_t m = 0; m < p->n_metrics; m++)
        out[m].p_value = paired_p_value(value + m * PAIRED_EXCHANGES,
                                        out[m].b - out[m].a, 1e-12);
    free(value);
}

static void observe(const struct pile *p, struct paired_score *out)
{
    struct both_sums s;

    sums_start(&s, p);
    for (size_t i = 0; i < p->n_cells; i++)
        add_cell(&s, &p->cell[i], p->cell[i].count, 0);
    for (size_t m = 0; m < p->n_metrics; m++)
        out[m] = (struct paired_score){p->metrics[m](&s.a), p->metrics[m](&s.b),
                                       interval_unknown(), 1};
    sums_stop(&s);
}

void paired_classes(const uint32_t *label, const uint32_t *a, const uint32_t *b,
                    size_t n, size_t n_classes, struct paired_groups groups,
                    sums_metric *const *metrics, size_t n_metrics,
                    uint64_t seed, struct paired_score *out)
{
    struct pile p = {.n_cells = n,
                     .n_rows = n,
                     .n_classes = n_classes,
                     .metrics = metrics,
                     .n_metrics = n_metrics};

    p.cell = mem_alloc(n, sizeof *p.cell);
    for (size_t i = 0; i < n; i++)
        p.cell[i] = (struct cell){groups.of ? groups.of[i] : 0, label[i], a[i],
                                  b[i], 1};
    merge(&p);
    if (groups.of)
        find_units(&p, groups.n_groups);
    else
        weigh(&p);
    observe(&p, out);
    if ((p.start ? p.n_units : n) >= 2)
        bootstrap(&p, seed, out);
    if (n)
        exchange(&p, seed, out);
    pile_release(&p);
}
