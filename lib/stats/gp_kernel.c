#include "stats/gp_kernel.h"

#include <assert.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

void gp_columns_init(struct gp_columns *c, const enum gp_kind *kind,
                     size_t dimensions, size_t capacity)
{
    *c = (struct gp_columns){.capacity = capacity};
    assert(dimensions <= GP_DIMENSIONS);
    for (size_t i = 0; i < dimensions; i++)
        if (kind[i] != GP_CHOICE)
            c->of[c->all++] = (struct gp_column){i, false};
    for (size_t i = 0; i < dimensions; i++)
        if (kind[i] == GP_OPTIONAL)
            c->of[c->all++] = (struct gp_column){i, true};
    c->numbers = c->all;
    for (size_t i = 0; i < dimensions; i++)
        if (kind[i] == GP_CHOICE)
            c->of[c->all++] = (struct gp_column){i, false};
    c->at = mem_alloc(c->all * capacity + 1, sizeof(*c->at));
}

void gp_columns_release(struct gp_columns *c)
{
    free(c->at);
}

void gp_columns_cells(const struct gp_columns *c, const double *x, double *cell)
{
    for (size_t k = 0; k < c->all; k++) {
        double value = x[c->of[k].dimension];
        if (c->of[k].absence)
            cell[k] = isnan(value);
        else if (isnan(value))
            cell[k] = k < c->numbers ? .5 : -1;
        else
            cell[k] = value;
    }
}

void gp_columns_add(struct gp_columns *c, const double *x)
{
    double cell[GP_COLUMNS];

    assert(c->n < c->capacity);
    gp_columns_cells(c, x, cell);
    for (size_t k = 0; k < c->all; k++)
        c->at[k * c->capacity + c->n] = cell[k];
    c->n++;
}

void gp_weights(const struct gp_columns *c, const struct gp_hyper *hyper,
                double *weight)
{
    for (size_t k = 0; k < c->all; k++) {
        double length = c->of[k].absence ? hyper->absence[c->of[k].dimension]
                                         : hyper->length[c->of[k].dimension];
        weight[k] = 1 / (length * length);
    }
}

void gp_apart(const struct gp_columns *c, size_t column, double weight,
              double cell, size_t first, size_t n, double *out)
{
    const double *at = c->at + column * c->capacity + first;

    if (column < c->numbers) {
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            out[j] = weight * (at[j] - cell) * (at[j] - cell);
        return;
    }
    for (size_t j = 0; j < n; j++)
        out[j] = at[j] == cell ? 0 : weight;
}

void gp_distances(const struct gp_columns *c, const double *weight,
                  const double *cell, size_t first, size_t n, double *s)
{
    for (size_t j = 0; j < n; j++)
        s[j] = 0;
    for (size_t k = 0; k < c->all; k++) {
        const double *at = c->at + k * c->capacity + first;
        double w = weight[k], x = cell[k];
        if (k < c->numbers) {
#pragma omp simd
            for (size_t j = 0; j < n; j++)
                s[j] += w * (at[j] - x) * (at[j] - x);
        } else {
            for (size_t j = 0; j < n; j++)
                s[j] += at[j] == x ? 0 : w;
        }
    }
#pragma omp simd
    for (size_t j = 0; j < n; j++)
        s[j] = sqrt(5 * s[j]);
}

/* Four at a time: y is read and written once for them all. */
void gp_subtract(double *y, const double *x, size_t stride, const double *c,
                 size_t terms, size_t n)
{
    for (; terms >= 4; terms -= 4, c += 4, x += 4 * stride) {
        const double *x1 = x + stride, *x2 = x1 + stride, *x3 = x2 + stride;
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            y[j] -= c[0] * x[j] + c[1] * x1[j] + (c[2] * x2[j] + c[3] * x3[j]);
    }
    for (; terms; terms--, c++, x += stride)
#pragma omp simd
        for (size_t j = 0; j < n; j++)
            y[j] -= c[0] * x[j];
}

bool gp_factor(double *covariance, size_t n)
{
    double *above = mem_alloc(n + 1, sizeof(*above));
    bool positive = true;

    for (size_t i = 0; i < n && positive; i++) {
        double *row = covariance + i * n, pivot;
        for (size_t k = 0; k < i; k++)
            above[k] = covariance[k * n + i];
        gp_subtract(row + i, covariance + i, n, above, i, n - i);
        positive = row[i] > 0;
        pivot = sqrt(row[i]);
        for (size_t j = i; j < n; j++)
            row[j] /= pivot;
    }
    free(above);
    return positive;
}
