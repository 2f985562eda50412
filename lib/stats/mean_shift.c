/* mean_shift_test of stats/mean_features.h. */
#include <gsl/gsl_eigen.h>
#include <math.h>
#include <stddef.h>

#include "base/mem.h"
#include "stats/gamma_moments.h"
#include "stats/mean_features.h"

static const double LEAST_ROWS = 20, ALPHA = .05, TAIL = .025, POWER = .8,
                    LEAST_WIDENING = .1;

/* The trace of the covariance of features of rows that are all the same, but
 * for rounding. */
static const double SAME = 1e-9;

/*
 * A sum of squares of normals: each of variance weight, so that the sum has
 * this mean and variance; `along`: the mean weight by size, the variance that a
 * difference adds is four times its square times that.
 */
struct squares {
    size_t n;
    double *weight; /* [n] falling */
    double mean, variance, along;
};

/* ---- covariances ---- */

static double covariance(const struct feature_sums *s, size_t i, size_t j)
{
    double product = s->product[i * (i + 1) / 2 + j];

    return (product - s->sum[i] * (s->sum[j] / s->n)) / (s->n - 1);
}

static double trace(const struct feature_sums *s)
{
    double sum = 0;

    for (size_t i = 0; i < MEAN_FEATURES; i++)
        sum += fmax(covariance(s, i, i), 0);
    return sum;
}

/* The eigenvalues of the pooled covariance, not below 0. */
static void eigenvalues(const struct feature_sums *a,
                        const struct feature_sums *b, double *out)
{
    gsl_matrix *pooled = gsl_matrix_alloc(MEAN_FEATURES, MEAN_FEATURES);
    gsl_eigen_symm_workspace *work = gsl_eigen_symm_alloc(MEAN_FEATURES);
    gsl_vector_view values = gsl_vector_view_array(out, MEAN_FEATURES);

    if (!pooled || !work)
        mem_exhausted();
    for (size_t i = 0; i < MEAN_FEATURES; i++)
        for (size_t j = 0; j <= i; j++)
            gsl_matrix_set(pooled, i, j,
                           ((a->n - 1) * covariance(a, i, j) +
                            (b->n - 1) * covariance(b, i, j)) /
                               (a->n + b->n - 2));
    gsl_eigen_symm(pooled, &values.vector, work);
    gsl_eigen_symm_free(work);
    gsl_matrix_free(pooled);
    for (size_t i = 0; i < MEAN_FEATURES; i++)
        out[i] = fmax(out[i], 0);
}

/*
 * The distribution of the squared distance of two means of one distribution.
 * Eigenvalues of few rows are too far apart: they are drawn together until
 * their sum of squares is unbiased (Srivastava 2005, J. Japan Stat. Soc.
 * 35:251).
 */
static struct squares null_of(const struct feature_sums *a,
                              const struct feature_sums *b, double *weight)
{
    struct squares s = {.n = MEAN_FEATURES, .weight = weight};
    double h = 1 / a->n + 1 / b->n, rows = a->n + b->n - 2,
           width = MEAN_FEATURES;
    double sum = 0, squares = 0, unbiased, together;

    eigenvalues(a, b, weight);
    for (size_t i = 0; i < s.n; i++) {
        sum += weight[i];
        squares += weight[i] * weight[i];
    }
    unbiased = rows * rows / ((rows + 2) * (rows - 1)) *
               (squares - sum * sum / rows);
    together = squares - sum * sum / width;
    together = together > 0
                   ? sqrt(fmax(unbiased - sum * sum / width, 0) / together)
                   : 1;
    for (size_t i = 0; i < s.n; i++) {
        weight[i] = h * (sum / width + together * (weight[i] - sum / width));
        weight[i] = fmax(weight[i], 0);
        s.mean += weight[i];
        s.variance += 2 * weight[i] * weight[i];
    }
    s.along = s.mean > 0 ? s.variance / (2 * s.mean) : 0;
    return s;
}

/* ---- the distribution ---- */

/* The derivatives of the cumulant generating function at t. */
struct cumulants {
    double k, first, second;
};

static struct cumulants cumulants_at(const struct squares *s, double t)
{
    struct cumulants c = {0};

    for (size_t i = 0; i < s->n; i++) {
        double u = 1 - 2 * t * s->weight[i], v = s->weight[i] / u;
        c.k -= log(u) / 2;
        c.first += v;
        c.second += 2 * v * v;
    }
    return c;
}

/* Where the first derivative, which rises, is x. */
static double saddlepoint(const struct squares *s, double x)
{
    double most = 0, low, high;

    for (size_t i = 0; i < s->n; i++)
        most = fmax(most, s->weight[i]);
    high = 1 / (2 * most);
    low = -high;
    while (cumulants_at(s, low).first > x)
        low *= 2;
    for (int i = 0; i < 60; i++) {
        double middle = (low + high) / 2;
        if (cumulants_at(s, middle).first < x)
            low = middle;
        else
            high = middle;
    }
    return low;
}

/* P(sum of squares > x): Kuonen 1999, Biometrika 86:929; near the mean, where
 * that is 0 / 0, of a gamma distribution. */
static double upper_tail(const struct squares *s, double x)
{
    double t, w, v;
    struct cumulants c;

    if (!(x > 0))
        return 1;
    t = saddlepoint(s, x);
    c = cumulants_at(s, t);
    w = copysign(sqrt(fmax(2 * (t * x - c.k), 0)), t);
    v = t * sqrt(c.second);
    if (fabs(w) < 1e-3)
        return gamma_above((struct gamma_moments){s->mean, s->variance}, x);
    return normal_upper_tail(w + log(v / w) / w);
}

/*
 * How much larger the variance of a squared distance of means is than that of
 * normal ones.  With z a row's features less their mean m, of covariance C, it
 * is
 *
 *     2 (n - 1) / n³ tr C² + var |z|² / n³
 *
 * for n rows, and |z|² = DIRECTIONS - 2 m'f + |m|², since the squares of a cos
 * and its sin add up to 1: its variance is 4 m'C m.
 */
static double widening(const struct feature_sums *a,
                       const struct feature_sums *b, const struct squares *s)
{
    double h = 1 / a->n + 1 / b->n, cubes, along = 0, all = a->n + b->n;

    cubes = 1 / (a->n * a->n * a->n) + 1 / (b->n * b->n * b->n);
    for (size_t i = 0; i < MEAN_FEATURES; i++)
        for (size_t j = 0; j <= i; j++)
            along += (i == j ? 1 : 2) * (a->sum[i] + b->sum[i]) / all *
                     ((a->sum[j] + b->sum[j]) / all) *
                     (a->n * covariance(a, i, j) + b->n * covariance(b, i, j)) /
                     all;
    return 1 + cubes * (4 * along - s->variance / (h * h)) / s->variance;
}

/* ---- the effect ---- */

/* The variance of the means along their difference. */
static double variance_along(const struct feature_sums *a,
                             const struct feature_sums *b, const double *apart,
                             double square)
{
    double sum = 0;

    for (size_t i = 0; i < MEAN_FEATURES; i++)
        for (size_t j = 0; j <= i; j++)
            sum += (i == j ? 1 : 2) * apart[i] * apart[j] *
                   (covariance(a, i, j) / a->n + covariance(b, i, j) / b->n);
    return square > 0 ? fmax(sum / square, 0) : 0;
}

/* Beyond the p-value. */
static void measure_effect(struct mean_shift *shift, const struct squares *null,
                           double along, double square)
{
    struct gamma_moments g = {null->mean, null->variance};
    double least = gamma_quantile(g, ALPHA);

    shift->ci.low = sqrt(gamma_noncentral(g, along, square, 1 - TAIL));
    shift->ci.high = sqrt(gamma_noncentral(g, along, square, TAIL));
    shift->detectable =
        sqrt(gamma_noncentral(g, null->along, least, 1 - POWER));
}

struct mean_shift mean_shift_test(const struct feature_sums *reference,
                                  const struct feature_sums *current)
{
    struct mean_shift shift = {NAN, NAN, NAN, NAN, interval_unknown()};
    double weight[MEAN_FEATURES], apart[MEAN_FEATURES], square = 0, own, wide;
    struct squares null;

    if (reference->n < LEAST_ROWS || current->n < LEAST_ROWS)
        return shift;
    for (size_t i = 0; i < MEAN_FEATURES; i++) {
        apart[i] = current->sum[i] / current->n -
                   reference->sum[i] / reference->n;
        square += apart[i] * apart[i];
    }
    own = trace(current) / current->n + trace(reference) / reference->n;
    shift.mmd2 = square - own;
    shift.effect = sqrt(fmax(shift.mmd2, 0));
    null = null_of(reference, current, weight);
    if (null.mean < SAME * (1 / reference->n + 1 / current->n)) {
        shift.p = square > SAME ? 0 : 1;
        shift.ci = (struct interval){shift.effect, shift.effect};
        shift.detectable = 0;
        return shift;
    }
    wide = fmax(widening(reference, current, &null), LEAST_WIDENING);
    shift.p = upper_tail(&null, null.mean + (square - null.mean) / sqrt(wide));
    measure_effect(&shift, &null,
                   variance_along(reference, current, apart, square), square);
    return shift;
}
