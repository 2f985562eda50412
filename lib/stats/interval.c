#include "stats/interval.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

static const double z95 = 1.959963984540054;

struct interval interval_unknown(void)
{
    return (struct interval){NAN, NAN};
}

double normal_quantile(double p)
{
    if (!(p >= 0 && p <= 1))
        return NAN;
    return gsl_cdf_ugaussian_Pinv(p);
}

double normal_upper_tail(double z)
{
    return gsl_cdf_ugaussian_Q(z);
}

struct interval wilson(double k, double n)
{
    double z2 = z95 * z95, centre, half;

    if (!(n > 0))
        return (struct interval){0, 1};
    centre = (k + z2 / 2) / (n + z2);
    half = z95 * sqrt(fmax(k * (n - k), 0) / n + z2 / 4) / (n + z2);
    /* At k = 0 and k = n an end is 0 or 1, but for rounding. */
    return (struct interval){k <= 0 ? 0 : fmax(centre - half, 0),
                             k >= n ? 1 : fmin(centre + half, 1)};
}

struct interval newcombe(double k1, double n1, double k2, double n2)
{
    struct interval a = wilson(k1, n1), b = wilson(k2, n2);
    double p1 = k1 / n1, p2 = k2 / n2;

    if (!(n1 > 0 && n2 > 0))
        return (struct interval){-1, 1};
    return (struct interval){p1 - p2 - hypot(p1 - a.low, b.high - p2),
                             p1 - p2 + hypot(a.high - p1, p2 - b.low)};
}

double interval_tail(double n)
{
    if (!(n >= 2))
        return 0;
    return gsl_cdf_ugaussian_P(-sqrt(n / (n - 1)) *
                               gsl_cdf_tdist_Pinv(.975, n - 1));
}

struct interval interval_mean(double mean, double variance, double n)
{
    double half;

    if (!(n >= 2) || isnan(mean) || isnan(variance))
        return interval_unknown();
    half = gsl_cdf_tdist_Pinv(.975, n - 1) * sqrt(variance / n);
    return (struct interval){mean - half, mean + half};
}

static int by_value(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x > y) - (x < y);
}

/* Of n >= 1 sorted values. */
static double quantile(const double *sorted, size_t n, double p)
{
    double at = p * (double)(n - 1), below = floor(at);
    size_t i = (size_t)below;

    if (i + 1 >= n || sorted[i] == sorted[i + 1])
        return sorted[i];
    return sorted[i] + (at - below) * (sorted[i + 1] - sorted[i]);
}

struct interval interval_from_draws(double *draws, size_t n)
{
    return interval_from_draws_at(draws, n, .025);
}

struct interval interval_from_draws_at(double *draws, size_t n, double tail)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(draws[i]))
            draws[kept++] = draws[i];
    if (kept == 0)
        return interval_unknown();
    qsort(draws, kept, sizeof *draws, by_value);
    return (struct interval){quantile(draws, kept, tail),
                             quantile(draws, kept, 1 - tail)};
}
