#include "stats/class_calibration.h"

#include <float.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "stats/temperature.h"

/* FEW numbers are sooner summed than threads are woken. */
enum { PIECES = 32, FEW = 1 << 14, MOST_STEPS = 50, MOST_HALVINGS = 20 };

static const double PRIOR = 10, SMALL_STEP = 1e-7, MOST_MOVE = 3;

/* ---- one row ---- */

static double log_of(float p)
{
    return log((double)(p > FLT_MIN ? p : FLT_MIN));
}

static double bias_of(const struct class_calibration *c, size_t k)
{
    return c->bias ? c->bias[k] : 0;
}

void class_calibration_apply(const struct class_calibration *c, const float *p,
                             float *out)
{
    float top = -INFINITY, sum = 0;

    for (size_t k = 0; k < c->classes; k++) {
        float z = logf(p[k] > FLT_MIN ? p[k] : FLT_MIN);
        out[k] = (float)c->inverse * z + (float)bias_of(c, k);
        top = out[k] > top ? out[k] : top;
    }
    for (size_t k = 0; k < c->classes; k++) {
        out[k] = expf(out[k] - top);
        sum += out[k];
    }
    for (size_t k = 0; k < c->classes; k++)
        out[k] /= sum;
}

/* z[classes]: logarithms.  Writes the probabilities; returns the log loss. */
static double row_probs(const struct class_calibration *c, const float *z,
                        size_t label, double *prob)
{
    double top = -INFINITY, sum = 0, own;

    for (size_t k = 0; k < c->classes; k++) {
        prob[k] = c->inverse * (double)z[k] + bias_of(c, k);
        top = fmax(top, prob[k]);
    }
    own = prob[label];
    for (size_t k = 0; k < c->classes; k++) {
        prob[k] = exp(prob[k] - top);
        sum += prob[k];
    }
    for (size_t k = 0; k < c->classes; k++)
        prob[k] /= sum;
    return log(sum) + top - own;
}

/* Derivatives by ln inverse and the biases, from the row's probabilities;
 * returns E[inverse z]. */
static double row_slope(const struct class_calibration *c, const float *z,
                        size_t label, const double *prob, double *slope)
{
    double mean = 0;

    for (size_t k = 0; k < c->classes; k++)
        mean += prob[k] * c->inverse * (double)z[k];
    slope[0] = mean - c->inverse * (double)z[label];
    for (size_t k = 0; c->bias && k < c->classes; k++)
        slope[1 + k] = prob[k] - (k == label ? 1 : 0);
    return mean;
}

/* ---- sums over rows ---- */

struct rows_of {
    const float *z;
    const uint32_t *label;
    size_t n;
};

struct derivatives {
    double loss, *slope, *curvature; /* [d], [d][d]: the lower half */
};

/* The row's curvature but for the share of the gradient that has mean 0. */
static void add_curvature(const struct class_calibration *c, const float *z,
                          const double *prob, double mean, double *curvature)
{
    size_t d = c->parameters;

    for (size_t k = 0; k < c->classes; k++) {
        double x = c->inverse * (double)z[k], off = prob[k] * (x - mean);
        curvature[0] += off * x;
        if (!c->bias)
            continue;
        curvature[(1 + k) * d] += off;
        curvature[(1 + k) * d + 1 + k] += prob[k];
        for (size_t j = 0; j <= k; j++)
            curvature[(1 + k) * d + 1 + j] -= prob[k] * prob[j];
    }
}

static void add_rows(const struct class_calibration *c,
                     const struct rows_of *rows, size_t begin, size_t end,
                     struct derivatives *to)
{
    double *prob = mem_alloc(c->classes + c->parameters, sizeof(*prob));
    double *slope = prob + c->classes;

    for (size_t i = begin; i < end; i++) {
        const float *z = rows->z + i * c->classes;
        size_t label = rows->label[i];
        double mean;
        if (label >= c->classes)
            continue;
        to->loss += row_probs(c, z, label, prob);
        if (!to->slope)
            continue;
        mean = row_slope(c, z, label, prob, slope);
        for (size_t a = 0; a < c->parameters; a++)
            to->slope[a] += slope[a];
        add_curvature(c, z, prob, mean, to->curvature);
    }
    free(prob);
}

static void add_prior(const struct class_calibration *c, struct derivatives *to)
{
    for (size_t k = 0; c->bias && k < c->classes; k++) {
        to->loss += c->bias[k] * c->bias[k] / (2 * PRIOR * PRIOR);
        if (!to->slope)
            continue;
        to->slope[1 + k] += c->bias[k] / (PRIOR * PRIOR);
        to->curvature[(1 + k) * (c->parameters + 1)] += 1 / (PRIOR * PRIOR);
    }
}

/* out->slope may be NULL: only the loss. */
static void differentiate(const struct class_calibration *c,
                          const struct rows_of *rows, struct derivatives *out)
{
    size_t d = c->parameters, each = d + d * d;
    double *sums = mem_zalloc(PIECES * each, sizeof(*sums));
    double loss[PIECES];

#pragma omp parallel for schedule(static) if (rows->n * each > FEW)
    for (int i = 0; i < PIECES; i++) {
        double *own = sums + (size_t)i * each;
        struct derivatives piece = {0, out->slope ? own : NULL, own + d};
        size_t begin, end;
        parallel_piece(rows->n, PIECES, i, &begin, &end);
        add_rows(c, rows, begin, end, &piece);
        loss[i] = piece.loss;
    }
    out->loss = 0;
    if (out->slope) {
        memset(out->slope, 0, d * sizeof(double));
        memset(out->curvature, 0, d * d * sizeof(double));
    }
    for (size_t i = 0; i < PIECES; i++) {
        out->loss += loss[i];
        for (size_t a = 0; out->slope && a < d; a++)
            out->slope[a] += sums[i * each + a];
        for (size_t a = 0; out->slope && a < d * d; a++)
            out->curvature[a] += sums[i * each + d + a];
    }
    add_prior(c, out);
    free(sums);
}

static double loss_of(const struct class_calibration *c,
                      const struct rows_of *rows)
{
    struct derivatives only = {0, NULL, NULL};

    differentiate(c, rows, &only);
    return only.loss;
}

/* ---- fitting ---- */

void class_calibration_copy(struct class_calibration *to,
                            const struct class_calibration *c)
{
    *to = *c;
    to->spread = NULL;
    if (!c->bias)
        return;
    to->bias = mem_alloc(c->classes, sizeof(*to->bias));
    memcpy(to->bias, c->bias, c->classes * sizeof(*to->bias));
}

void class_calibration_move(const struct class_calibration *c,
                            const double *change, struct class_calibration *to)
{
    to->inverse = c->inverse;
    if (c->parameters)
        to->inverse *= exp(fmax(-MOST_MOVE, fmin(MOST_MOVE, change[0])));
    for (size_t k = 0; c->bias && k < c->classes; k++)
        to->bias[k] = c->bias[k] + change[1 + k];
}

static bool factor(gsl_matrix *m)
{
    gsl_error_handler_t *before = gsl_set_error_handler_off();
    int status = gsl_linalg_cholesky_decomp1(m);

    gsl_set_error_handler(before);
    return status == 0;
}

/* Newton's step with halving: whether there was one that helps, and its size.
 * The lower half of curvature is factored. */
static double newton(struct class_calibration *c, const struct rows_of *rows,
                     struct derivatives *at, double *step)
{
    size_t d = c->parameters;
    gsl_matrix_view m = gsl_matrix_view_array(at->curvature, d, d);
    gsl_vector_view v = gsl_vector_view_array(step, d);
    struct class_calibration from;
    double largest = 0, better = NAN;

    if (!factor(&m.matrix))
        return 0;
    for (size_t a = 0; a < d; a++)
        step[a] = -at->slope[a];
    gsl_linalg_cholesky_svx(&m.matrix, &v.vector);
    class_calibration_copy(&from, c);
    for (int i = 0; i < MOST_HALVINGS && !(better < at->loss); i++) {
        for (size_t a = 0; a < d && i; a++)
            step[a] /= 2;
        class_calibration_move(&from, step, c);
        better = loss_of(c, rows);
    }
    for (size_t a = 0; a < d; a++)
        largest = fmax(largest, fabs(step[a]));
    if (!(better < at->loss)) {
        memset(step, 0, d * sizeof(*step));
        class_calibration_move(&from, step, c);
        largest = 0;
    }
    class_calibration_release(&from);
    return largest;
}

static struct derivatives derivatives_new(size_t d)
{
    struct derivatives at = {0, mem_alloc(d + d * d, sizeof(double)), NULL};

    at.curvature = at.slope + d;
    return at;
}

/* From a temperature without biases. */
static void fit_biases(struct class_calibration *c, const struct rows_of *rows)
{
    struct derivatives at;
    double *step;

    c->bias = mem_zalloc(c->classes, sizeof(*c->bias));
    c->parameters = 1 + c->classes;
    at = derivatives_new(c->parameters);
    step = mem_alloc(c->parameters, sizeof(*step));
    for (int i = 0; i < MOST_STEPS; i++) {
        differentiate(c, rows, &at);
        if (newton(c, rows, &at, step) < SMALL_STEP)
            break;
    }
    free(step);
    free(at.slope);
}

static void find_spread(struct class_calibration *c, const struct rows_of *rows)
{
    size_t d = c->parameters;
    struct derivatives at = derivatives_new(d);
    gsl_matrix_view m;

    differentiate(c, rows, &at);
    c->spread = mem_zalloc(d * d, sizeof(*c->spread));
    m = gsl_matrix_view_array(c->spread, d, d);
    memcpy(c->spread, at.curvature, d * d * sizeof(*c->spread));
    if (factor(&m.matrix))
        gsl_linalg_cholesky_invert(&m.matrix);
    else
        memset(c->spread, 0, d * d * sizeof(*c->spread));
    free(at.slope);
}

/* Classes that have a row: a bias of another could do nothing but harm. */
static size_t classes_met(const struct rows_of *rows, size_t classes)
{
    bool *met = mem_zalloc(classes, sizeof(*met));
    size_t n = 0;

    for (size_t i = 0; i < rows->n; i++)
        if (rows->label[i] < classes && !met[rows->label[i]]) {
            met[rows->label[i]] = true;
            n++;
        }
    free(met);
    return n;
}

static void try_biases(struct class_calibration *c, const struct rows_of *rows)
{
    struct class_calibration with = *c;

    fit_biases(&with, rows);
    if (loss_of(c, rows) - loss_of(&with, rows) > (double)(c->classes - 1))
        *c = with;
    else
        class_calibration_release(&with);
}

void class_calibration_fit(struct class_calibration *c, const float *p,
                           const uint32_t *label, size_t n, size_t classes,
                           bool biases)
{
    float *z = mem_alloc(n * classes, sizeof(*z));
    struct rows_of rows = {z, label, n};
    struct temperature t;

    memcpy(z, p, n * classes * sizeof(*z));
    t = temperature_fit(z, label, n, classes);
    *c = (struct class_calibration){.classes = classes, .inverse = 1};
    if (!isnan(t.value)) {
        c->inverse = 1 / t.value;
        c->parameters = 1;
        if (biases && classes <= CLASS_CALIBRATION_MOST &&
            classes_met(&rows, classes) == classes)
            try_biases(c, &rows);
        find_spread(c, &rows);
    }
    free(z);
}

void class_calibration_release(struct class_calibration *c)
{
    free(c->bias);
    free(c->spread);
    *c = (struct class_calibration){0};
}

void class_calibration_influence(const struct class_calibration *c,
                                 const float *p, size_t label, double *out)
{
    size_t d = c->parameters;
    float *z = mem_alloc(c->classes, sizeof(*z));
    double *prob = mem_alloc(c->classes + d + 1, sizeof(*prob));
    double *slope = prob + c->classes;

    for (size_t k = 0; k < c->classes; k++)
        z[k] = (float)log_of(p[k]);
    row_probs(c, z, label, prob);
    if (d)
        row_slope(c, z, label, prob, slope);
    for (size_t a = 0; a < d; a++) {
        out[a] = 0;
        for (size_t b = 0; b < d; b++)
            out[a] -= c->spread[a * d + b] * slope[b];
    }
    free(prob);
    free(z);
}
