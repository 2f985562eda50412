#include "stats/yeo_johnson.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { STEPS = 40 };
static const double POWER_LOW = 0, POWER_HIGH = 1, MOST = 1e6;

static double bend(double z, double power)
{
    double own = z < 0 ? 2 - power : power, size = log1p(fabs(z)),
           bent = own == 0 ? size : expm1(own * size) / own;

    return z < 0 ? -bent : bent;
}

static double scaled(const struct yeo_johnson *t, double value)
{
    return fmin((value - t->centre) / t->spread, MOST);
}

double yeo_johnson_at(const struct yeo_johnson *t, double value)
{
    return (bend(scaled(t, value), t->power) - t->mean) / t->sd;
}

static double or_else(double value, double otherwise)
{
    return value > 0 && isfinite(value) ? value : otherwise;
}

/* Of sorted values. */
static void set_scale(struct yeo_johnson *t, const double *value, size_t n)
{
    double low = gsl_stats_quantile_from_sorted_data(value, 1, n, .25),
           high = gsl_stats_quantile_from_sorted_data(value, 1, n, .75);

    t->centre = gsl_stats_median_from_sorted_data(value, 1, n);
    t->spread = or_else(t->centre - low, or_else(high - low, 0));
    if (t->spread == 0)
        t->spread = or_else(n > 1 ? gsl_stats_sd(value, 1, n) : 0, 1);
}

/* Sets mean and sd, returns the logarithm of the likelihood. */
static double likelihood(struct yeo_johnson *t, const double *z, double *bent,
                         size_t n)
{
    double logs = 0;

    for (size_t i = 0; i < n; i++) {
        bent[i] = bend(z[i], t->power);
        logs += copysign(log1p(fabs(z[i])), z[i]);
    }
    t->mean = gsl_stats_mean(bent, 1, n);
    t->sd = or_else(gsl_stats_sd_with_fixed_mean(bent, 1, n, t->mean), 1);
    return (t->power - 1) * logs - (double)n * log(t->sd);
}

struct yeo_johnson yeo_johnson_fit(const double *value, size_t n)
{
    struct yeo_johnson t = {0, 1, 1, 0, 1}, best = t;
    double *z, *bent, highest = -INFINITY;

    if (n == 0)
        return t;
    z = mem_alloc(2 * n, sizeof(*z));
    bent = z + n;
    memcpy(z, value, n * sizeof(*z));
    gsl_sort(z, 1, n);
    set_scale(&t, z, n);
    for (size_t i = 0; i < n; i++)
        z[i] = scaled(&t, z[i]);
    for (int i = 0; i <= STEPS; i++) {
        double own;
        t.power = POWER_HIGH - (POWER_HIGH - POWER_LOW) * i / STEPS;
        own = likelihood(&t, z, bent, n);
        if (own > highest) {
            highest = own;
            best = t;
        }
    }
    free(z);
    return best;
}
