#include "stats/moments.h"

#include <math.h>

void moments_add(struct moments *m, double value)
{
    double step;

    if (isinf(value)) {
        m->n_infinite++;
        return;
    }
    m->n++;
    step = value - m->mean;
    m->mean += step / m->n;
    m->m2 += step * (value - m->mean);
}

double moments_count(const struct moments *m)
{
    return m->n + m->n_infinite;
}

double moments_mean(const struct moments *m)
{
    if (m->n_infinite > 0)
        return INFINITY;
    return m->n > 0 ? m->mean : NAN;
}

double moments_variance(const struct moments *m)
{
    if (moments_count(m) < 2)
        return NAN;
    return m->n_infinite > 0 ? INFINITY : m->m2 / (m->n - 1);
}

struct interval moments_interval(const struct moments *m)
{
    struct interval finite = interval_unknown();

    if (m->n >= 2)
        finite = interval_mean(m->mean, m->m2 / (m->n - 1), m->n);
    if (m->n_infinite > 0)
        return (struct interval){m->n < 2 ? -INFINITY : finite.low, INFINITY};
    return finite;
}
