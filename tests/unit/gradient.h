/*
 * gradient: one layer alone, with random tensors, and its gradients against
 * central differences: relative error at most 1e-6, everywhere.
 *
 * To be included after <cmocka.h>.  Make a zeroed struct gradient_case; fill
 * its batch (gradient_rows or gradient_steps), its pass and its layer; then
 * gradient_check.  The loss is the sum of dy y.  Differences need double
 * precision, that is, a test_nn_*.c.
 */
#ifndef TESTS_GRADIENT_H
#define TESTS_GRADIENT_H

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/rng.h"
#include "nn/layer.h"

/*
 * dy is zero in padded rows and behind the end of a sequence; x and other are
 * random there too.
 */
struct gradient_case {
    struct layer layer;
    struct batch batch;
    struct pass pass;
    bool has_other; /* the layer reads a second input */
    real *x, *other, *y, *dy, *dx, *d_other, *keep;
};

/* ---- batches ---- */

/* n rows without numbers, of one step. */
static inline void gradient_rows(struct batch *b, size_t n)
{
    memset(b, 0, sizeof(*b));
    b->n = n;
    b->padded = b->capacity = (n + BATCH_TILE - 1) / BATCH_TILE * BATCH_TILE;
    b->steps = 1;
    b->length = mem_zalloc(b->padded, sizeof(*b->length));
    for (size_t r = 0; r < b->padded; r++)
        b->length[r] = 1;
}

/* n rows of 1 to `steps` steps; the last one has all of them. */
static inline void gradient_steps(struct batch *b, size_t n, size_t steps,
                                  struct rng *rng)
{
    gradient_rows(b, n);
    b->steps = steps;
    for (size_t r = 0; r < n; r++)
        b->length[r] = (uint32_t)(1 + rng_below(rng, steps));
    b->length[n - 1] = (uint32_t)steps;
}

/* ---- tensors ---- */

/* Random values of mean 0 and variance 1. */
static inline real *gradient_values(size_t n, struct rng *rng)
{
    real *x = mem_aligned(n, sizeof(*x));

    for (size_t i = 0; i < n; i++)
        x[i] = (real)(sqrt(12) * (rng_uniform(rng) - .5));
    return x;
}

/* Whether value i of a tensor of this shape is one of a row's own. */
static inline bool gradient_is_own(const struct batch *b,
                                   const struct shape *shape, size_t i)
{
    size_t size = shape_size(shape, b), r = i / size;

    return r < b->n &&
           (!shape->steps || i % size / shape->channels < b->length[r]);
}

static inline struct layer_io gradient_io(struct gradient_case *k)
{
    return (struct layer_io){.batch = &k->batch,
                             .pass = &k->pass,
                             .x = k->x,
                             .other = k->has_other ? k->other : NULL,
                             .y = k->y,
                             .keep = k->keep};
}

static inline void gradient_forward(struct gradient_case *k)
{
    struct layer_io io = gradient_io(k);

    k->layer.ops->forward(&k->layer, &io);
}

/* dx, d_other and the gradients of the parameters, for dy. */
static inline void gradient_backward(struct gradient_case *k)
{
    struct layer_io io = gradient_io(k);

    io.dy = k->dy;
    io.dx = k->dx;
    io.d_other = k->has_other ? k->d_other : NULL;
    k->layer.ops->backward(&k->layer, &io);
}

/* Fills the tensors with random numbers, what is to be overwritten too. */
static inline void gradient_fill(struct gradient_case *k, struct rng *rng)
{
    size_t in = k->batch.padded * shape_size(&k->layer.in, &k->batch),
           out = k->batch.padded * shape_size(&k->layer.out, &k->batch),
           keep = k->layer.ops->keep ? k->layer.ops->keep(&k->layer, &k->batch)
                                     : 0;

    k->x = gradient_values(in, rng);
    k->other = gradient_values(k->has_other ? in : 0, rng);
    k->dx = gradient_values(in, rng);
    k->d_other = gradient_values(k->has_other ? in : 0, rng);
    k->y = gradient_values(out, rng);
    k->dy = gradient_values(out, rng);
    k->keep = gradient_values(k->batch.padded * keep, rng);
    for (size_t i = 0; i < out; i++)
        if (!gradient_is_own(&k->batch, &k->layer.out, i))
            k->dy[i] = 0;
    for (int i = 0; i < k->layer.n_params; i++)
        for (size_t j = 0;
             !k->layer.params[i].sparse && j < param_size(&k->layer.params[i]);
             j++)
            k->layer.params[i].grad[j] = (real)rng_normal(rng);
}

/* Frees the tensors alone, so that another batch can be tried. */
static inline void gradient_free_tensors(struct gradient_case *k)
{
    free(k->x);
    free(k->other);
    free(k->y);
    free(k->dy);
    free(k->dx);
    free(k->d_other);
    free(k->keep);
    k->x = k->other = k->y = k->dy = k->dx = k->d_other = k->keep = NULL;
}

static inline void gradient_release(struct gradient_case *k)
{
    layer_release(&k->layer);
    batch_release(&k->batch);
    gradient_free_tensors(k);
}

/* ---- differences ---- */

#ifdef NN_DOUBLE

#define GRADIENT_LIMIT 1e-6
#define GRADIENT_STEP 1e-5

static inline double gradient_loss(struct gradient_case *k)
{
    size_t n = k->batch.padded * shape_size(&k->layer.out, &k->batch);
    double sum = 0;

    gradient_forward(k);
    for (size_t i = 0; i < n; i++)
        sum += k->dy[i] != 0 ? k->dy[i] * k->y[i] : 0;
    return sum;
}

static inline double gradient_difference(struct gradient_case *k, double *value)
{
    double kept = *value, above, below;

    *value = kept + GRADIENT_STEP;
    above = gradient_loss(k);
    *value = kept - GRADIENT_STEP;
    below = gradient_loss(k);
    *value = kept;
    return (above - below) / (2 * GRADIENT_STEP);
}

/* Below 1e-4 a central difference has too few digits: absolute, 1e-10. */
static inline double gradient_relative(double a, double b)
{
    return fabs(a - b) / fmax(fmax(fabs(a), fabs(b)), 1e-4);
}

/* The largest relative error of gradient[n] with respect to value[n]. */
static inline double gradient_worst(struct gradient_case *k, double *value,
                                    const double *gradient, size_t n)
{
    double most = 0;

    for (size_t i = 0; i < n; i++) {
        double error =
            gradient_relative(gradient_difference(k, &value[i]), gradient[i]);
        most = error > most || isnan(error) ? error : most;
    }
    return most;
}

/* The gradient of a parameter as [rows][cols], whether sparse or not. */
static inline double *gradient_of_param(const struct param *p)
{
    double *full = mem_zalloc(param_size(p), sizeof(*full));

    if (!p->sparse)
        memcpy(full, p->grad, param_size(p) * sizeof(*full));
    for (size_t i = 0; p->sparse && i < p->n_touched; i++)
        memcpy(full + p->touched[i] * p->cols, p->grad + i * p->cols,
               p->cols * sizeof(*full));
    return full;
}

static inline double gradient_worst_param(struct gradient_case *k,
                                          struct param *p)
{
    double *gradient = gradient_of_param(p);
    double error = gradient_worst(k, p->value, gradient, param_size(p));

    free(gradient);
    return error;
}

/*
 * That of an input.  Zero, and without influence, where the value is not a
 * row's own.
 */
static inline double gradient_worst_input(struct gradient_case *k, double *x,
                                          const double *dx)
{
    size_t n = k->batch.padded * shape_size(&k->layer.in, &k->batch);
    double error = gradient_worst(k, x, dx, n);

    for (size_t i = 0; i < n; i++)
        if (!gradient_is_own(&k->batch, &k->layer.in, i) && dx[i] != 0)
            error = INFINITY;
    return error;
}

/* ---- checks ---- */

static inline void gradient_assert(double error, const char *what)
{
    if (!(error <= GRADIENT_LIMIT))
        fail_msg("%s: relative error %.3g", what, error);
}

/* The gradients that are there, after gradient_backward. */
static inline void gradient_compare(struct gradient_case *k)
{
    gradient_assert(gradient_worst_input(k, k->x, k->dx), "input");
    if (k->has_other)
        gradient_assert(gradient_worst_input(k, k->other, k->d_other),
                        "other input");
    for (int i = 0; i < k->layer.n_params; i++)
        if (!k->layer.params[i].fixed)
            gradient_assert(gradient_worst_param(k, &k->layer.params[i]),
                            k->layer.params[i].name);
}

/* The same once more for nobody who needs dx: gradients of parameters stay. */
static inline void gradient_without_dx(struct gradient_case *k)
{
    struct layer_io io = gradient_io(k);
    double *before[LAYER_PARAMS];

    for (int i = 0; i < k->layer.n_params; i++)
        before[i] = gradient_of_param(&k->layer.params[i]);
    io.dy = k->dy;
    k->layer.ops->forward(&k->layer, &io);
    k->layer.ops->backward(&k->layer, &io);
    for (int i = 0; i < k->layer.n_params; i++) {
        const struct param *p = &k->layer.params[i];
        double *after = gradient_of_param(p);
        if (!p->fixed)
            assert_memory_equal(before[i], after,
                                param_size(p) * sizeof(double));
        free(before[i]);
        free(after);
    }
}

/* All of it; releases the case. */
static inline void gradient_check(struct gradient_case *k, struct rng *rng)
{
    gradient_fill(k, rng);
    gradient_forward(k);
    gradient_backward(k);
    gradient_without_dx(k);
    gradient_compare(k);
    gradient_release(k);
}

#endif

#endif
