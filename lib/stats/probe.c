#include "stats/probe.h"

#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const double RIDGE = .01;

/* One half of the rows: i with i % 2 == parity. */
struct half {
    double *mean;           /* [width] */
    gsl_matrix *covariance; /* Cholesky's factor of it, with the ridge */
};

struct probe {
    const float *x;
    size_t n, width;
    struct half half[2];
};

static void take_mean(const struct probe *p, size_t parity, double *mean)
{
    size_t rows = (p->n - parity + 1) / 2;

    for (size_t i = parity; i < p->n; i += 2)
        for (size_t c = 0; c < p->width; c++)
            mean[c] += (double)p->x[i * p->width + c];
    for (size_t c = 0; c < p->width; c++)
        mean[c] /= (double)rows;
}

/* Threads own rows of the matrix. */
static void add_squares(const struct probe *p, size_t parity,
                        const double *mean, gsl_matrix *m)
{
    size_t width = p->width;

#pragma omp parallel for schedule(dynamic, 4)
    for (size_t r = 0; r < width; r++) {
        double *out = gsl_matrix_ptr(m, r, 0);
        for (size_t i = parity; i < p->n; i += 2) {
            const float *x = p->x + i * width;
            double of_row = (double)x[r] - mean[r];
            if (of_row == 0)
                continue;
            for (size_t c = 0; c <= r; c++)
                out[c] += of_row * ((double)x[c] - mean[c]);
        }
    }
}

static void factor(gsl_matrix *m, double rows)
{
    double trace = 0;

    for (size_t i = 0; i < m->size1; i++)
        trace += gsl_matrix_get(m, i, i);
    trace /= (double)m->size1;
    for (size_t i = 0; i < m->size1; i++)
        *gsl_matrix_ptr(m, i, i) += RIDGE * trace + 1e-9 * rows;
    gsl_linalg_cholesky_decomp1(m);
}

struct probe *probe_new(const float *x, size_t n, size_t width)
{
    struct probe *p = mem_zalloc(1, sizeof(*p));

    *p = (struct probe){.x = x, .n = n, .width = width};
    for (size_t parity = 0; parity < 2; parity++) {
        struct half *h = &p->half[parity];
        h->mean = mem_zalloc(width, sizeof(*h->mean));
        h->covariance = gsl_matrix_calloc(width, width);
        if (!h->covariance)
            mem_exhausted();
        take_mean(p, parity, h->mean);
        add_squares(p, parity, h->mean, h->covariance);
        factor(h->covariance, (double)n / 2);
    }
    return p;
}

void probe_free(struct probe *p)
{
    if (!p)
        return;
    for (size_t parity = 0; parity < 2; parity++) {
        free(p->half[parity].mean);
        gsl_matrix_free(p->half[parity].covariance);
    }
    free(p);
}

/* x' (one-hot less share) of a class, over one half: writes out[width]. */
static void class_products(const struct probe *p, size_t parity,
                           const uint32_t *label, uint32_t class, double *out)
{
    const double *mean = p->half[parity].mean;
    double rows = 0, of_class = 0, share;

    for (size_t i = parity; i < p->n; i += 2) {
        rows += label[i] != PROBE_NONE;
        of_class += label[i] == class;
    }
    share = rows > 0 ? of_class / rows : 0;
    memset(out, 0, p->width * sizeof(*out));
    for (size_t i = parity; i < p->n; i += 2) {
        const float *x = p->x + i * p->width;
        double y = (label[i] == class) - share;
        if (label[i] == PROBE_NONE)
            continue;
        for (size_t c = 0; c < p->width; c++)
            out[c] += y * ((double)x[c] - mean[c]);
    }
}

/* Scores of a class for the other half. */
static void apply(const struct probe *p, size_t parity, const double *weight,
                  size_t class, size_t classes, float *score)
{
    const double *mean = p->half[parity].mean;

    for (size_t i = 1 - parity; i < p->n; i += 2) {
        const float *x = p->x + i * p->width;
        double sum = 0;
        for (size_t c = 0; c < p->width; c++)
            sum += weight[c] * ((double)x[c] - mean[c]);
        score[i * classes + class] = (float)sum;
    }
}

void probe_fit(const struct probe *p, const uint32_t *label, size_t classes,
               float *score)
{
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t task = 0; task < 2 * classes; task++) {
        size_t parity = task % 2, class = task / 2;
        gsl_vector *w = gsl_vector_alloc(p->width);
        if (!w)
            mem_exhausted();
        class_products(p, parity, label, (uint32_t) class, w->data);
        gsl_linalg_cholesky_svx(p->half[parity].covariance, w);
        apply(p, parity, w->data, class, classes, score);
        gsl_vector_free(w);
    }
}

/* ---- association ---- */

/* Sum of b²: rows' and columns' means taken off, a class's columns are alike.
 */
static double squares_off(const float *score, const uint32_t *label,
                          size_t classes, size_t begin, size_t end,
                          const double *count, const double *column, double n)
{
    double grand = 0, sum = 0;

    for (size_t k = 0; k < classes; k++)
        grand += count[k] * column[k] / n;
    for (size_t i = begin; i < end; i++) {
        const float *s = score + i * classes;
        double row = 0;
        if (label[i] == PROBE_NONE)
            continue;
        for (size_t k = 0; k < classes; k++)
            row += count[k] * (double)s[k] / n;
        for (size_t k = 0; k < classes; k++) {
            double b = (double)s[k] - row - column[k] + grand;
            sum += count[k] * b * b;
        }
    }
    return sum;
}

struct association probe_association(const float *score, const uint32_t *label,
                                     size_t classes, size_t begin, size_t end)
{
    double *count = mem_zalloc(classes, sizeof(*count));
    double *column = mem_zalloc(classes, sizeof(*column));
    struct association a = {0};

    for (size_t i = begin; i < end; i++) {
        if (label[i] == PROBE_NONE)
            continue;
        a.n++;
        count[label[i]]++;
        a.sum += (double)score[i * classes + label[i]];
        for (size_t k = 0; k < classes; k++)
            column[k] += (double)score[i * classes + k];
    }
    for (size_t k = 0; k < classes; k++)
        column[k] /= fmax(a.n, 1);
    for (size_t k = 0; k < classes; k++)
        a.mean += count[k] * column[k];
    if (a.n > 1)
        a.sd = sqrt(
            squares_off(score, label, classes, begin, end, count, column, a.n) /
            (a.n - 1));
    a.z = a.sd > 1e-9 * sqrt(a.n) ? (a.sum - a.mean) / a.sd : NAN;
    free(count);
    free(column);
    return a;
}
