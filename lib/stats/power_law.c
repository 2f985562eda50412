#include "stats/power_law.h"

#include <assert.h>
#include <gsl/gsl_min.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

enum { GRID = 48, REFINEMENTS = 40 };

static const double C_LOW = .02, C_HIGH = 2, C_TOLERANCE = 1e-6;

double power_law_at(const struct power_law *law, double n)
{
    return law->b > 0 ? law->a + law->b * pow(n, -law->c) : law->a;
}

/* Logarithms of n over the largest, and n^-c for every c of the grid. */
struct power_law_fitter {
    size_t points;
    double largest;
    double *log_n;  /* [points] */
    double *powers; /* [GRID][points] */
};

/* Logarithm of c. */
static double grid_at(int i)
{
    return log(C_LOW) + (log(C_HIGH) - log(C_LOW)) * i / (GRID - 1);
}

struct power_law_fitter *power_law_fitter_new(const double *n, size_t points)
{
    struct power_law_fitter *f = mem_alloc(1, sizeof(*f));

    assert(points >= POWER_LAW_LEAST);
    f->points = points;
    f->largest = n[points - 1];
    f->log_n = mem_alloc(points, sizeof(*f->log_n));
    f->powers = mem_alloc(points * GRID, sizeof(*f->powers));
    for (size_t k = 0; k < points; k++)
        f->log_n[k] = log(n[k] / f->largest);
    for (int i = 0; i < GRID; i++)
        for (size_t k = 0; k < points; k++)
            f->powers[(size_t)i * points + k] =
                exp(-exp(grid_at(i)) * f->log_n[k]);
    return f;
}

void power_law_fitter_free(struct power_law_fitter *f)
{
    if (!f)
        return;
    free(f->log_n);
    free(f->powers);
    free(f);
}

/* One problem; x has room for n^-c. */
struct problem {
    const struct power_law_fitter *fitter;
    const double *y, *weight;
    double *x;
};

/* The best a and b (at the largest n) for these n^-c; returns the sum of
 * squares that is left. */
static double solve(const struct problem *p, const double *x, double *a,
                    double *b)
{
    double w = 0, wx = 0, wy = 0, wxx = 0, wxy = 0, left = 0, bottom;

    for (size_t k = 0; k < p->fitter->points; k++) {
        double weight = p->weight[k];
        w += weight;
        wx += weight * x[k];
        wy += weight * p->y[k];
        wxx += weight * x[k] * x[k];
        wxy += weight * x[k] * p->y[k];
    }
    bottom = w * wxx - wx * wx;
    *b = bottom > 0 ? fmax((w * wxy - wx * wy) / bottom, 0) : 0;
    *a = (wy - *b * wx) / w;
    if (*a < 0) {
        *a = 0;
        *b = fmax(wxy / wxx, 0);
    }
    for (size_t k = 0; k < p->fitter->points; k++) {
        double d = p->y[k] - *a - *b * x[k];
        left += p->weight[k] * d * d;
    }
    return left;
}

static double solve_at(const struct problem *p, double c, double *a, double *b)
{
    for (size_t k = 0; k < p->fitter->points; k++)
        p->x[k] = exp(-c * p->fitter->log_n[k]);
    return solve(p, p->x, a, b);
}

static double left_at(double log_c, void *problem)
{
    double a, b;

    return solve_at(problem, exp(log_c), &a, &b);
}

/* The smallest value between grid points i - 1 and i + 1, of which i is the
 * least; the ends of the grid, and valleys without a slope, stay as they are.
 */
static double refine(struct problem *p, const double left[GRID], int i)
{
    gsl_function f = {left_at, p};
    gsl_min_fminimizer *m;
    double best = grid_at(i);

    if (i == 0 || i == GRID - 1 || !(left[i] < fmin(left[i - 1], left[i + 1])))
        return best;
    m = gsl_min_fminimizer_alloc(gsl_min_fminimizer_brent);
    gsl_min_fminimizer_set_with_values(m, &f, best, left[i], grid_at(i - 1),
                                       left[i - 1], grid_at(i + 1),
                                       left[i + 1]);
    for (int k = 0; k < REFINEMENTS; k++) {
        gsl_min_fminimizer_iterate(m);
        if (gsl_min_fminimizer_x_upper(m) - gsl_min_fminimizer_x_lower(m) <
            C_TOLERANCE)
            break;
    }
    best = gsl_min_fminimizer_x_minimum(m);
    gsl_min_fminimizer_free(m);
    return best;
}

struct power_law power_law_fitter_fit(const struct power_law_fitter *f,
                                      const double *y, const double *weight)
{
    double left[GRID], a, b, c;
    struct problem p = {f, y, weight, mem_alloc(f->points, sizeof(double))};
    int best = 0;

    for (int i = 0; i < GRID; i++) {
        left[i] = solve(&p, f->powers + (size_t)i * f->points, &a, &b);
        if (left[i] < left[best])
            best = i;
    }
    c = exp(refine(&p, left, best));
    solve_at(&p, c, &a, &b);
    free(p.x);
    return (struct power_law){a, b * pow(f->largest, c), b > 0 ? c : NAN};
}

struct power_law power_law_fit(const double *n, const double *y,
                               const double *weight, size_t points)
{
    struct power_law_fitter *f = power_law_fitter_new(n, points);
    struct power_law law = power_law_fitter_fit(f, y, weight);

    power_law_fitter_free(f);
    return law;
}
