#include "stats/domain_classifier.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "base/simd.h"
#include "stats/domain_gram.h"

enum { GROUPS = 2 * DOMAIN_FOLDS };

static const double LEVEL = .05;

/* Group of a row: its fold, and its set. */
static uint8_t group_of(uint8_t fold, bool current)
{
    return (uint8_t)(2 * fold + current);
}

/* Folds have as many rows of either set, give or take one. */
static void make_folds(const struct domain_rows *rows, uint64_t seed,
                       uint8_t *fold)
{
    size_t *row = mem_alloc(rows->n, sizeof(*row)), seen[2] = {0};
    struct rng rng;

    for (size_t i = 0; i < rows->n; i++)
        row[i] = i;
    rng_init(&rng, seed, RNG_FOLDS);
    rng_shuffle(&rng, row, rows->n);
    for (size_t i = 0; i < rows->n; i++)
        fold[row[i]] = (uint8_t)(seen[rows->current[row[i]]]++ % DOMAIN_FOLDS);
    free(row);
}

SIMD_CLONES static float dot(const float *a, const float *b, size_t n)
{
    float lane[16] = {0}, sum = 0;
    size_t i = 0;

    for (; i + 16 <= n; i += 16)
#pragma omp simd
        for (size_t k = 0; k < 16; k++)
            lane[k] += a[i + k] * b[i + k];
    for (; i < n; i++)
        sum += a[i] * b[i];
    for (size_t k = 0; k < 16; k++)
        sum += lane[k];
    return sum;
}

SIMD_CLONES static void add_times(float *sum, const float *x, float factor,
                                  size_t n)
{
#pragma omp simd
    for (size_t k = 0; k < n; k++)
        sum[k] += factor * x[k];
}

/* ---- one fold left out ---- */

struct fold_fit {
    const struct domain_rows *rows;
    const struct domain_gram *gram;
    const struct domain_fit *options;
    const uint8_t *fold;
    size_t out;                /* the fold */
    size_t *column, used;      /* [used] of the rows' columns */
    double weight[GROUPS];     /* of a row: a set's add up to 1/2 */
    double sets[2];            /* rows fitted to */
    double *mean, *covariance; /* [width], [width][width] c <= r */
    double ridge;
    gsl_matrix *factor; /* of the covariance with the ridge, of columns used */
    float *w;           /* [width] */
    double intercept;   /* at the mean */
};

static void take_covariance(struct fold_fit *f)
{
    size_t width = f->rows->width;
    double trace = 0;

    for (size_t g = 0; g < GROUPS; g++)
        if (g / 2 != f->out)
            f->sets[g % 2] += f->gram->n[g];
    for (size_t g = 0; g < GROUPS; g++)
        f->weight[g] = g / 2 == f->out ? 0 : .5 / f->sets[g % 2];
    domain_gram_moments(f->gram, f->weight, f->mean, f->covariance);
    for (size_t c = 0; c < width; c++)
        trace += f->covariance[c * width + c];
    f->ridge = f->options->ridge * trace / (double)width + 1e-9;
}

/* ---- which columns ---- */

/* d² / variance of each column, times the rows in effect. */
static void column_squares(const struct fold_fit *f, double *d, double *square)
{
    size_t width = f->rows->width;
    double rows = f->sets[0] * f->sets[1] / (f->sets[0] + f->sets[1]);

    memset(d, 0, width * sizeof(*d));
    for (size_t g = 0; g < GROUPS; g++)
        for (size_t c = 0; c < width && g / 2 != f->out; c++)
            d[c] += (g % 2 ? 1 : -1) * f->gram->sum[g * width + c] /
                    f->sets[g % 2] * sqrt(rows);
    for (size_t c = 0; c < width; c++)
        square[c] = d[c] * d[c] / (f->covariance[c * width + c] + 1e-9);
}

/* The statistics of the rows fitted to, d being solved for. */
static struct domain_statistics
fitted_statistics(const struct fold_fit *f, double *d, const double *square)
{
    struct domain_statistics s = {{0}};

    for (size_t r = 0; r < f->rows->width; r++) {
        const double *row = gsl_matrix_const_ptr(f->factor, r, 0);
        for (size_t c = 0; c < r; c++)
            d[r] -= row[c] * d[c];
        d[r] /= row[r];
        s.t[r < f->rows->first ? DOMAIN_FIRST : DOMAIN_OTHERS] += d[r] * d[r];
        s.t[DOMAIN_ONE] = fmax(s.t[DOMAIN_ONE], square[r]);
    }
    s.t[DOMAIN_ALL_OF_THEM] = s.t[DOMAIN_FIRST] + s.t[DOMAIN_OTHERS];
    return s;
}

static bool is_used(const struct fold_fit *f, size_t best, size_t column,
                    double square, double largest)
{
    if (best == DOMAIN_FIRST)
        return column < f->rows->first;
    return best != DOMAIN_ONE || square == largest ||
           domain_tail(&f->options->by_chance[DOMAIN_ONE], square) < LEVEL;
}

/* The factor of the columns used. */
static void make_factor(struct fold_fit *f)
{
    size_t width = f->rows->width;

    gsl_matrix_free(f->factor);
    f->factor = gsl_matrix_calloc(f->used, f->used);
    if (!f->factor)
        mem_exhausted();
    for (size_t r = 0; r < f->used; r++)
        for (size_t c = 0; c <= r; c++)
            gsl_matrix_set(f->factor, r, c,
                           f->covariance[f->column[r] * width + f->column[c]] +
                               (r == c ? f->ridge : 0));
    gsl_linalg_cholesky_decomp1(f->factor);
}

static void choose_columns(struct fold_fit *f)
{
    size_t width = f->rows->width, best;
    double *d = mem_alloc(width, sizeof(*d));
    double *square = mem_alloc(width, sizeof(*square));
    struct domain_statistics s;

    column_squares(f, d, square);
    s = fitted_statistics(f, d, square);
    best = domain_least_likely(f->options->by_chance, &s);
    f->used = 0;
    for (size_t c = 0; c < width; c++)
        if (is_used(f, best, c, square[c], s.t[DOMAIN_ONE]))
            f->column[f->used++] = c;
    free(d);
    free(square);
}

/* ---- steps ---- */

/* The gradient of the mean log likelihood: writes g[used], returns that of the
 * intercept. */
static double gradient(const struct fold_fit *f, float *sum, double *g)
{
    const struct domain_rows *r = f->rows;
    double of_intercept = 0;
    float offset = (float)f->intercept;

    memset(sum, 0, r->width * sizeof(*sum));
    for (size_t c = 0; c < r->width; c++)
        offset -= (float)f->mean[c] * f->w[c];
    for (size_t i = 0; i < r->n; i++) {
        const float *x = r->x + i * r->width;
        float odds, off;
        if (f->fold[i] == f->out)
            continue;
        odds = dot(x, f->w, r->width) + offset;
        off = (float)f->weight[group_of(f->fold[i], r->current[i])] *
              ((r->current[i] ? 1.F : 0.F) - 1 / (1 + expf(-odds)));
        of_intercept += (double)off;
        add_times(sum, x, off, r->width);
    }
    for (size_t k = 0; k < f->used; k++) {
        size_t c = f->column[k];
        g[k] = (double)sum[c] - of_intercept * f->mean[c] -
               f->ridge / 4 * (double)f->w[c];
    }
    return of_intercept;
}

static void climb(struct fold_fit *f)
{
    float *sum = mem_alloc(f->rows->width, sizeof(*sum));
    double *g = mem_alloc(f->used, sizeof(*g));
    gsl_vector_view solved = gsl_vector_view_array(g, f->used);

    for (size_t s = 0; s < f->options->steps; s++) {
        double of_intercept = gradient(f, sum, g), length = 0;
        gsl_linalg_cholesky_svx(f->factor, &solved.vector);
        f->intercept += 4 * of_intercept;
        for (size_t k = 0; k < f->used; k++) {
            f->w[f->column[k]] += (float)(4 * g[k]);
            length += g[k] * g[k];
        }
        if (length < 1e-9)
            break;
    }
    free(sum);
    free(g);
}

/* Writes the fold's weights (zeros where columns are not used), and the
 * intercept at 0. */
static void fit_fold(struct fold_fit *f, double *intercept)
{
    size_t width = f->rows->width;

    f->mean = mem_alloc(width, sizeof(*f->mean));
    f->covariance = mem_alloc(width * width, sizeof(*f->covariance));
    f->column = mem_alloc(width, sizeof(*f->column));
    for (f->used = 0; f->used < width; f->used++)
        f->column[f->used] = f->used;
    take_covariance(f);
    make_factor(f);
    if (f->options->by_chance) {
        choose_columns(f);
        make_factor(f);
    }
    climb(f);
    *intercept = f->intercept;
    for (size_t c = 0; c < width; c++)
        *intercept -= f->mean[c] * (double)f->w[c];
    gsl_matrix_free(f->factor);
    free(f->mean);
    free(f->covariance);
    free(f->column);
}

/* ---- all ---- */

static void fit_folds(const struct domain_rows *rows,
                      const struct domain_gram *gram,
                      const struct domain_fit *fit, struct domain_classifier *c)
{
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t k = 0; k < DOMAIN_FOLDS; k++) {
        struct fold_fit f = {.rows = rows,
                             .gram = gram,
                             .options = fit,
                             .fold = c->fold,
                             .out = k,
                             .w = c->weight + k * rows->width};
        fit_fold(&f, &c->intercept[k]);
    }
}

void domain_classify(const struct domain_rows *rows,
                     const struct domain_fit *fit, struct domain_classifier *c)
{
    uint8_t *group = mem_alloc(rows->n, sizeof(*group));
    struct domain_gram gram;

    *c = (struct domain_classifier){.n = rows->n, .width = rows->width};
    c->fold = mem_alloc(rows->n, sizeof(*c->fold));
    c->score = mem_alloc(rows->n, sizeof(*c->score));
    c->weight = mem_zalloc(DOMAIN_FOLDS * rows->width, sizeof(*c->weight));
    make_folds(rows, fit->seed, c->fold);
    for (size_t i = 0; i < rows->n; i++)
        group[i] = group_of(c->fold[i], rows->current[i]);
    domain_gram_init(&gram, rows->x, rows->n, rows->width, group, GROUPS);
    fit_folds(rows, &gram, fit, c);
#pragma omp parallel for schedule(static)
    for (size_t i = 0; i < rows->n; i++)
        c->score[i] = domain_score(c, c->fold[i], rows->x + i * rows->width);
    domain_gram_release(&gram);
    free(group);
}

void domain_classifier_release(struct domain_classifier *c)
{
    free(c->fold);
    free(c->score);
    free(c->weight);
}

float domain_score(const struct domain_classifier *c, size_t fold,
                   const float *x)
{
    double sum = 0;

    if (fold < DOMAIN_FOLDS)
        return dot(x, c->weight + fold * c->width, c->width) +
               (float)c->intercept[fold];
    for (size_t k = 0; k < DOMAIN_FOLDS; k++)
        sum += (double)domain_score(c, k, x) / DOMAIN_FOLDS;
    return (float)sum;
}
