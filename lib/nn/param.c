#include "nn/param.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static void init(struct param *p, const char *name, enum param_layout layout,
                 size_t rows, size_t cols)
{
    memset(p, 0, sizeof(*p));
    snprintf(p->name, sizeof(p->name), "%s", name);
    p->rows = rows;
    p->cols = cols;
    p->layout = layout;
    p->pixels = 1;
    p->value = mem_aligned(rows * cols, sizeof(real));
    p->first = mem_aligned(rows * cols, sizeof(real));
    p->second = mem_aligned(rows * cols, sizeof(real));
}

void param_init(struct param *p, const char *name, enum param_layout layout,
                size_t rows, size_t cols)
{
    init(p, name, layout, rows, cols);
    p->grad = mem_aligned(rows * cols, sizeof(real));
}

void param_init_sparse(struct param *p, const char *name, size_t rows,
                       size_t cols)
{
    init(p, name, PARAM_TABLE, rows, cols);
    p->sparse = true;
    p->place = mem_zalloc(rows, sizeof(*p->place));
}

void param_borrow(struct param *p, const struct param *from)
{
    free(p->value);
    free(p->first);
    free(p->second);
    p->value = from->value;
    p->first = p->second = NULL;
    p->fixed = from->fixed;
    p->borrowed = true;
}

void param_release(struct param *p)
{
    if (!p->borrowed)
        free(p->value);
    free(p->grad);
    free(p->first);
    free(p->second);
    free(p->touched);
    free(p->place);
    memset(p, 0, sizeof(*p));
}

void param_fill_normal(struct param *p, double deviation, struct rng *rng)
{
    for (size_t i = 0; i < p->rows * p->cols && rng; i++)
        p->value[i] = (real)(deviation * rng_normal(rng));
}

void param_untouch(struct param *p)
{
    for (size_t i = 0; i < p->n_touched; i++)
        p->place[p->touched[i]] = 0;
    p->n_touched = 0;
}

void param_touch(struct param *p, uint32_t row)
{
    if (p->place[row])
        return;
    p->touched = mem_grow(p->touched, &p->touched_capacity, p->n_touched + 1,
                          sizeof(*p->touched));
    p->touched[p->n_touched++] = row;
    p->place[row] = (uint32_t)p->n_touched;
}

/* Room for the gradient of the touched rows; `kept` values stay. */
static void make_room(struct param *p, size_t kept)
{
    size_t need = p->n_touched * p->cols;
    real *old = p->grad;

    if (need <= p->grad_capacity)
        return;
    p->grad_capacity = need + need / 2;
    p->grad = mem_aligned(p->grad_capacity, sizeof(real));
    if (kept)
        memcpy(p->grad, old, kept * sizeof(real));
    free(old);
}

void param_clear_touched(struct param *p)
{
    size_t need = p->n_touched * p->cols;

    make_room(p, 0);
    if (need)
        memset(p->grad, 0, need * sizeof(real));
}

void param_add_touched(struct param *p, const struct param *from)
{
    size_t cols = p->cols, kept = p->n_touched * cols;

    for (size_t i = 0; i < from->n_touched; i++)
        param_touch(p, from->touched[i]);
    make_room(p, kept);
    if (p->n_touched * cols > kept)
        memset(p->grad + kept, 0, (p->n_touched * cols - kept) * sizeof(real));
    for (size_t i = 0; i < from->n_touched; i++) {
        real *to = p->grad + (p->place[from->touched[i]] - 1) * cols;
        for (size_t j = 0; j < cols; j++)
            to[j] += from->grad[i * cols + j];
    }
}

size_t param_grad_size(const struct param *p)
{
    return (p->sparse ? p->n_touched : p->rows) * p->cols;
}

size_t param_size(const struct param *p)
{
    return p->rows * p->cols;
}

/* ---- the order of a file ---- */

size_t param_shape(const struct param *p, size_t shape[PARAM_RANK])
{
    size_t kernel = 1;

    while (kernel * kernel < p->pixels)
        kernel++;
    shape[0] = p->layout == PARAM_TABLE ? p->rows : p->cols;
    if (p->layout == PARAM_VECTOR)
        return 1;
    shape[1] = p->layout == PARAM_TABLE ? p->cols : p->rows;
    if (p->layout != PARAM_CONV)
        return 2;
    shape[1] = p->rows / p->pixels;
    shape[2] = shape[3] = kernel;
    return 4;
}

/* Where value (row, col) stands in a file. */
static size_t place_of(const struct param *p, size_t row, size_t col)
{
    size_t channels = p->rows / p->pixels;

    if (p->layout == PARAM_VECTOR || p->layout == PARAM_TABLE)
        return row * p->cols + col;
    return col * p->rows + row % channels * p->pixels + row / channels;
}

void param_export(const struct param *p, float *to)
{
    for (size_t i = 0; i < p->rows; i++)
        for (size_t j = 0; j < p->cols; j++)
            to[place_of(p, i, j)] = (float)p->value[i * p->cols + j];
}

void param_import(struct param *p, const float *from)
{
    for (size_t i = 0; i < p->rows; i++)
        for (size_t j = 0; j < p->cols; j++)
            p->value[i * p->cols + j] = (real)from[place_of(p, i, j)];
}
