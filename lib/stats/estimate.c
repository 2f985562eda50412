#include "stats/estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

struct estimate estimate_none(void)
{
    return (struct estimate){
        .value = NAN, .variance = NAN, .df = NAN, .ci = interval_unknown()};
}

struct estimate estimate_exact(double value, bool bounded)
{
    return (struct estimate){.value = value,
                             .df = INFINITY,
                             .bounded = bounded,
                             .ci = {value, value}};
}

struct estimate estimate_rate(double k, double n)
{
    struct estimate e = estimate_none();

    e.bounded = true;
    e.value = n > 0 ? k / n : k;
    if (n > 0) {
        e.n = n;
        e.variance = e.value * (1 - e.value) / n;
        e.df = INFINITY;
        e.ci = wilson(k, n);
    }
    return e;
}

/* Of two distances from their estimates; they may be infinite. */
static double combined(double x, double y, double r)
{
    return r == 0 ? hypot(x, y) : sqrt(fmax(x * x + y * y - 2 * r * x * y, 0));
}

static struct interval bounded_difference(const struct estimate *a,
                                          const struct estimate *b, double r)
{
    double d = a->value - b->value;

    return (struct interval){
        d - combined(a->value - a->ci.low, b->ci.high - b->value, r),
        d + combined(a->ci.high - a->value, b->value - b->ci.low, r)};
}

static struct interval mean_difference(const struct estimate *a,
                                       const struct estimate *b,
                                       double covariance)
{
    double sum = a->variance + b->variance, d = a->value - b->value;
    double variance = sum - 2 * covariance, df, half;

    if (isinf(a->value) && !isinf(b->value))
        return (struct interval){a->ci.low - b->ci.high, INFINITY};
    if (isinf(b->value) && !isinf(a->value))
        return (struct interval){-INFINITY, a->ci.high - b->ci.low};
    if (!isfinite(d) || !isfinite(sum))
        return interval_unknown();
    df =
        sum * sum /
        (a->variance * a->variance / a->df + b->variance * b->variance / b->df);
    half = sum > 0 ? gsl_cdf_tdist_Pinv(.975, fmin(df, 1e9)) : 0;
    half *= sqrt(fmax(variance, 0));
    return (struct interval){d - half, d + half};
}

struct interval estimate_difference(const struct estimate *a,
                                    const struct estimate *b, double covariance)
{
    double both = sqrt(a->variance * b->variance), r = 0;

    if (!a->bounded || !b->bounded)
        return mean_difference(a, b, covariance);
    if (isnan(a->ci.low) || isnan(b->ci.low))
        return interval_unknown();
    if (covariance != 0 && both > 0)
        r = fmax(-1, fmin(1, covariance / both));
    return bounded_difference(a, b, r);
}
