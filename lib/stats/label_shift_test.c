#include <float.h>
#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/label_shift_parts.h"

/*
 * Two cells a predicted class: the surer rows and the others, parted at the
 * source's median.  Cells of fewer rows than FEW on a side are put together.
 */
enum { MOST_CLASSES = 300, FEW = 5, ROUNDS = 4 };

static const double RIDGE = 1e-6, FREE = 1e-4, ALIKE = 1e-9;

struct cells {
    size_t n, classes;
    float *median;  /* [classes] of p of source rows predicted as it */
    double *source; /* [n][classes]: rows of each label */
    double *target; /* [n] */
    double *rows;   /* [classes] of each label */
    double n_target;
};

/* ---- counting ---- */

/* A row's predicted class and its p. */
struct sure {
    size_t class;
    float p;
};

static struct sure sure_of(const float *p, size_t classes)
{
    size_t k = shift_predicted(p, classes);

    return (struct sure){k, p[k]};
}

static int compare(const void *a, const void *b)
{
    const struct sure *x = a, *y = b;

    if (x->class != y->class)
        return x->class < y->class ? -1 : 1;
    return (x->p > y->p) - (x->p < y->p);
}

static void find_medians(const struct shift_problem *x, struct cells *c)
{
    struct sure *row = mem_alloc(x->n_labelled + 1, sizeof(*row));

    for (size_t i = 0; i < x->n_labelled; i++)
        row[i] =
            sure_of(x->source->p + x->labelled[i] * c->classes, c->classes);
    qsort(row, x->n_labelled, sizeof(*row), compare);
    for (size_t begin = 0, end; begin < x->n_labelled; begin = end) {
        for (end = begin; end < x->n_labelled; end++)
            if (row[end].class != row[begin].class)
                break;
        c->median[row[begin].class] = row[(begin + end) / 2].p;
    }
    free(row);
}

static size_t cell_of(const struct cells *c, const float *p)
{
    struct sure row = sure_of(p, c->classes);

    return 2 * row.class + (row.p >= c->median[row.class]);
}

static void count(const struct shift_problem *x, struct cells *c)
{
    size_t k = x->classes;

    *c = (struct cells){.n = 2 * k, .classes = k};
    c->source = mem_zalloc(c->n * (k + 1) + k, sizeof(*c->source));
    c->target = c->source + c->n * k;
    c->rows = c->target + c->n;
    c->median = mem_zalloc(k, sizeof(*c->median));
    find_medians(x, c);
    for (size_t i = 0; i < x->n_labelled; i++) {
        size_t row = x->labelled[i], label = x->source->label[row];
        c->rows[label]++;
        c->source[cell_of(c, x->source->p + row * k) * k + label]++;
    }
    for (size_t i = 0; i < x->target->n; i++)
        c->target[cell_of(c, x->target->p + i * k)]++;
    c->n_target = (double)x->target->n;
}

/* Rows of the side that has fewer. */
static double size_of(const struct cells *c, size_t cell)
{
    double sum = 0;

    for (size_t k = 0; k < c->classes; k++)
        sum += c->source[cell * c->classes + k];
    return fmin(sum, c->target[cell]);
}

/* Adds cell b > a to a, and the last one takes b's place. */
static void merge(struct cells *c, size_t a, size_t b)
{
    size_t k = c->classes, last = --c->n;

    for (size_t j = 0; j < k; j++) {
        c->source[a * k + j] += c->source[b * k + j];
        c->source[b * k + j] = c->source[last * k + j];
    }
    c->target[a] += c->target[b];
    c->target[b] = c->target[last];
}

/* The smallest cell but `not`. */
static size_t smallest(const struct cells *c, size_t not )
{
    size_t best = not == 0;

    for (size_t i = 0; i < c->n; i++)
        if (i != not &&size_of(c, i) < size_of(c, best))
            best = i;
    return best;
}

static void merge_small(struct cells *c)
{
    while (c->n > 1) {
        size_t one = smallest(c, SIZE_MAX), other = smallest(c, one);
        if (size_of(c, one) >= FEW)
            return;
        merge(c, one < other ? one : other, one < other ? other : one);
    }
}

/* ---- the mix that explains the target's cells best ---- */

/* design[n][classes] and seen[n]: P(cell | label) and the target's shares of
 * cells, divided by the root of what sampling adds to them. */
struct mix {
    const struct cells *cells;
    double *design, *seen, *share;
    bool *in; /* [classes]: which may have a share */
    gsl_matrix *noise, *normal;
    gsl_vector *solution;
};

static double chance(const struct cells *c, size_t cell, size_t k)
{
    return c->rows[k] > 0 ? c->source[cell * c->classes + k] / c->rows[k] : 0;
}

/* The same, not 0 where so many rows cannot say that it is. */
static double likely(const struct cells *c, size_t cell, size_t k)
{
    return (c->source[cell * c->classes + k] + .5) /
           (c->rows[k] + .5 * (double)c->n);
}

/* The covariance of seen less what the mix makes of the source. */
static double covariance(const struct mix *m, size_t a, size_t b)
{
    const struct cells *c = m->cells;
    double mean_a = 0, mean_b = 0, sum = 0;

    for (size_t k = 0; k < c->classes; k++) {
        double x = likely(c, a, k), y = likely(c, b, k), share = m->share[k];
        if (!(share > 0))
            continue;
        mean_a += share * x;
        mean_b += share * y;
        sum += share * share * ((a == b ? x : 0) - x * y) / c->rows[k];
    }
    return sum + ((a == b ? mean_a : 0) - mean_a * mean_b) / c->n_target;
}

/* The covariance's root.  Shares sum to 1, so that it is singular: FREE lets
 * their sum move by a small part of the noise.  false: it has none. */
static bool find_noise(struct mix *m)
{
    size_t n = m->cells->n;
    double trace = 0;

    for (size_t a = 0; a < n; a++)
        for (size_t b = 0; b <= a; b++)
            gsl_matrix_set(m->noise, a, b, covariance(m, a, b));
    for (size_t a = 0; a < n; a++)
        trace += gsl_matrix_get(m->noise, a, a) / (double)n;
    for (size_t a = 0; a < n; a++) {
        for (size_t b = 0; b <= a; b++)
            *gsl_matrix_ptr(m->noise, a, b) += FREE * trace;
        *gsl_matrix_ptr(m->noise, a, a) += RIDGE * trace + DBL_MIN;
    }
    return gsl_linalg_cholesky_decomp1(m->noise) == GSL_SUCCESS;
}

/* Solves root x = column, x in steps of `stride`. */
static void divide(const gsl_matrix *root, double *x, size_t n, size_t stride)
{
    for (size_t a = 0; a < n; a++) {
        double left = x[a * stride];
        for (size_t b = 0; b < a; b++)
            left -= gsl_matrix_get(root, a, b) * x[b * stride];
        x[a * stride] = left / gsl_matrix_get(root, a, a);
    }
}

static void find_design(struct mix *m)
{
    const struct cells *c = m->cells;

    for (size_t a = 0; a < c->n; a++) {
        m->seen[a] = c->target[a] / c->n_target;
        for (size_t k = 0; k < c->classes; k++)
            m->design[a * c->classes + k] = chance(c, a, k);
    }
    divide(m->noise, m->seen, c->n, 1);
    for (size_t k = 0; k < c->classes; k++)
        divide(m->noise, m->design + k, c->n, c->classes);
}

/* Least squares over the classes that are in. */
static bool solve_mix(struct mix *m)
{
    size_t k = m->cells->classes;

    gsl_matrix_set_identity(m->normal);
    gsl_vector_set_zero(m->solution);
    for (size_t a = 0; a < m->cells->n; a++) {
        const double *row = m->design + a * k;
        for (size_t i = 0; i < k; i++) {
            if (!m->in[i])
                continue;
            *gsl_vector_ptr(m->solution, i) += row[i] * m->seen[a];
            for (size_t j = 0; j <= i; j++)
                if (m->in[j])
                    *gsl_matrix_ptr(m->normal, i, j) += row[i] * row[j];
        }
    }
    for (size_t i = 0; i < k; i++)
        *gsl_matrix_ptr(m->normal, i, i) *= 1 + ALIKE;
    if (gsl_linalg_cholesky_decomp1(m->normal) != GSL_SUCCESS)
        return false;
    gsl_linalg_cholesky_svx(m->normal, m->solution);
    return true;
}

/* Leaves out the class with the most negative share: whether there was one. */
static bool leave_out(struct mix *m)
{
    size_t worst = 0;
    double least = 0;

    for (size_t k = 0; k < m->cells->classes; k++)
        if (m->in[k] && gsl_vector_get(m->solution, k) < least) {
            least = gsl_vector_get(m->solution, k);
            worst = k;
        }
    if (least < 0)
        m->in[worst] = false;
    return least < 0;
}

/* The shares, with the noise that those before would make. */
static bool fit_mix(struct mix *m)
{
    double sum = 0;

    for (size_t k = 0; k < m->cells->classes; k++)
        m->in[k] = m->cells->rows[k] > 0;
    if (!find_noise(m))
        return false;
    find_design(m);
    do
        if (!solve_mix(m))
            return false;
    while (leave_out(m));
    for (size_t k = 0; k < m->cells->classes; k++) {
        m->share[k] = m->in[k] ? gsl_vector_get(m->solution, k) : 0;
        sum += m->share[k];
    }
    for (size_t k = 0; k < m->cells->classes && sum > 0; k++)
        m->share[k] /= sum;
    return sum > 0;
}

/* A few rounds; classes that cells cannot tell apart are no error of GSL's. */
static bool settle_mix(struct mix *m)
{
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    bool fitted = true;

    for (int round = 0; round < ROUNDS && fitted; round++)
        fitted = fit_mix(m);
    gsl_set_error_handler(before);
    return fitted;
}

/* chi² of what the mix leaves, and how many shares it has. */
static double left_over(const struct mix *m, double *shares)
{
    size_t classes = m->cells->classes;
    double sum = 0;

    *shares = 0;
    for (size_t k = 0; k < classes; k++)
        *shares += m->in[k];
    for (size_t a = 0; a < m->cells->n; a++) {
        double left = m->seen[a];
        for (size_t k = 0; k < classes; k++)
            if (m->in[k])
                left -= m->design[a * classes + k] *
                        gsl_vector_get(m->solution, k);
        sum += left * left;
    }
    return sum;
}

static void mix_init(struct mix *m, const struct cells *c, const double *share)
{
    *m = (struct mix){.cells = c};
    m->design = mem_alloc(c->n * (c->classes + 1) + c->classes, sizeof(double));
    m->seen = m->design + c->n * c->classes;
    m->share = m->seen + c->n;
    m->in = mem_alloc(c->classes, sizeof(*m->in));
    m->noise = gsl_matrix_calloc(c->n, c->n);
    m->normal = gsl_matrix_calloc(c->classes, c->classes);
    m->solution = gsl_vector_calloc(c->classes);
    if (!m->noise || !m->normal || !m->solution)
        mem_exhausted();
    memcpy(m->share, share, c->classes * sizeof(*share));
}

static void mix_release(struct mix *m)
{
    gsl_matrix_free(m->noise);
    gsl_matrix_free(m->normal);
    gsl_vector_free(m->solution);
    free(m->design);
    free(m->in);
}

/* The share of target rows that are in other cells than the mix has them, less
 * what sampling makes of it. */
static double unexplained(const struct mix *m)
{
    const struct cells *c = m->cells;
    double sum = 0;

    for (size_t a = 0; a < c->n; a++) {
        double off = c->target[a] / c->n_target;
        for (size_t k = 0; k < c->classes; k++)
            off -= m->share[k] * chance(c, a, k);
        sum += fabs(off) - sqrt(2 / M_PI * covariance(m, a, a));
    }
    return fmax(0, sum / 2);
}

static void judge(struct mix *m, struct shift_misfit *misfit)
{
    double shares, chi2 = left_over(m, &shares), df;

    misfit->share = unexplained(m);
    df = (double)m->cells->n - shares;
    if (df < 1)
        return;
    misfit->p = gsl_cdf_chisq_Q(chi2, df);
    if (misfit->p < LABEL_SHIFT_MISFIT)
        misfit->dispersion = fmax(1, chi2 / df);
}

struct shift_misfit shift_misfit(const struct shift_problem *x)
{
    struct shift_misfit misfit = {NAN, 1, NAN};
    struct cells c;
    struct mix m;

    if (x->classes > MOST_CLASSES)
        return misfit;
    count(x, &c);
    merge_small(&c);
    mix_init(&m, &c, x->prior);
    if (c.n > 1 && settle_mix(&m))
        judge(&m, &misfit);
    mix_release(&m);
    free(c.source);
    free(c.median);
    return misfit;
}
