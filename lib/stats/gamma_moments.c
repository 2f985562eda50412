#include "stats/gamma_moments.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdbool.h>

#include "stats/interval.h"

static const double LARGE = 1e4;

static double shape(struct gamma_moments g)
{
    return g.mean * g.mean / g.variance;
}

static double scale(struct gamma_moments g)
{
    return g.variance / g.mean;
}

/* Whether GSL would rather give up. */
static bool is_large(struct gamma_moments g, double x)
{
    return shape(g) > LARGE || x / scale(g) > LARGE;
}

static double cube_root_normal(struct gamma_moments g, double x)
{
    double k = 9 * shape(g);

    return (cbrt(x / g.mean) - (1 - 1 / k)) * sqrt(k);
}

double gamma_below(struct gamma_moments g, double x)
{
    return is_large(g, x) ? normal_upper_tail(-cube_root_normal(g, x))
                          : gsl_cdf_gamma_P(x, shape(g), scale(g));
}

double gamma_above(struct gamma_moments g, double x)
{
    return is_large(g, x) ? normal_upper_tail(cube_root_normal(g, x))
                          : gsl_cdf_gamma_Q(x, shape(g), scale(g));
}

double gamma_quantile(struct gamma_moments g, double p)
{
    double k = 9 * shape(g), root;

    if (shape(g) <= LARGE)
        return gsl_cdf_gamma_Qinv(p, shape(g), scale(g));
    root = 1 - 1 / k - normal_quantile(p) / sqrt(k);
    return g.mean * root * root * root;
}

static double below_with(struct gamma_moments g, double along, double b,
                         double x)
{
    struct gamma_moments moved = {g.mean + b, g.variance + 4 * b * along};

    return gamma_below(moved, x);
}

double gamma_noncentral(struct gamma_moments g, double along, double x,
                        double p)
{
    double low = 0, high = g.mean;

    if (below_with(g, along, 0, x) <= p)
        return 0;
    while (below_with(g, along, high, x) > p)
        high *= 2;
    for (int i = 0; i < 50; i++) {
        double middle = (low + high) / 2;
        if (below_with(g, along, middle, x) > p)
            low = middle;
        else
            high = middle;
    }
    return (low + high) / 2;
}
