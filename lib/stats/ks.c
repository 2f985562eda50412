#include "stats/ks.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

static const double MOST_EXACT = 4e6; /* n m */

/* The pooled sample, walked from group to group of equal values. */
struct walk {
    const double *a, *b;
    size_t n, m, i, j; /* i of a and j of b are behind */
};

static bool walk_group(struct walk *w, double *value)
{
    if (w->i == w->n && w->j == w->m)
        return false;
    *value = w->j == w->m || (w->i < w->n && w->a[w->i] < w->b[w->j])
                 ? w->a[w->i]
                 : w->b[w->j];
    while (w->i < w->n && w->a[w->i] <= *value)
        w->i++;
    while (w->j < w->m && w->b[w->j] <= *value)
        w->j++;
    return true;
}

static double gap(size_t i, size_t n, size_t j, size_t m)
{
    return fabs((double)i / (double)n - (double)j / (double)m);
}

/* d, and looked[s], s <= n + m: whether a group ends behind s values. */
static double largest_gap(struct walk w, unsigned char *looked)
{
    double d = 0, value;

    while (walk_group(&w, &value)) {
        d = fmax(d, gap(w.i, w.n, w.j, w.m));
        if (looked)
            looked[w.i + w.j] = 1;
    }
    return d;
}

/*
 * The probability that a random path from (0, 0) to (n, m) stays closer than d
 * wherever it is looked at: from (i, j) it goes to (i + 1, j) with probability
 * (n - i) / (n + m - i - j).  stay[j] is that of reaching (i, j).
 */
static double stays_closer(size_t n, size_t m, double d,
                           const unsigned char *looked)
{
    double *stay = mem_zalloc(m + 1, sizeof(*stay)), p;
    double limit = d - 1e-9;

    for (size_t i = 0; i <= n; i++)
        for (size_t j = 0; j <= m; j++) {
            double left = (double)(n + m - i - j + 1);
            double from = i ? stay[j] * (double)(n - i + 1) / left : i + j == 0;
            if (j)
                from += stay[j - 1] * (double)(m - j + 1) / left;
            stay[j] = looked[i + j] && gap(i, n, j, m) > limit ? 0 : from;
        }
    p = stay[m];
    free(stay);
    return p;
}

double kolmogorov_tail(double x)
{
    double sum = 0;

    if (x < .2)
        return 1; /* but for 1e-12 */
    for (int k = 1; k <= 100; k++) {
        double term = exp(-2 * k * k * x * x);
        sum += k % 2 ? term : -term;
        if (term < 1e-17 * fabs(sum))
            break;
    }
    return fmin(fmax(2 * sum, 0), 1);
}

static double effective(double n, double m)
{
    return sqrt(n / (n + m) * m);
}

struct ks ks_test(const double *a, size_t n, const double *b, size_t m)
{
    struct walk w = {a, b, n, m, 0, 0};
    struct ks ks = {.exact = (double)n * (double)m <= MOST_EXACT};
    unsigned char *looked;

    if (!ks.exact) {
        ks.d = largest_gap(w, NULL);
        ks.p = kolmogorov_tail(effective((double)n, (double)m) * ks.d);
        return ks;
    }
    looked = mem_zalloc(n + m + 1, 1);
    ks.d = largest_gap(w, looked);
    ks.p = ks.d > 0 ? fmax(1 - stays_closer(n, m, ks.d, looked), 0) : 1;
    free(looked);
    return ks;
}

double ks_critical(double n, double m)
{
    return fmin(1.3580986393225505 / effective(n, m), 1);
}

double wasserstein(const double *a, size_t n, const double *b, size_t m)
{
    struct walk w = {a, b, n, m, 0, 0};
    double sum = 0, value, last = fmin(a[0], b[0]), apart = 0;

    while (walk_group(&w, &value)) {
        sum += apart * (value - last);
        apart = gap(w.i, n, w.j, m);
        last = value;
    }
    return sum;
}
