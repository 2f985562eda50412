#include "stats/auroc.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/float_sort.h"
#include "base/mem.h"

/* The scores of either side, rising. */
struct sides {
    const float *positive, *negative;
    size_t m, n;
};

/* Rows of one score: how many on either side, here and at lower scores. */
struct tie {
    size_t positive, negative;
    size_t positive_below, negative_below;
};

/* How many of the first scores are equal to this one. */
static size_t count_equal(const float *score, size_t n, float value)
{
    size_t i = 0;

    while (i < n && score[i] == value)
        i++;
    return i;
}

/* The tie after *t (all zero: the first); false behind the last. */
static bool tie_next(const struct sides *s, struct tie *t)
{
    size_t i = t->positive_below + t->positive,
           j = t->negative_below + t->negative;
    float score;

    if (i == s->m && j == s->n)
        return false;
    score = j == s->n || (i < s->m && s->positive[i] < s->negative[j])
                ? s->positive[i]
                : s->negative[j];
    *t = (struct tie){count_equal(s->positive + i, s->m - i, score),
                      count_equal(s->negative + j, s->n - j, score), i, j};
    return true;
}

/* U / (m n), in counts, which are exact. */
static double area_of(const struct sides *s)
{
    struct tie t = {0};
    double twice = 0;

    while (tie_next(s, &t))
        twice += (double)t.positive *
                 (double)(2 * t.negative_below + t.negative);
    return twice / 2 / ((double)s->m * (double)s->n);
}

/* DeLong's S10 / m + S01 / n. */
static double variance_of(const struct sides *s, double area)
{
    double m = (double)s->m, n = (double)s->n, s10 = 0, s01 = 0;
    struct tie t = {0};

    while (tie_next(s, &t)) {
        double v10 = ((double)t.negative_below + (double)t.negative / 2) / n,
               v01 = (m - (double)t.positive_below - (double)t.positive / 2) /
                     m;
        s10 += (double)t.positive * (v10 - area) * (v10 - area);
        s01 += (double)t.negative * (v01 - area) * (v01 - area);
    }
    return s10 / (m - 1) / m + s01 / (n - 1) / n;
}

static struct interval logit_interval(double area, double variance)
{
    double z = normal_quantile(.975), logit = log(area / (1 - area));
    double half = z * sqrt(variance) / (area * (1 - area));

    return (struct interval){1 / (1 + exp(half - logit)),
                             1 / (1 + exp(-half - logit))};
}

/* Hanley & McNeil's variance at area t, both sides having half the rows. */
static double hanley_variance(double t, double m, double n)
{
    double others = (m + n) / 2 - 1;

    return t * (1 - t) * (1 + others * ((1 - t) / (2 - t) + t / (1 + t))) /
           (m * n);
}

/* The area furthest from `area` towards `end` that is still within noise. */
static double newcombe_end(double area, double end, double m, double n)
{
    double z = normal_quantile(.975), in = area, out = end;

    for (int i = 0; i < 60; i++) {
        double t = (in + out) / 2;

        if (fabs(t - area) <= z * sqrt(hanley_variance(t, m, n)))
            in = t;
        else
            out = t;
    }
    return in;
}

static void estimate(const struct sides *s, struct auroc *out)
{
    double m = (double)s->m, n = (double)s->n, area = area_of(s);

    out->n_positive = m;
    out->n_negative = n;
    out->area = area;
    out->variance = m > 1 && n > 1 ? variance_of(s, area) : NAN;
    if (out->variance > 0 && area > 0 && area < 1) {
        out->ci = logit_interval(area, out->variance);
    } else {
        out->ci.low = newcombe_end(area, 0, m, n);
        out->ci.high = newcombe_end(area, 1, m, n);
    }
}

static bool has_nan(const float *score, size_t n)
{
    bool nan = false;

    for (size_t i = 0; i < n; i++)
        nan |= isnan(score[i]) != 0;
    return nan;
}

int auroc_delong(float *positive, size_t m, float *negative, size_t n,
                 struct auroc *out)
{
    struct sides sides = {positive, negative, m, n};
    uint32_t *scratch;

    if (m == 0 || n == 0 || has_nan(positive, m) || has_nan(negative, n))
        return -1;
    scratch = mem_alloc(m > n ? m : n, sizeof(*scratch));
    float_sort(positive, scratch, m);
    float_sort(negative, scratch, n);
    free(scratch);
    estimate(&sides, out);
    return 0;
}
