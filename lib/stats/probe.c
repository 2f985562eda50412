#include "stats/probe.h"

#include <gsl/gsl_blas.h>
#include <gsl/gsl_linalg.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const double RIDGE = .3;

/* One half of the rows: i with i % 2 == parity. */
struct half {
    double *mean;        /* [width] */
    gsl_matrix *squares; /* sums of products; of the lower triangle */
    gsl_matrix *factor;  /* Cholesky's, of these with the ridge */
    double ridge;
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

static void factor(struct half *h, double rows)
{
    gsl_matrix *m = h->factor;
    double trace = 0;

    gsl_matrix_memcpy(m, h->squares);
    for (size_t i = 0; i < m->size1; i++)
        trace += gsl_matrix_get(m, i, i);
    h->ridge = RIDGE * trace / (double)m->size1 + 1e-9 * rows;
    for (size_t i = 0; i < m->size1; i++)
        *gsl_matrix_ptr(m, i, i) += h->ridge;
    gsl_linalg_cholesky_decomp1(m);
}

static gsl_matrix *new_square(size_t width)
{
    gsl_matrix *m = gsl_matrix_calloc(width, width);

    if (!m)
        mem_exhausted();
    return m;
}

struct probe *probe_new(const float *x, size_t n, size_t width)
{
    struct probe *p = mem_zalloc(1, sizeof(*p));

    *p = (struct probe){.x = x, .n = n, .width = width};
    for (size_t parity = 0; parity < 2; parity++) {
        struct half *h = &p->half[parity];
        h->mean = mem_zalloc(width, sizeof(*h->mean));
        h->squares = new_square(width);
        h->factor = new_square(width);
        take_mean(p, parity, h->mean);
        add_squares(p, parity, h->mean, h->squares);
        factor(h, (double)n / 2);
    }
    return p;
}

void probe_free(struct probe *p)
{
    if (!p)
        return;
    for (size_t parity = 0; parity < 2; parity++) {
        free(p->half[parity].mean);
        gsl_matrix_free(p->half[parity].squares);
        gsl_matrix_free(p->half[parity].factor);
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
        gsl_linalg_cholesky_svx(p->half[parity].factor, w);
        apply(p, parity, w->data, class, classes, score);
        gsl_vector_free(w);
    }
}

/* ---- association ---- */

/* The rows begin, begin + step, ... below end. */
struct span {
    size_t begin, end, step;
};

/* Sum of b²: rows' and columns' means taken off, a class's columns are alike.
 */
static double squares_off(const float *score, const uint32_t *label,
                          size_t classes, struct span at, const double *count,
                          const double *column, double n)
{
    double grand = 0, sum = 0;

    for (size_t k = 0; k < classes; k++)
        grand += count[k] * column[k] / n;
    for (size_t i = at.begin; i < at.end; i += at.step) {
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

static void set_z(struct association *a)
{
    a->z = a->sd > 1e-9 * sqrt(a->n) ? (a->sum - a->mean) / a->sd : NAN;
}

static struct association associate(const float *score, const uint32_t *label,
                                    size_t classes, struct span at)
{
    double *count = mem_zalloc(classes, sizeof(*count));
    double *column = mem_zalloc(classes, sizeof(*column));
    struct association a = {0};

    for (size_t i = at.begin; i < at.end; i += at.step) {
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
        a.sd = sqrt(squares_off(score, label, classes, at, count, column, a.n) /
                    (a.n - 1));
    set_z(&a);
    free(count);
    free(column);
    return a;
}

struct association probe_association(const float *score, const uint32_t *label,
                                     size_t classes, size_t begin, size_t end)
{
    return associate(score, label, classes, (struct span){begin, end, 1});
}

static struct association both_halves(const struct association half[2])
{
    struct association a = {.n = half[0].n + half[1].n,
                            .sum = half[0].sum + half[1].sum,
                            .mean = half[0].mean + half[1].mean,
                            .sd = half[0].sd + half[1].sd};

    set_z(&a);
    return a;
}

struct association probe_association_of_all(const float *score,
                                            const uint32_t *label,
                                            size_t classes, size_t n)
{
    struct association half[2];

    for (size_t parity = 0; parity < 2; parity++)
        half[parity] =
            associate(score, label, classes, (struct span){parity, n, 2});
    return both_halves(half);
}

/* ---- without scores ---- */

/* Of one half: its labels, and sums of its rows by class, means taken off. */
struct sums {
    double *count; /* [classes] */
    double *lead;  /* [classes][width]: x' (one-hot less share) */
    double n;
};

static void take_sums(const struct probe *p, size_t parity,
                      const uint32_t *label, size_t classes, struct sums *s)
{
    const double *mean = p->half[parity].mean;
    double *all = mem_zalloc(p->width, sizeof(*all));

    for (size_t i = parity; i < p->n; i += 2) {
        const float *x = p->x + i * p->width;
        double *lead;
        if (label[i] == PROBE_NONE)
            continue;
        s->n++;
        s->count[label[i]]++;
        lead = s->lead + label[i] * p->width;
        for (size_t c = 0; c < p->width; c++)
            lead[c] += (double)x[c] - mean[c];
    }
    for (size_t k = 0; k < classes; k++)
        for (size_t c = 0; c < p->width; c++)
            all[c] += s->lead[k * p->width + c];
    for (size_t k = 0; k < classes; k++)
        for (size_t c = 0; c < p->width; c++)
            s->lead[k * p->width + c] -= s->count[k] / fmax(s->n, 1) * all[c];
    free(all);
}

/* The mean of the classes' rows of m, by their share, is taken off. */
static void centre(const struct sums *s, gsl_matrix *m)
{
    for (size_t c = 0; c < m->size2; c++) {
        double mean = 0;
        for (size_t k = 0; k < m->size1; k++)
            mean += s->count[k] / s->n * gsl_matrix_get(m, k, c);
        for (size_t k = 0; k < m->size1; k++)
            *gsl_matrix_ptr(m, k, c) -= mean;
    }
}

/* The variance of the sum of scores in random order, given their centred
 * weights, with the squares of this half. */
static double spread(const struct half *h, const struct sums *s,
                     const gsl_matrix *weight)
{
    gsl_vector *product = gsl_vector_alloc(weight->size2);
    double sum = 0;

    if (!product)
        mem_exhausted();
    for (size_t k = 0; k < weight->size1; k++) {
        gsl_vector_const_view w = gsl_matrix_const_row(weight, k);
        double square;
        if (s->count[k] == 0)
            continue;
        gsl_blas_dsymv(CblasLower, 1, h->squares, &w.vector, 0, product);
        gsl_blas_ddot(&w.vector, product, &square);
        sum += s->count[k] * square;
    }
    gsl_vector_free(product);
    return sum;
}

/* The same with the squares of the other half, by which the weights times
 * squares and ridge are `lead`. */
static double quick_spread(const struct half *other, const struct sums *s,
                           const gsl_matrix *weight, const gsl_matrix *lead)
{
    double sum = 0;

    for (size_t k = 0; k < weight->size1; k++)
        for (size_t c = 0; c < weight->size2; c++) {
            double w = gsl_matrix_get(weight, k, c);
            sum += s->count[k] * w *
                   (gsl_matrix_get(lead, k, c) - other->ridge * w);
        }
    return sum;
}

static gsl_matrix *copy_of(const double *data, size_t rows, size_t width)
{
    gsl_matrix *m = gsl_matrix_alloc(rows, width);

    if (!m)
        mem_exhausted();
    memcpy(m->data, data, rows * width * sizeof(*data));
    return m;
}

/* How the half judges what the other one was fitted to. */
static struct association judge(const struct probe *p, size_t parity,
                                const struct sums *other, size_t classes,
                                const struct sums *s, bool quick)
{
    const struct half *h = &p->half[1 - parity];
    double rows = (double)((p->n - parity + 1) / 2), square;
    struct association a = {.n = s->n};
    gsl_matrix *lead = copy_of(other->lead, classes, p->width),
               *weight = copy_of(other->lead, classes, p->width);

    for (size_t k = 0; k < classes; k++) {
        gsl_vector_view w = gsl_matrix_row(weight, k);
        if (other->count[k] > 0)
            gsl_linalg_cholesky_svx(h->factor, &w.vector);
    }
    for (size_t i = 0; i < classes * p->width; i++)
        a.sum += weight->data[i] * s->lead[i];
    centre(s, weight);
    centre(s, lead);
    square = quick ? quick_spread(h, s, weight, lead)
                   : spread(&p->half[parity], s, weight);
    if (s->n > 1)
        a.sd = sqrt(fmax(square, 0) * s->n / rows / (s->n - 1));
    gsl_matrix_free(weight);
    gsl_matrix_free(lead);
    return a;
}

struct association probe_try(const struct probe *p, const uint32_t *label,
                             size_t classes, bool quick)
{
    struct association half[2];
    struct sums sums[2] = {{0}};

    for (size_t parity = 0; parity < 2; parity++) {
        struct sums *s = &sums[parity];
        s->count = mem_zalloc(classes * (p->width + 1), sizeof(*s->count));
        s->lead = s->count + classes;
        take_sums(p, parity, label, classes, s);
    }
    for (size_t parity = 0; parity < 2; parity++)
        half[parity] =
            judge(p, parity, &sums[1 - parity], classes, &sums[parity], quick);
    free(sums[0].count);
    free(sums[1].count);
    return both_halves(half);
}
