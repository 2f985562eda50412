#include "nn/coral.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "nn/product.h"

void coral_release(struct coral *c)
{
    for (int i = 0; i < 2; i++) {
        room_release(&c->sides[i].rows);
        room_release(&c->sides[i].covariance);
        room_release(&c->sides[i].gradient);
    }
    room_release(&c->slope);
    room_release(&c->sums);
    room_release(&c->gradient);
    memset(c, 0, sizeof(*c));
}

/* One side: its rows begin at x, and weigh 1 where weight is NULL. */
struct side {
    const real *x;
    const double *weight;
    size_t n, padded;
    double total, divisor; /* W, and what sums of squares are over */
};

static struct side side_of(const real *x, const double *weight, size_t n)
{
    return (struct side){.x = x,
                         .weight = weight,
                         .n = n,
                         .padded = (n + PRODUCT_TILE - 1) / PRODUCT_TILE *
                                   PRODUCT_TILE};
}

static double weight_of(const struct side *s, size_t i)
{
    return s->weight ? s->weight[i] : 1;
}

/* False where it has no covariance. */
static bool weigh(struct side *s)
{
    double squares = 0;

    for (size_t i = 0; i < s->n; i++) {
        s->total += weight_of(s, i);
        squares += weight_of(s, i) * weight_of(s, i);
    }
    s->divisor = s->total > 0 ? s->total - squares / s->total : 0;
    return s->divisor > 1e-9 * s->total;
}

static double share_of(const struct side *s, size_t i)
{
    return sqrt(weight_of(s, i) / s->divisor);
}

static double *mean_of(const struct side *s, size_t d)
{
    double *mean = mem_zalloc(d, sizeof(*mean));

    for (size_t i = 0; i < s->n; i++)
        for (size_t j = 0; j < d; j++)
            mean[j] += weight_of(s, i) * (double)s->x[i * d + j];
    for (size_t j = 0; j < d; j++)
        mean[j] /= s->total;
    return mean;
}

/* rows^T rows is the covariance. */
static void centre(const struct side *s, size_t d, real *rows)
{
    double *mean = mean_of(s, d);

    for (size_t i = 0; i < s->n; i++) {
        double share = share_of(s, i);
        for (size_t j = 0; j < d; j++)
            rows[i * d + j] =
                (real)(share * ((double)s->x[i * d + j] - mean[j]));
    }
    memset(rows + s->n * d, 0, (s->padded - s->n) * d * sizeof(*rows));
    free(mean);
}

static void fill_covariance(struct coral *c, const struct side *s, int which,
                            size_t d)
{
    struct coral_side *own = &c->sides[which];
    real *rows = room_take(&own->rows, s->padded * d);

    centre(s, d, rows);
    product_weight(room_take(&own->covariance, d * d), NULL, rows, rows,
                   s->padded, d, d, &c->sums);
}

/* The distance; *size is its denominator. */
static double compare(const struct coral *c, size_t d, double *size)
{
    const real *a = c->sides[0].covariance.at, *b = c->sides[1].covariance.at;
    double apart = 0;

    *size = 0;
    for (size_t i = 0; i < d * d; i++) {
        double x = (double)a[i], y = (double)b[i];
        apart += (x - y) * (x - y);
        *size += x * x + y * y;
    }
    return *size > 0 ? apart / *size : 0;
}

/* The rows of a side times (its covariance (1 - ratio) - the other's). */
static void fill_gradient(struct coral *c, const struct side *s, int which,
                          size_t d, double ratio, double scale, real *to)
{
    const real *own = c->sides[which].covariance.at,
               *other = c->sides[!which].covariance.at;
    real *slope = room_take(&c->slope, d * d),
         *g = room_take(&c->sides[which].gradient, s->padded * d);

    for (size_t i = 0; i < d * d; i++)
        slope[i] = (real)(1 - ratio) * own[i] - other[i];
    product_forward(g, c->sides[which].rows.at, slope, NULL, s->padded, d, d);
    for (size_t i = 0; i < s->n; i++) {
        real share = (real)(scale * share_of(s, i));
        for (size_t j = 0; j < d; j++)
            to[i * d + j] = share * g[i * d + j];
    }
}

double coral_distance(struct coral *c, const struct coral_rows *r,
                      const real *x, double scale, const real **gradient)
{
    struct side sides[2] = {side_of(x, r->weight, r->n),
                            side_of(x + r->n * r->d, NULL, r->m)};
    real *g = room_take(&c->gradient, r->padded * r->d);
    double distance, size;

    memset(g, 0, r->padded * r->d * sizeof(*g));
    *gradient = g;
    if (!weigh(&sides[0]) || !weigh(&sides[1]))
        return 0;
    for (int i = 0; i < 2; i++)
        fill_covariance(c, &sides[i], i, r->d);
    distance = compare(c, r->d, &size);
    for (int i = 0; i < 2 && size > 0; i++)
        fill_gradient(c, &sides[i], i, r->d, distance, 4 * scale / size,
                      g + (i ? r->n * r->d : 0));
    return distance;
}
