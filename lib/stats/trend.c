#include "stats/trend.h"

#include <gsl/gsl_sort.h>
#include <gsl/gsl_statistics_double.h>
#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static double median_of(double *value, size_t n)
{
    gsl_sort(value, 1, n);
    return gsl_stats_median_from_sorted_data(value, 1, n);
}

double trend_median(const double *value, size_t n)
{
    double *copy, median;

    if (n == 0)
        return NAN;
    copy = mem_alloc(n, sizeof(*copy));
    memcpy(copy, value, n * sizeof(*copy));
    median = median_of(copy, n);
    free(copy);
    return median;
}

double trend_noise(const double *value, size_t n)
{
    static const double MEDIAN_OF_NORMAL = .6744897501960817;
    double *bend, median;

    if (n < 3)
        return NAN;
    bend = mem_alloc(n, sizeof(*bend));
    for (size_t i = 1; i + 1 < n; i++)
        bend[i - 1] = fabs(value[i - 1] - 2 * value[i] + value[i + 1]);
    median = median_of(bend, n - 2);
    free(bend);
    return median / (MEDIAN_OF_NORMAL * sqrt(6));
}

/* Means of neighbours: MOST of them.  Returns how many values each is of. */
static double shorten(const double *value, size_t n, double *mean)
{
    for (size_t k = 0; k < TREND_MOST; k++) {
        size_t begin = k * n / TREND_MOST, end = (k + 1) * n / TREND_MOST;
        mean[k] = gsl_stats_mean(value + begin, 1, end - begin);
    }
    return (double)n / TREND_MOST;
}

/* Sum over groups of t equal values of t (t - 1) (2 t + 5); sorted. */
static double tie_sum(const double *sorted, size_t n)
{
    double sum = 0;

    for (size_t i = 0, end; i < n; i = end) {
        double t;
        for (end = i + 1; end < n && !(sorted[end] > sorted[i]);)
            end++;
        t = (double)(end - i);
        sum += t * (t - 1) * (2 * t + 5);
    }
    return sum;
}

static double variance_of_s(const double *value, size_t n)
{
    double *sorted = mem_alloc(n, sizeof(*sorted)), m = (double)n, ties;

    memcpy(sorted, value, n * sizeof(*sorted));
    gsl_sort(sorted, 1, n);
    ties = tie_sum(sorted, n);
    free(sorted);
    return (m * (m - 1) * (2 * m + 5) - ties) / 18;
}

/* P(at most k of the n (n - 1) / 2 pairs fall) in random order, no ties. */
static double few_inversions(size_t n, size_t k)
{
    size_t most = n * (n - 1) / 2;
    double *p = mem_zalloc(most + 1, sizeof(*p)), *next, sum = 0;

    next = mem_alloc(most + 1, sizeof(*next));
    p[0] = 1;
    for (size_t m = 2; m <= n; m++) {
        double window = 0;
        for (size_t i = 0; i <= most; i++) {
            window += p[i] - (i >= m ? p[i - m] : 0);
            next[i] = fmax(window, 0) / (double)m;
        }
        memcpy(p, next, (most + 1) * sizeof(*p));
    }
    for (size_t i = 0; i <= k && i <= most; i++)
        sum += p[i];
    free(p);
    free(next);
    return fmin(sum, 1);
}

/* P(S >= s). */
static double tail_of_s(double s, size_t n, double variance, bool ties)
{
    double pairs = (double)(n * (n - 1) / 2);

    if (!(variance > 0))
        return 1;
    if (!ties && n <= TREND_EXACT)
        return few_inversions(n, (size_t)((pairs - s) / 2));
    return normal_upper_tail((s - 1) / sqrt(variance));
}

/* Sen's interval: the slopes whose ranks are z sd(S) apart around the middle.
 */
static struct interval slope_interval(const double *sorted, size_t pairs,
                                      double variance)
{
    double half = normal_quantile(.975) * sqrt(variance), n = (double)pairs;
    double low = rint((n - half) / 2) - 1, high = rint((n + half) / 2);

    if (low < 0 || high < low || high >= n)
        return (struct interval){-INFINITY, INFINITY};
    return (struct interval){sorted[(size_t)low], sorted[(size_t)high]};
}

static struct trend trend_of_few(const double *value, size_t n)
{
    struct trend t = {n, 0, 1, 1, NAN, interval_unknown()};
    size_t pairs = n * (n - 1) / 2, at = 0;
    double *slope, variance;
    bool ties = false;

    if (n < 2)
        return t;
    slope = mem_alloc(pairs, sizeof(*slope));
    for (size_t i = 0; i < n; i++)
        for (size_t k = i + 1; k < n; k++) {
            double rise = value[k] - value[i];
            t.s += (rise > 0) - (rise < 0);
            ties |= !(rise > 0) && !(rise < 0);
            slope[at++] = rise / (double)(k - i);
        }
    variance = variance_of_s(value, n);
    t.rises = tail_of_s(t.s, n, variance, ties);
    t.falls = tail_of_s(-t.s, n, variance, ties);
    t.slope = median_of(slope, pairs);
    t.ci = slope_interval(slope, pairs, variance);
    free(slope);
    return t;
}

struct trend trend_of(const double *value, size_t n)
{
    double mean[TREND_MOST], each;
    struct trend t;

    if (n <= TREND_MOST)
        return trend_of_few(value, n);
    each = shorten(value, n, mean);
    t = trend_of_few(mean, TREND_MOST);
    t.slope /= each;
    t.ci.low /= each;
    t.ci.high /= each;
    return t;
}
