#include "stats/domain_gram.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"

enum { TOGETHER = 8, STRIPS = 16 };

/* Rows r of the product, for eight rows of data at once. */
SIMD_CLONES static void add_products(const float *const x[TOGETHER],
                                     size_t width, size_t from, size_t to,
                                     float *product)
{
    for (size_t r = from; r < to; r++) {
        float *out = product + r * width;
        float a0 = x[0][r], a1 = x[1][r], a2 = x[2][r], a3 = x[3][r],
              a4 = x[4][r], a5 = x[5][r], a6 = x[6][r], a7 = x[7][r];
#pragma omp simd
        for (size_t c = 0; c <= r; c++)
            out[c] += a0 * x[0][c] + a1 * x[1][c] + a2 * x[2][c] +
                      a3 * x[3][c] + a4 * x[4][c] + a5 * x[5][c] +
                      a6 * x[6][c] + a7 * x[7][c];
    }
}

/* Strips are narrower towards the long end of the triangle. */
static size_t strip_begin(size_t width, size_t strip)
{
    size_t k = 0;

    while (k < width && k * k * STRIPS < strip * width * width)
        k++;
    return strip >= STRIPS ? width : k;
}

/* Rows of a group, in order; the last are filled up with zeros. */
static void add_strip(struct domain_gram *g, const float *x, const size_t *row,
                      const size_t *start, const float *zeros, size_t strip)
{
    size_t w = g->width, from = strip_begin(w, strip),
           to = strip_begin(w, strip + 1);

    for (size_t k = 0; k < g->groups; k++)
        for (size_t i = start[k]; i < start[k + 1]; i += TOGETHER) {
            const float *of[TOGETHER];
            for (size_t j = 0; j < TOGETHER; j++)
                of[j] = i + j < start[k + 1] ? x + row[i + j] * w : zeros;
            add_products(of, w, from, to, g->product + k * w * w);
        }
}

static void add_sums(struct domain_gram *g, const float *x, const size_t *row,
                     const size_t *start)
{
    for (size_t k = 0; k < g->groups; k++) {
        double *sum = g->sum + k * g->width;
        g->n[k] = (double)(start[k + 1] - start[k]);
        for (size_t i = start[k]; i < start[k + 1]; i++)
            for (size_t c = 0; c < g->width; c++)
                sum[c] += (double)x[row[i] * g->width + c];
    }
}

void domain_gram_init(struct domain_gram *g, const float *x, size_t n,
                      size_t width, const uint8_t *group, size_t groups)
{
    size_t *row = mem_alloc(n, sizeof(*row)), at = 0;
    size_t *start = mem_zalloc(groups + 1, sizeof(*start));
    float *zeros = mem_zalloc(width, sizeof(*zeros));

    *g = (struct domain_gram){.groups = groups, .width = width};
    g->n = mem_zalloc(groups, sizeof(*g->n));
    g->sum = mem_zalloc(groups * width, sizeof(*g->sum));
    g->product = mem_zalloc(groups * width * width, sizeof(*g->product));
    for (size_t k = 0; k < groups; k++) {
        start[k] = at;
        for (size_t i = 0; i < n; i++)
            if (group[i] == k)
                row[at++] = i;
    }
    start[groups] = at;
    add_sums(g, x, row, start);
#pragma omp parallel for schedule(dynamic, 1)
    for (size_t strip = 0; strip < STRIPS; strip++)
        add_strip(g, x, row, start, zeros, strip);
    free(row);
    free(start);
    free(zeros);
}

void domain_gram_release(struct domain_gram *g)
{
    free(g->n);
    free(g->sum);
    free(g->product);
}

static double take_mean(const struct domain_gram *g, const double *weight,
                        double *mean)
{
    double total = 0;

    memset(mean, 0, g->width * sizeof(*mean));
    for (size_t k = 0; k < g->groups; k++) {
        total += weight[k] * g->n[k];
        for (size_t c = 0; c < g->width; c++)
            mean[c] += weight[k] * g->sum[k * g->width + c];
    }
    for (size_t c = 0; c < g->width; c++)
        mean[c] /= total;
    return total;
}

void domain_gram_moments(const struct domain_gram *g, const double *weight,
                         double *mean, double *covariance)
{
    size_t w = g->width;
    double total = take_mean(g, weight, mean);

    for (size_t r = 0; r < w; r++) {
        double *out = covariance + r * w;
        memset(out, 0, (r + 1) * sizeof(*out));
        for (size_t k = 0; k < g->groups; k++) {
            const float *of = g->product + k * w * w + r * w;
            if (weight[k] > 0)
                for (size_t c = 0; c <= r; c++)
                    out[c] += weight[k] * (double)of[c];
        }
        for (size_t c = 0; c <= r; c++)
            out[c] = out[c] / total - mean[r] * mean[c];
    }
}
