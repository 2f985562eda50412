#include "stats/descent.h"

#include <gsl/gsl_multimin.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const double LINE_TOLERANCE = .1, FLAT = 1e-6;

/* The line search asks for value and slope of one place one after the other:
 * the last answer is kept. */
struct walk {
    const struct descent *descent;
    double *x, *gradient, *best; /* [n] each */
    double value, lowest;
};

static void look(struct walk *w, const gsl_vector *at)
{
    size_t n = w->descent->n;
    bool same = isfinite(w->value);

    for (size_t i = 0; i < n; i++) {
        double x = gsl_vector_get(at, i);
        same = same && x == w->x[i];
        w->x[i] = x;
    }
    if (same)
        return;
    w->value = w->descent->value(w->x, w->gradient, w->descent->context);
    if (w->value < w->lowest) {
        w->lowest = w->value;
        memcpy(w->best, w->x, n * sizeof(*w->x));
    }
}

static double value_at(const gsl_vector *at, void *walk)
{
    struct walk *w = walk;

    look(w, at);
    return w->value;
}

static void slope_at(const gsl_vector *at, void *walk, gsl_vector *slope)
{
    struct walk *w = walk;

    look(w, at);
    for (size_t i = 0; i < w->descent->n; i++)
        gsl_vector_set(slope, i, w->gradient[i]);
}

static void both_at(const gsl_vector *at, void *walk, double *value,
                    gsl_vector *slope)
{
    *value = value_at(at, walk);
    slope_at(at, walk, slope);
}

static void run(struct walk *w, gsl_vector *x)
{
    const struct descent *d = w->descent;
    gsl_multimin_function_fdf f = {value_at, slope_at, both_at, d->n, w};
    gsl_multimin_fdfminimizer *m = gsl_multimin_fdfminimizer_alloc(
        gsl_multimin_fdfminimizer_vector_bfgs2, d->n);

    if (!m)
        mem_exhausted();
    gsl_multimin_fdfminimizer_set(m, &f, x, d->step, LINE_TOLERANCE);
    for (size_t i = 0; i < d->iterations; i++)
        if (gsl_multimin_test_gradient(m->gradient, FLAT) == GSL_SUCCESS ||
            gsl_multimin_fdfminimizer_iterate(m) != GSL_SUCCESS)
            break;
    gsl_multimin_fdfminimizer_free(m);
}

double descend(const struct descent *descent, double *x)
{
    size_t n = descent->n;
    double *room = mem_zalloc(3 * n, sizeof(*room));
    struct walk w = {.descent = descent,
                     .x = room,
                     .gradient = room + n,
                     .best = room + 2 * n,
                     .value = NAN,
                     .lowest = INFINITY};
    gsl_vector_view start = gsl_vector_view_array(x, n);

    memcpy(w.best, x, n * sizeof(*x));
    run(&w, &start.vector);
    memcpy(x, w.best, n * sizeof(*x));
    free(room);
    return w.lowest;
}
