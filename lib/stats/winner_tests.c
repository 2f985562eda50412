#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"
#include "stats/winner_parts.h"

/* Draws; the best configurations, which alone are compared. */
enum { DRAWS = 2000, MOST = 300 };

/* n configurations: the covariance of their means, and draws from it. */
struct field {
    size_t n;
    const size_t *config;
    gsl_matrix *covariance;
    double *draw; /* [DRAWS][n] */
    double reach;
};

static double cell(const struct field *f, size_t i, size_t j)
{
    return gsl_matrix_get(f->covariance, i, j);
}

/* Of the means over their runs, on these rows. */
static double covariance(const struct ranking *r, size_t a, size_t b)
{
    double sum = 0, pairs = 0;

    for (size_t i = r->first[a]; i < r->first[a + 1]; i++)
        for (size_t j = r->first[b]; j < r->first[b + 1]; j++, pairs++)
            sum += winner_covariance(r, r->trial[i], r->trial[j]);
    return sum / pairs;
}

/* Of what the rows do: as the trials share them, or each on its own. */
static void set_rows(const struct contest *c, const struct ranking *r,
                     const struct standing *standing, struct field *f)
{
    double rows = (double)c->n_rows;

    for (size_t i = 0; rows > 0 && i < f->n; i++) {
        double *own = gsl_matrix_ptr(f->covariance, i, i);
        for (size_t j = 0; c->wrong && j <= i; j++) {
            double v = covariance(r, f->config[i], f->config[j]);
            gsl_matrix_set(f->covariance, i, j, v);
            gsl_matrix_set(f->covariance, j, i, v);
        }
        if (!c->wrong)
            *own = winner_unit(standing[f->config[i]].mean, c->n_rows);
        *own += .5 / rows / rows; /* half a row: zero is not known to be zero */
    }
}

/* Rows are shared; seeds are of each configuration, their variance uncertain,
 * which makes it Student's distribution. */
static void draw_all(const struct winner *w, const struct standing *standing,
                     uint64_t seed, struct field *f)
{
    const struct winner_noise *noise = &w->noise;
    gsl_matrix *root = gsl_matrix_alloc(f->n, f->n);
    struct rng rng;

    rng_init(&rng, seed, RNG_BOOTSTRAP);
    gsl_matrix_memcpy(root, f->covariance);
    if (winner_is_rate(w))
        gsl_linalg_cholesky_decomp1(root);
    for (size_t b = 0; b < DRAWS; b++) {
        double *out = f->draw + b * f->n, chi2 = 0, scale;
        gsl_vector_view v = gsl_vector_view_array(out, f->n);
        for (size_t i = 0; i < f->n; i++)
            out[i] = rng_normal(&rng);
        gsl_blas_dtrmv(CblasLower, CblasNoTrans, CblasNonUnit, root, &v.vector);
        for (double k = 0; k < noise->df; k++) {
            double z = rng_normal(&rng);
            chi2 += z * z;
        }
        scale = noise->df > 0 ? sqrt(noise->seeds * noise->df / chi2) : 0;
        for (size_t i = 0; i < f->n && scale > 0; i++)
            out[i] += scale * rng_normal(&rng) /
                      sqrt((double)standing[f->config[i]].runs);
    }
    gsl_matrix_free(root);
}

/* Those that `at` is compared with: who is clearly worse cannot be the best of
 * them, and would only make the largest of many differences larger. */
static double compare(const struct field *f, const struct standing *standing,
                      size_t at, double *spread)
{
    double most = -INFINITY;

    for (size_t j = 0; j < f->n; j++) {
        double d = standing[f->config[at]].mean - standing[f->config[j]].mean;
        double variance = cell(f, at, at) + cell(f, j, j) - 2 * cell(f, at, j);
        bool counts = j != at && d >= -f->reach * sqrt(variance);
        spread[j] = counts ? sqrt(variance) : 0;
        if (counts && d != 0) /* infinite where there is no noise */
            most = fmax(most, d / spread[j]);
    }
    return most;
}

static double p_value(const struct field *f, const struct standing *standing,
                      size_t at, double *spread)
{
    double found = compare(f, standing, at, spread);
    size_t beyond = 0;

    if (!(found > 0))
        return 1;
    for (size_t b = 0; b < DRAWS; b++) {
        const double *draw = f->draw + b * f->n;
        size_t j = 0;
        while (j < f->n &&
               !(spread[j] > 0 && draw[at] - draw[j] >= found * spread[j]))
            j++;
        beyond += j < f->n;
    }
    return (1 + (double)beyond) / (1 + (double)DRAWS);
}

static void add_seeds(const struct winner *w, const struct standing *standing,
                      struct field *f)
{
    for (size_t i = 0; i < f->n; i++)
        *gsl_matrix_ptr(f->covariance, i, i) +=
            w->noise.seeds / (double)standing[f->config[i]].runs;
}

void winner_tests(const struct contest *c, const struct winner *w,
                  const struct ranking *r, uint64_t seed,
                  struct standing *standing)
{
    struct field f = {.n = c->n_configs < MOST ? c->n_configs : MOST,
                      .config = r->order};
    double *spread;

    if (w->method == WINNER_NONE)
        return;
    f.reach = sqrt(2 * log(log(fmax((double)c->n_rows, 20))));
    f.covariance = gsl_matrix_calloc(f.n, f.n);
    f.draw = mem_alloc(f.n * DRAWS, sizeof(double));
    spread = mem_alloc(f.n, sizeof(double));
    set_rows(c, r, standing, &f);
    draw_all(w, standing, seed, &f);
    add_seeds(w, standing, &f);
    for (size_t i = 0; i < f.n; i++)
        standing[f.config[i]].p_value = p_value(&f, standing, i, spread);
    gsl_matrix_free(f.covariance);
    free(f.draw);
    free(spread);
}
