#include "nn/param.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void param_init(struct param *p, const char *name, size_t rows, size_t cols,
                bool sparse)
{
    memset(p, 0, sizeof(*p));
    snprintf(p->name, sizeof(p->name), "%s", name);
    p->rows = rows;
    p->cols = cols;
    p->sparse = sparse;
    p->value = mem_aligned(rows * cols, sizeof(real));
    p->first = mem_aligned(rows * cols, sizeof(real));
    p->second = mem_aligned(rows * cols, sizeof(real));
    if (sparse)
        p->place = mem_zalloc(rows, sizeof(*p->place));
    else
        p->grad = mem_aligned(rows * cols, sizeof(real));
}

void param_release(struct param *p)
{
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
    for (size_t i = 0; i < p->rows * p->cols; i++)
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

void param_clear_touched(struct param *p)
{
    size_t need = p->n_touched * p->cols;

    if (need > p->grad_capacity) {
        free(p->grad);
        p->grad_capacity = need + need / 2;
        p->grad = mem_aligned(p->grad_capacity, sizeof(real));
    }
    if (need)
        memset(p->grad, 0, need * sizeof(real));
}

size_t param_grad_size(const struct param *p)
{
    return (p->sparse ? p->n_touched : p->rows) * p->cols;
}
