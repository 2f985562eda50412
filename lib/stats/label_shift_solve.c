#include <float.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/label_shift_parts.h"

/* Singular values below this share of the largest count as 0. */
static const double SINGULAR = 1e-10, FIRST = .5;

/* U S V' of classes x present. */
struct factors {
    gsl_matrix *u, *v;
    gsl_vector *s;
    size_t *class; /* [present] of a column */
    size_t rows, columns;
};

/* scaled: of P(predicted | label), else of C. */
static void factors_init(struct factors *f, const struct shift_shares *x,
                         bool scaled)
{
    size_t k = x->classes;
    gsl_vector *work;

    *f = (struct factors){.rows = k, .class = mem_alloc(k, sizeof(size_t))};
    for (size_t j = 0; j < k; j++)
        if (x->prior[j] > 0)
            f->class[f->columns++] = j;
    if (!f->columns)
        return;
    f->u = gsl_matrix_alloc(k, f->columns);
    f->v = gsl_matrix_alloc(f->columns, f->columns);
    f->s = gsl_vector_alloc(f->columns);
    work = gsl_vector_alloc(f->columns);
    if (!f->u || !f->v || !f->s || !work)
        mem_exhausted();
    for (size_t i = 0; i < k; i++)
        for (size_t c = 0; c < f->columns; c++) {
            size_t j = f->class[c];
            double cell = x->joint[i * k + j];
            gsl_matrix_set(f->u, i, c, scaled ? cell / x->prior[j] : cell);
        }
    gsl_linalg_SV_decomp(f->u, f->v, f->s, work);
    gsl_vector_free(work);
}

static void factors_release(struct factors *f)
{
    gsl_matrix_free(f->u);
    gsl_matrix_free(f->v);
    gsl_vector_free(f->s);
    free(f->class);
}

/* The part of b[rows] along singular vector c. */
static double along(const struct factors *f, size_t c, const double *b)
{
    double sum = 0;

    for (size_t i = 0; i < f->rows; i++)
        sum += gsl_matrix_get(f->u, i, c) * b[i];
    return sum;
}

double shift_condition(const struct shift_shares *x)
{
    struct factors f;
    double most, least;

    factors_init(&f, x, true);
    if (f.columns < 2) {
        factors_release(&f);
        return 1;
    }
    most = gsl_vector_get(f.s, 0);
    least = gsl_vector_get(f.s, f.columns - 1);
    factors_release(&f);
    return least > SINGULAR * most ? most / least : INFINITY;
}

/* ---- BBSE: shares q with P(predicted | label) q = mu, and w = q / prior ----
 */

static void solve_plain(const struct shift_shares *x, double *weight)
{
    struct factors f;

    factors_init(&f, x, true);
    for (size_t c = 0; c < f.columns; c++)
        weight[f.class[c]] = 0;
    for (size_t c = 0; c < f.columns; c++) {
        double s = gsl_vector_get(f.s, c), part;
        if (s <= SINGULAR * gsl_vector_get(f.s, 0))
            break;
        part = along(&f, c, x->seen) / s;
        for (size_t j = 0; j < f.columns; j++)
            weight[f.class[j]] += part * gsl_matrix_get(f.v, j, c) /
                                  x->prior[f.class[j]];
    }
    factors_release(&f);
}

/* ---- RLLS: w = 1 + a, C a = mu - C 1 ---- */

/* The covariance of the rows' p over n, added to noise. */
static void add_noise(double *noise, const float *p, const size_t *row,
                      size_t n, size_t k)
{
    double *mean = mem_zalloc(k, sizeof(*mean));
    double per = 1 / ((double)n * (double)n);

    for (size_t r = 0; r < n; r++)
        for (size_t i = 0; i < k; i++)
            mean[i] += (double)p[(row ? row[r] : r) * k + i] / (double)n;
    for (size_t r = 0; r < n; r++) {
        const float *of = p + (row ? row[r] : r) * k;
        for (size_t i = 0; i < k; i++)
            for (size_t j = 0; j < k; j++)
                noise[i * k + j] += ((double)of[i] - mean[i]) *
                                    ((double)of[j] - mean[j]) * per;
    }
    free(mean);
}

void shift_noise(const struct shift_problem *x, double *noise)
{
    add_noise(noise, x->target->p, NULL, x->target->n, x->classes);
    add_noise(noise, x->source->p, x->labelled, x->n_labelled, x->classes);
    for (size_t i = 0; i < x->classes * x->classes; i++)
        noise[i] *= x->dispersion;
}

static double noise_along(const struct factors *f, size_t c,
                          const double *noise)
{
    double sum = DBL_MIN;

    for (size_t i = 0; i < f->rows; i++)
        for (size_t j = 0; j < f->rows; j++)
            sum += gsl_matrix_get(f->u, i, c) * noise[i * f->rows + j] *
                   gsl_matrix_get(f->u, j, c);
    return sum;
}

/* -2 ln likelihood of parts that are normal with variance s² t + noise, and of
 * one more, without noise, in which weights differ from 1 by FIRST. */
static double misfit(const double *part, const double *s, const double *noise,
                     size_t n, double t)
{
    double sum = log(t) + FIRST * FIRST / t;

    for (size_t c = 0; c < n; c++) {
        double variance = s[c] * s[c] * t + noise[c];
        sum += log(variance) + part[c] * part[c] / variance;
    }
    return sum;
}

/* The likeliest variance of w - 1, on a grid that is fine enough for it. */
static double likeliest_variance(const double *part, const double *s,
                                 const double *noise, size_t n)
{
    double best = 1, least = INFINITY, t, at;

    for (int i = -48; i <= 40; i++) {
        t = exp(i / 8.);
        at = misfit(part, s, noise, n, t);
        if (at < least) {
            least = at;
            best = t;
        }
    }
    return best;
}

static void solve_ridge(const struct shift_shares *x, double *weight)
{
    size_t k = x->classes;
    double *all = mem_zalloc(5 * k, sizeof(*all)), *gap = all + k;
    double *part = all + 2 * k, *s = all + 3 * k, *noise = all + 4 * k;
    struct factors f;
    double variance;

    factors_init(&f, x, false);
    for (size_t i = 0; i < k; i++) {
        for (size_t j = 0; j < k; j++)
            all[i] += x->joint[i * k + j];
        gap[i] = x->seen[i] - all[i];
    }
    for (size_t c = 0; c < f.columns; c++) {
        s[c] = gsl_vector_get(f.s, c);
        part[c] = along(&f, c, gap);
        noise[c] = noise_along(&f, c, x->noise);
    }
    variance = likeliest_variance(part, s, noise, f.columns);
    for (size_t c = 0; c < f.columns; c++) {
        double a = part[c] * s[c] * variance /
                   (s[c] * s[c] * variance + noise[c]);
        for (size_t j = 0; j < f.columns; j++)
            weight[f.class[j]] += a * gsl_matrix_get(f.v, j, c);
    }
    factors_release(&f);
    free(all);
}

void shift_solve(const struct shift_shares *x, enum label_shift_method method,
                 double *weight)
{
    for (size_t j = 0; j < x->classes; j++)
        weight[j] = 1;
    if (method == LABEL_SHIFT_RLLS)
        solve_ridge(x, weight);
    else
        solve_plain(x, weight);
}

void shift_settle(size_t classes, const double *prior, double *weight,
                  double *share)
{
    double sum = 0;

    for (size_t k = 0; k < classes; k++) {
        weight[k] = fmax(weight[k], 0);
        share[k] = weight[k] * prior[k];
        sum += share[k];
    }
    for (size_t k = 0; k < classes; k++) {
        share[k] = sum > 0 ? share[k] / sum : prior[k];
        weight[k] = prior[k] > 0 ? share[k] / prior[k] : 1;
    }
}
