#include "stats/neighbours.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"

static const float SAME = 1e-6F;

/* Squared distances from a row to all; columns[width][n]. */
SIMD_CLONES
static void distances_from(const float *columns, size_t n, size_t width,
                           size_t row, float *out)
{
    memset(out, 0, n * sizeof(*out));
    for (size_t c = 0; c < width; c++) {
        const float *column = columns + c * n;
        float here = column[row];
#pragma omp simd
        for (size_t i = 0; i < n; i++)
            out[i] += (column[i] - here) * (column[i] - here);
    }
}

/* Columns by column, their means taken off. */
static float *transpose(const float *x, size_t n, size_t stride, size_t width)
{
    float *columns = mem_alloc(n * width, sizeof(*columns));

    for (size_t c = 0; c < width; c++) {
        double sum = 0;
        for (size_t i = 0; i < n; i++)
            sum += (double)x[i * stride + c];
        for (size_t i = 0; i < n; i++)
            columns[c * n + i] =
                (float)((double)x[i * stride + c] - sum / (double)n);
    }
    return columns;
}

static float squared_length(const float *columns, size_t n, size_t width)
{
    double sum = 0;

    for (size_t i = 0; i < n * width; i++)
        sum += (double)columns[i] * (double)columns[i];
    return (float)(sum / (double)n);
}

/* The k nearest of the rows that are further than `same`, by insertion. */
static void keep_nearest(const float *distance, size_t n, size_t k, float same,
                         uint32_t *near)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        size_t at;
        if (!(distance[i] > same) ||
            (kept == k && distance[i] >= distance[near[k - 1]]))
            continue;
        at = kept < k ? kept++ : k - 1;
        for (; at && distance[near[at - 1]] > distance[i]; at--)
            near[at] = near[at - 1];
        near[at] = (uint32_t)i;
    }
    for (; kept < k; kept++)
        near[kept] = NEIGHBOUR_NONE;
}

void neighbours_find(const float *x, size_t n, size_t stride, size_t width,
                     size_t k, uint32_t *near, float *distance)
{
    float *columns = transpose(x, n, stride, width);
    float same = SAME * squared_length(columns, n, width);

#pragma omp parallel
    {
        float *from = mem_alloc(n, sizeof(*from));
#pragma omp for schedule(static)
        for (size_t i = 0; i < n; i++) {
            uint32_t *mine = near + i * k;
            distances_from(columns, n, width, i, from);
            keep_nearest(from, n, k, same, mine);
            if (distance)
                distance[i] = mine[0] == NEIGHBOUR_NONE ? INFINITY
                                                        : sqrtf(from[mine[0]]);
        }
        free(from);
    }
    free(columns);
}
