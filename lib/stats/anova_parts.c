#include "stats/anova_parts.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* The sides on which two boxes, or a box and a point, are not independent. */
struct factors {
    double all;                  /* prod_k r_k */
    double excess[BOX_FEATURES]; /* r_k - 1 */
    size_t side[BOX_FEATURES], n;
};

static void add_factor(struct factors *f, size_t side, double ratio)
{
    f->all *= ratio;
    f->side[f->n] = side;
    f->excess[f->n++] = ratio - 1;
}

static void add_parts(struct parts *parts, const struct factors *f, size_t d,
                      double weight)
{
    parts->total += weight * (f->all - 1);
    for (size_t i = 0; i < f->n; i++) {
        double *row = parts->at + f->side[i] * d, part = weight * f->excess[i];
        row[f->side[i]] += part;
        for (size_t j = i + 1; j < f->n; j++)
            row[f->side[j]] += part * f->excess[j];
    }
}

static void clear(struct parts *parts, size_t d)
{
    parts->total = 0;
    memset(parts->at, 0, d * d * sizeof(*parts->at));
}

/* ---- two boxes ---- */

static double overlap(const struct box_side *s, const struct box_side *t,
                      bool choice)
{
    double low, high;

    if (choice)
        return s->share *
               (double)__builtin_popcountll(s->choices & t->choices) /
               (double)__builtin_popcountll(s->choices);
    low = s->low > t->low ? s->low : t->low;
    high = s->high < t->high ? s->high : t->high;
    return high > low ? high - low : 0;
}

static void meet(struct factors *f, const struct boxes *b, size_t i, size_t j,
                 const struct box_space *space)
{
    f->n = 0;
    f->all = 1;
    for (uint64_t both = b->bound[i] & b->bound[j]; both; both &= both - 1) {
        size_t side = (size_t)__builtin_ctzll(both);
        const struct box_side *s = box_side(b, i, side);
        const struct box_side *t = box_side(b, j, side);
        add_factor(f, side,
                   overlap(s, t, space->features[side].choices) /
                       (s->share * t->share));
    }
}

void parts_variance(struct parts *parts, const struct boxes *b,
                    const struct box_space *space)
{
    double *a = mem_alloc(b->n, sizeof(*a));
    struct factors f;

    clear(parts, b->d);
    for (size_t i = 0; i < b->n; i++) {
        a[i] = b->value[i] * box_volume(b, i);
        for (size_t j = 0; j <= i; j++) {
            if (!(b->bound[i] & b->bound[j]))
                continue;
            meet(&f, b, i, j, space);
            add_parts(parts, &f, b->d, (i == j ? 1 : 2) * a[i] * a[j]);
        }
    }
    free(a);
}

/* ---- a box and a point ---- */

void parts_at(struct parts *parts, const struct boxes *b,
              const struct box_space *space, const double *x)
{
    struct factors f;

    clear(parts, b->d);
    for (size_t i = 0; i < b->n; i++) {
        f.n = 0;
        f.all = 1;
        for (uint64_t left = b->bound[i]; left; left &= left - 1) {
            size_t side = (size_t)__builtin_ctzll(left);
            const struct box_side *s = box_side(b, i, side);
            if (isnan(x[side]))
                continue;
            add_factor(&f, side,
                       box_holds(s, &space->features[side], x[side])
                           ? 1 / s->share
                           : 0);
        }
        add_parts(parts, &f, b->d, b->value[i] * box_volume(b, i));
    }
}

double parts_mean(const struct boxes *b)
{
    double sum = 0;

    for (size_t i = 0; i < b->n; i++)
        sum += b->value[i] * box_volume(b, i);
    return sum;
}
