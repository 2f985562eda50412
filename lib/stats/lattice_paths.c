#include "stats/lattice_paths.h"

#include <stdlib.h>

#include "base/mem.h"
#include "base/simd.h"

/*
 * at[i], low <= i <= high: the probability to be at i without having been far;
 * 0 beside these.  index[i] = i.
 */
struct front {
    double *at, *next, *index;
    size_t low, high;
};

/* What is less than this is nothing, before it makes all that follows slow. */
static const double NOTHING = 1e-290;

/* a / b rounded down, b > 0 */
static int64_t floor_div(int64_t a, int64_t b)
{
    return a / b - (a % b < 0);
}

/* next[i] from i - 1, if one of the first sample comes now, and from i. */
SIMD_CLONES static void step(const double *restrict at, double *restrict next,
                             const double *restrict index, size_t low,
                             size_t high, double n, double m_less_s,
                             double share)
{
    for (size_t i = low; i <= high; i++)
        next[i] = share * (at[i] * (m_less_s + index[i]) +
                           at[i - 1] * (n + 1 - index[i]));
}

static void advance(struct front *f, size_t n, size_t m, size_t s)
{
    double *was = f->at;

    f->at[f->high + 1] = 0;
    f->high += f->high < n;
    if (s >= m && f->low < s + 1 - m)
        f->low = s + 1 - m;
    step(f->at, f->next, f->index, f->low, f->high, (double)n,
         (double)m - (double)s, 1 / (double)(n + m - s));
    f->at = f->next;
    f->next = was;
    while (f->low < f->high && f->at[f->low] < NOTHING)
        f->low++;
    while (f->low < f->high && f->at[f->high] < NOTHING)
        f->high--;
    f->at[f->low - 1] = 0;
}

/* Leaves those of the front that are not far; returns what it cut off. */
static double cut(struct front *f, size_t n, size_t m, size_t s, int64_t far)
{
    int64_t all = (int64_t)(n + m), middle = (int64_t)(s * n);
    int64_t low = floor_div(middle - far, all) + 1;
    int64_t high = -floor_div(-middle - far, all) - 1;
    double gone = 0;

    for (; f->low <= f->high && (int64_t)f->low < low; f->low++)
        gone += f->at[f->low];
    for (; f->high + 1 > f->low && (int64_t)f->high > high; f->high--)
        gone += f->at[f->high];
    f->at[f->low - 1] = 0;
    return gone;
}

/* Room for one more on either side of [0, n]. */
static double *line(size_t n)
{
    return (double *)mem_zalloc(n + 3, sizeof(double)) + 1;
}

double paths_reach(size_t n, size_t m, int64_t far, const unsigned char *looked)
{
    struct front f;
    double reached = 0;

    if (n > m)
        return paths_reach(m, n, far, looked);
    if (far <= 0)
        return 1;
    f = (struct front){line(n), line(n), line(n), 0, 0};
    for (size_t i = 0; i <= n; i++)
        f.index[i] = (double)i;
    f.at[0] = 1;
    for (size_t s = 1; s < n + m && f.low <= f.high; s++) {
        advance(&f, n, m, s - 1);
        if (looked[s])
            reached += cut(&f, n, m, s, far);
    }
    free(f.at - 1);
    free(f.next - 1);
    free(f.index - 1);
    return reached < 1 ? reached : 1;
}
