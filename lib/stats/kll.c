#include "stats/kll.h"

#include <math.h>

#include "stats/quantiles.h"

static const double SHRINK = 2. / 3, FAILURE = 1e-6;

size_t kll_size(double accuracy)
{
    return (size_t)ceil(2.245 * sqrt(log(1e7 / accuracy)) / accuracy);
}

size_t kll_capacity(size_t size, size_t top, size_t h)
{
    double capacity = (double)size * pow(SHRINK, (double)(top - h));
    double lump = ldexp(fmin(KLL_LUMP, (double)size), -(int)h);

    return 2 * (size_t)ceil(fmax(fmax(capacity, lump), 2) / 2);
}

/* The most compactions of level h < top that n numbers can have been through:
 * while level t was the top, size 2^t numbers or fewer came by. */
static double compactions(size_t size, size_t top, size_t h, double n)
{
    double most = 0, before = 0;

    for (size_t t = h; t <= top; t++) {
        double until = t < top ? fmin(ldexp((double)size, (int)t), n) : n;
        most += (until - before) /
                ldexp((double)kll_capacity(size, t, h), (int)h);
        before = until;
    }
    return floor(most + 1e-9);
}

/* ln cosh x, for x >= 0 */
static double log_cosh(double x)
{
    return x + log1p(exp(-2 * x)) - M_LN2;
}

/* Chernoff's bound of the error of one rank, where ln of the probability that
 * it is larger is to be -rare; the best l lies above Hoeffding's. */
static double one_rank(const double *steps, size_t top, double variance,
                       double rare)
{
    double best = 0, l = sqrt(2 * rare / variance);

    for (size_t h = 0; h < top; h++)
        best += ldexp(steps[h], (int)h);
    for (int i = 0; i < 25; i++, l *= 1.1) {
        double sum = rare;
        for (size_t h = 0; h < top; h++)
            sum += steps[h] * log_cosh(ldexp(l, (int)h));
        best = fmin(best, sum / l);
    }
    return best;
}

double kll_rank_error(size_t size, size_t top, double n)
{
    double steps[QUANTILES_LEVELS], variance = 0, grid;

    for (size_t h = 0; h < top; h++) {
        steps[h] = compactions(size, top, h, n);
        variance += ldexp(steps[h], 2 * (int)h);
    }
    if (variance == 0)
        return 0;
    grid = sqrt(variance) / n / 8;
    return one_rank(steps, top, variance, log(2 / (grid * FAILURE))) / n + grid;
}
