#include "stats/proportions.h"

#include <math.h>

/* The multiplier's logarithm lies between these for any n that occurs. */
static const double least_log = -30, most_log = 60;
enum { HALVINGS = 100 };

double proportions_mean(const struct proportion *p, size_t k)
{
    double sum = 0;

    for (size_t i = 0; i < k; i++)
        sum += p[i].rate;
    return sum / (double)k;
}

/* The root in [0, 1] of multiplier q² - (multiplier + n) q + n rate = 0.  A q
 * that rounding puts above 1 has no variance, and would end the interval. */
static double constrained(const struct proportion *p, double multiplier)
{
    double sum = multiplier + p->n;
    double root = sqrt(fmax(sum * sum - 4 * multiplier * p->n * p->rate, 0));

    return fmin(1, sum > 0 ? 2 * p->n * p->rate / (sum + root)
                           : (sum - root) / (2 * multiplier));
}

/* The mean of the q for a multiplier, and whether it is in the interval. */
static double mean_for(const struct proportion *p, size_t k, double mean,
                       double multiplier, int *inside)
{
    double m = 0, variance = 0;

    for (size_t i = 0; i < k; i++) {
        double q = constrained(&p[i], multiplier);
        m += q;
        variance += q * (1 - q) / p[i].n;
    }
    m /= (double)k;
    *inside = fabs(mean - m) <=
              normal_quantile(.975) * sqrt(fmax(variance, 0)) / (double)k;
    return m;
}

/* sign 1: the low end, -1: the high one. */
static double end_of(const struct proportion *p, size_t k, double mean,
                     double sign)
{
    double low = least_log, high = most_log, m = mean;

    for (int i = 0; i < HALVINGS; i++) {
        double at = (low + high) / 2;
        int inside;
        m = mean_for(p, k, mean, sign * exp(at), &inside);
        *(inside ? &low : &high) = at;
    }
    return m;
}

struct interval proportions_interval(const struct proportion *p, size_t k)
{
    double mean = proportions_mean(p, k);

    if (k == 0)
        return (struct interval){0, 1};
    if (k == 1)
        return wilson(p->rate * p->n, p->n);
    return (struct interval){mean <= 0 ? 0 : end_of(p, k, mean, 1),
                             mean >= 1 ? 1 : end_of(p, k, mean, -1)};
}
