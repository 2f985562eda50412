#include "stats/estimate.h"

#include <gsl/gsl_cdf.h>
#include <math.h>

/* As good as infinitely many. */
static const double MOST_DF = 1e9;

struct estimate estimate_none(void)
{
    return (struct estimate){
        .value = NAN, .variance = NAN, .ci = interval_unknown()};
}

struct estimate estimate_exact(double value, bool bounded)
{
    return (struct estimate){
        .value = value, .bounded = bounded, .ci = {value, value}};
}

struct estimate estimate_rate(double k, double n)
{
    struct estimate e = estimate_none();

    e.bounded = true;
    e.value = n > 0 ? k / n : k;
    if (n > 0) {
        e.n = n;
        e.variance = e.value * (1 - e.value) / n;
        e.ci = wilson(k, n);
    }
    return e;
}

/* Hall's T(y) for a relative third cumulant k. */
static double unskewed(double y, double k)
{
    /* below that, y to twelve digits */
    if (!(fabs(k) > 1e-6))
        return y;
    return 3 / k * (cbrt(1 + k * (y - k / 6)) - 1);
}

struct interval estimate_mean_interval(double value, double variance,
                                       double third, double df)
{
    double s = sqrt(fmax(variance, 0)), k = s > 0 ? third / (s * s * s) : 0, t;

    if (!(df >= 1) || isnan(value) || isnan(variance))
        return interval_unknown();
    t = gsl_cdf_tdist_Pinv(.975, fmin(df, MOST_DF));
    return (struct interval){value - s * unskewed(t, k),
                             value - s * unskewed(-t, k)};
}

/* Of two distances from their estimates. */
static double combined(double x, double y, double r)
{
    return r == 0 ? hypot(x, y) : sqrt(fmax(x * x + y * y - 2 * r * x * y, 0));
}

struct interval estimate_difference(const struct estimate *a,
                                    const struct estimate *b, double covariance)
{
    double both = sqrt(a->variance * b->variance), d = a->value - b->value;
    double r = 0;

    if (isnan(d) || isnan(a->ci.low) || isnan(b->ci.low))
        return interval_unknown();
    if (isinf(a->value))
        return (struct interval){a->ci.low - b->ci.high, INFINITY};
    if (isinf(b->value))
        return (struct interval){-INFINITY, a->ci.high - b->ci.low};
    if (covariance != 0 && both > 0)
        r = fmax(-1, fmin(1, covariance / both));
    return (struct interval){
        d - combined(a->value - a->ci.low, b->ci.high - b->value, r),
        d + combined(a->ci.high - a->value, b->value - b->ci.low, r)};
}
