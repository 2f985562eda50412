#include "analysis/near_cells.h"

#include <float.h>
#include <math.h>
#include <stdlib.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/rng.h"

enum { PAIRS = 20000, TRIES = 20 };

static const double SHARE_OF_SD = .005;

static float text_cell(const struct ngrams *g, size_t row)
{
    size_t begin = g->start[row], n = g->start[row + 1] - begin;
    uint64_t hash =
        hash_add(HASH_START, g->bucket + begin, n * sizeof(*g->bucket));

    return (float)(hash_finish(hash_add(hash, g->count + begin,
                                        n * sizeof(*g->count))) >>
                   40);
}

static float cell(const struct table *t, size_t row, size_t c)
{
    float x;

    if (c >= t->n_numbers + t->n_categories)
        return text_cell(&t->texts[c - t->n_numbers - t->n_categories], row);
    if (c >= t->n_numbers)
        return (float)t->levels[row * t->n_categories + c - t->n_numbers];
    x = t->numbers[row * t->n_numbers + c] + 0.0F;
    return isnan(x) ? FLT_MAX : x;
}

static float tolerance(const struct table *t, size_t c)
{
    double n = 0, mean = 0, squares = 0;

    if (c >= t->n_numbers)
        return 0;
    for (size_t i = 0; i < t->n; i++) {
        double x = (double)t->numbers[i * t->n_numbers + c], off = x - mean;
        if (isnan(x))
            continue;
        mean += off / ++n;
        squares += off * (x - mean);
    }
    return n > 1 ? (float)(SHARE_OF_SD * sqrt(squares / (n - 1))) : 0;
}

/* Two rows of one label, or any two where that is hard to come by. */
static void draw_pair(const struct table *t, struct rng *rng, size_t pair[2])
{
    pair[0] = rng_below(rng, t->n);
    for (int i = 0; i < TRIES; i++) {
        pair[1] = rng_below(rng, t->n);
        if (pair[0] != pair[1] && t->label[pair[0]] == t->label[pair[1]])
            return;
    }
}

static size_t (*draw_pairs(const struct table *t, uint64_t seed))[2]
{
    size_t(*pair)[2] = mem_alloc(PAIRS, sizeof(*pair));
    struct rng rng;

    rng_init(&rng, seed, RNG_PERMUTATION);
    for (size_t i = 0; i < PAIRS; i++)
        draw_pair(t, &rng, pair[i]);
    return pair;
}

/* Never 0: it is not known that well. */
static double agreement(const struct table *t, size_t c, double within,
                        size_t (*pair)[2])
{
    double agree = 1;

    for (size_t i = 0; i < PAIRS; i++)
        agree += fabs((double)cell(t, pair[i][0], c) -
                      (double)cell(t, pair[i][1], c)) <= within;
    return agree / (PAIRS + 1);
}

static void take_column(struct near_cells *cells, size_t c, float within,
                        double agree)
{
    struct near_shape *s = &cells->shape;
    size_t at = s->columns;

    if (at == NEAR_COLUMNS) {
        if (agree >= s->agree[at - 1])
            return;
        at--;
    } else {
        s->columns++;
    }
    for (; at > 0 && s->agree[at - 1] > agree; at--) {
        s->agree[at] = s->agree[at - 1];
        s->tolerance[at] = s->tolerance[at - 1];
        cells->column[at] = cells->column[at - 1];
    }
    s->agree[at] = agree;
    s->tolerance[at] = within;
    cells->column[at] = c;
}

void near_cells_init(struct near_cells *cells, const struct table *t,
                     uint64_t seed)
{
    size_t columns = t->n_numbers + t->n_categories + t->n_texts;

    size_t(*pair)[2];

    *cells = (struct near_cells){0};
    if (t->n < 2)
        return;
    pair = draw_pairs(t, seed);
    for (size_t c = 0; c < columns; c++) {
        float within = tolerance(t, c);
        take_column(cells, c, within, agreement(t, c, (double)within, pair));
    }
    free(pair);
}

float *near_cells_of(const struct near_cells *cells, const struct table *t,
                     const size_t *row, size_t n)
{
    size_t width = cells->shape.columns;
    float *x = mem_alloc(n * width, sizeof(*x));

    for (size_t i = 0; i < n; i++)
        for (size_t c = 0; c < width; c++)
            x[i * width + c] = cell(t, row[i], cells->column[c]);
    return x;
}
