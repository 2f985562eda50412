#include "nn/optimizer.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

enum { CHUNK = 1 << 12 };

struct adam {
    real decay, rate;
    real second_scale; /* 1 over the bias correction of v */
};

/* values[i] of one run of parameters, with its gradient and moments. */
static void adam_run(const struct adam *a, real *w, const real *grad, real *m,
                     real *v, size_t n)
{
    const real b1 = (real).9, b2 = (real).999, epsilon = (real)1e-8;
    const real rest1 = (real)(1 - .9), rest2 = (real)(1 - .999);

    for (size_t i = 0; i < n; i++) {
        real g = grad[i] + a->decay * w[i];
        m[i] = b1 * m[i] + rest1 * g;
        v[i] = b2 * v[i] + rest2 * g * g;
        w[i] -= a->rate * m[i] /
                ((real)sqrt((double)(v[i] * a->second_scale)) + epsilon);
    }
}

/* Dense parameters in chunks, sparse ones row by row: outputs, no sums. */
static void step_param(const struct adam *a, struct param *p)
{
    size_t unit = p->sparse ? p->cols : CHUNK;
    size_t size = param_grad_size(p), n = unit ? (size + unit - 1) / unit : 0;

#pragma omp parallel for schedule(static) if (size > 16 * CHUNK)
    for (size_t c = 0; c < n; c++) {
        size_t at = p->sparse ? p->touched[c] * unit : c * unit;
        size_t len = size - c * unit < unit ? size - c * unit : unit;
        adam_run(a, p->value + at, p->grad + c * unit, p->first + at,
                 p->second + at, len);
    }
}

static double squares(const real *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += (double)x[i] * (double)x[i];
    return sum;
}

/* The touched rows of a sparse parameter, all of a dense one. */
static void gather(const struct param *p, real *to)
{
    size_t unit = p->sparse ? p->cols : 1, n = param_grad_size(p);

    for (size_t i = 0; i < n; i++)
        to[i] =
            p->value[p->sparse ? p->touched[i / unit] * unit + i % unit : i];
}

/* Steps one parameter and adds its squares to the norms. */
static void measured_step(const struct adam *a, struct param *p,
                          struct step_norms *norms)
{
    size_t n = param_grad_size(p);
    real *before = mem_alloc(n, sizeof(real)),
         *after = mem_alloc(n, sizeof(real));

    gather(p, before);
    step_param(a, p);
    gather(p, after);
    norms->gradient += squares(p->grad, n);
    norms->value += squares(before, n);
    for (size_t i = 0; i < n; i++)
        after[i] -= before[i];
    norms->update += squares(after, n);
    free(before);
    free(after);
}

void optimizer_step(struct optimizer *o, struct net *net,
                    struct step_norms *norms)
{
    double t = (double)++o->step;
    struct adam a = {.decay = (real)o->weight_decay,
                     .rate = (real)(o->learning_rate / (1 - pow(.9, t))),
                     .second_scale = (real)(1 / (1 - pow(.999, t)))};
    struct param *p;

    if (norms)
        *norms = (struct step_norms){0, 0, 0};
    for (size_t i = 0; (p = net_param(net, i)); i++) {
        if (norms)
            measured_step(&a, p, norms);
        else
            step_param(&a, p);
    }
    if (norms) {
        norms->gradient = sqrt(norms->gradient);
        norms->update = sqrt(norms->update);
        norms->value = sqrt(norms->value);
    }
}
