#include "stats/auroc.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

struct scored {
    float score;
    unsigned char positive;
};

static int by_score(const void *a, const void *b)
{
    float x = ((const struct scored *)a)->score;
    float y = ((const struct scored *)b)->score;

    return (x > y) - (x < y);
}

/* Rows of one score: how many on either side, here and at lower scores. */
struct tie {
    double positive, negative;
    double positive_below, negative_below;
};

/* Reads the tie that starts at row i; returns the row after it. */
static size_t tie_next(const struct scored *row, size_t n, size_t i,
                       struct tie *t)
{
    float score = row[i].score;

    t->positive_below += t->positive;
    t->negative_below += t->negative;
    t->positive = t->negative = 0;
    for (; i < n && row[i].score == score; i++)
        *(row[i].positive ? &t->positive : &t->negative) += 1;
    return i;
}

/* U / (m n), in counts, which are exact. */
static double area_of(const struct scored *row, size_t n, double m_n)
{
    struct tie t = {0, 0, 0, 0};
    double twice = 0;

    for (size_t i = 0; i < n;) {
        i = tie_next(row, n, i, &t);
        twice += t.positive * (2 * t.negative_below + t.negative);
    }
    return twice / 2 / m_n;
}

/* DeLong's S10 / m + S01 / n. */
static double variance_of(const struct scored *row, size_t rows, double area,
                          double m, double n)
{
    struct tie t = {0, 0, 0, 0};
    double s10 = 0, s01 = 0;

    for (size_t i = 0; i < rows;) {
        double v10, v01;

        i = tie_next(row, rows, i, &t);
        v10 = (t.negative_below + t.negative / 2) / n;
        v01 = (m - t.positive_below - t.positive / 2) / m;
        s10 += t.positive * (v10 - area) * (v10 - area);
        s01 += t.negative * (v01 - area) * (v01 - area);
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

static void estimate(const struct scored *row, size_t rows, struct auroc *out)
{
    double m = out->n_positive, n = out->n_negative;
    double area = area_of(row, rows, m * n);

    out->area = area;
    out->variance = m > 1 && n > 1 ? variance_of(row, rows, area, m, n) : NAN;
    if (out->variance > 0 && area > 0 && area < 1) {
        out->ci = logit_interval(area, out->variance);
    } else {
        out->ci.low = newcombe_end(area, 0, m, n);
        out->ci.high = newcombe_end(area, 1, m, n);
    }
}

int auroc_delong(const float *score, const unsigned char *positive, size_t n,
                 struct auroc *out)
{
    struct scored *row = mem_alloc(n, sizeof *row);
    size_t n_positive = 0, n_nan = 0;

    for (size_t i = 0; i < n; i++) {
        row[i] = (struct scored){score[i], positive[i] != 0};
        n_positive += row[i].positive;
        n_nan += isnan(score[i]) != 0;
    }
    if (n_positive == 0 || n_positive == n || n_nan > 0) {
        free(row);
        return -1;
    }
    qsort(row, n, sizeof *row, by_score);
    out->n_positive = (double)n_positive;
    out->n_negative = (double)(n - n_positive);
    estimate(row, n, out);
    free(row);
    return 0;
}
