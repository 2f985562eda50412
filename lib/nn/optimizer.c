#include "nn/optimizer.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/simd.h"

/* Values that one thread steps at a time; so many are worth a second one. */
enum { CHUNK = 1 << 10, PARALLEL_VALUES = 1 << 15, SUMS = 8, AHEAD = 8 };

/* What is the same for all values in one step. */
struct rule {
    real clip, decay, l1; /* what makes g of a gradient */
    bool plain;           /* they leave it as it is */
    real rate;
    real shrink;         /* adamw: what it leaves of the weights */
    real memory, rest;   /* of the first moment (mu in momentum) */
    real memory2, rest2; /* of the second */
    real scale2;         /* 1 over its bias correction */
    real epsilon;
    void (*run)(const struct rule *rule, real *w, const real *g, real *m,
                real *v, size_t n);
};

static inline real root(real x)
{
#ifdef NN_DOUBLE
    return sqrt(x);
#else
    return sqrtf(x);
#endif
}

/* ---- n weights of one run, with their gradients and moments ---- */

SIMD_CLONES static void sgd(const struct rule *restrict r, real *w,
                            const real *g, real *m, real *v, size_t n)
{
    (void)m;
    (void)v;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        w[i] -= r->rate * g[i];
}

/* m starts at zero, so that it is g in the first step. */
SIMD_CLONES static void momentum(const struct rule *restrict r, real *w,
                                 const real *g, real *m, real *v, size_t n)
{
    (void)v;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        m[i] = r->memory * m[i] + g[i];
        w[i] -= r->rate * m[i];
    }
}

SIMD_CLONES static void nesterov(const struct rule *restrict r, real *w,
                                 const real *g, real *m, real *v, size_t n)
{
    (void)v;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        m[i] = r->memory * m[i] + g[i];
        w[i] -= r->rate * (g[i] + r->memory * m[i]);
    }
}

SIMD_CLONES static void rmsprop(const struct rule *restrict r, real *w,
                                const real *g, real *m, real *v, size_t n)
{
    (void)m;
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        v[i] = r->memory2 * v[i] + r->rest2 * g[i] * g[i];
        w[i] -= r->rate * g[i] / (root(v[i]) + r->epsilon);
    }
}

SIMD_CLONES static void adam(const struct rule *restrict r, real *w,
                             const real *g, real *m, real *v, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++) {
        m[i] = r->memory * m[i] + r->rest * g[i];
        v[i] = r->memory2 * v[i] + r->rest2 * g[i] * g[i];
        w[i] = w[i] * r->shrink -
               r->rate * m[i] / (root(v[i] * r->scale2) + r->epsilon);
    }
}

/* ---- the rule of a step ---- */

static void set_moments(struct rule *r, double memory, double memory2)
{
    r->memory = (real)memory;
    r->rest = (real)(1 - memory);
    r->memory2 = (real)memory2;
    r->rest2 = (real)(1 - memory2);
}

static void set_adam(struct rule *r, const struct hyper *h, double rate,
                     double t)
{
    set_moments(r, h->beta1, h->beta2);
    r->run = adam;
    r->rate = (real)(rate / (1 - pow(h->beta1, t)));
    r->scale2 = (real)(1 / (1 - pow(h->beta2, t)));
    if (h->optimizer == OPTIMIZER_ADAMW) {
        r->shrink = (real)(1 - rate * h->weight_decay);
        r->decay = 0;
    }
}

static struct rule rule_of(const struct optimizer *o, double clip)
{
    const struct hyper *h = o->hyper;
    struct rule r = {.clip = (real)clip,
                     .decay = (real)h->weight_decay,
                     .l1 = (real)h->l1,
                     .rate = (real)o->learning_rate,
                     .shrink = 1,
                     .epsilon = (real)h->epsilon};

    switch ((enum optimizer_kind)h->optimizer) {
    case OPTIMIZER_SGD:
        r.run = sgd;
        break;
    case OPTIMIZER_MOMENTUM:
    case OPTIMIZER_NESTEROV:
        set_moments(&r, h->momentum, 0);
        r.run = h->optimizer == OPTIMIZER_MOMENTUM ? momentum : nesterov;
        break;
    case OPTIMIZER_RMSPROP:
        set_moments(&r, 0, h->alpha);
        r.run = rmsprop;
        break;
    case OPTIMIZER_ADAM:
    case OPTIMIZER_ADAMW:
        set_adam(&r, h, o->learning_rate, (double)o->step);
    }
    r.plain = clip == 1 && r.decay == 0 && r.l1 == 0;
    return r;
}

/* ---- a parameter, in chunks ---- */

/*
 * A chunk is CHUNK values of a dense parameter, or one touched row of a sparse
 * one: `at` in value and moments, `grad_at` in grad.
 */
struct chunk {
    size_t at, grad_at, n;
};

static size_t chunk_size(const struct param *p)
{
    return p->sparse ? p->cols : CHUNK;
}

static size_t count_chunks(const struct param *p)
{
    size_t unit = chunk_size(p);

    return unit ? (param_grad_size(p) + unit - 1) / unit : 0;
}

static struct chunk chunk_of(const struct param *p, size_t i)
{
    size_t unit = chunk_size(p), begin = i * unit,
           left = param_grad_size(p) - begin;

    return (struct chunk){p->sparse ? p->touched[i] * unit : begin, begin,
                          left < unit ? left : unit};
}

/* Sums side by side: a fixed order that the processor can overlap. */
SIMD_CLONES static double squares(const real *x, size_t n)
{
    double sum[SUMS] = {0}, all = 0;
    size_t i = 0;

    for (; i + SUMS <= n; i += SUMS)
#pragma omp simd
        for (size_t l = 0; l < SUMS; l++)
            sum[l] += (double)x[i + l] * (double)x[i + l];
    for (; i < n; i++)
        sum[0] += (double)x[i] * (double)x[i];
    for (size_t l = 0; l < SUMS; l++)
        all += sum[l];
    return all;
}

SIMD_CLONES static void form_gradient(const struct rule *restrict r, real *g,
                                      const real *grad, const real *w, size_t n)
{
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        g[i] = r->clip * grad[i] + r->decay * w[i];
    if (r->l1 <= 0)
        return;
#pragma omp simd
    for (size_t i = 0; i < n; i++)
        g[i] += r->l1 * (real)((w[i] > 0) - (w[i] < 0));
}

/* At most CHUNK values; adds their squares to the norms, unless NULL. */
static void step_run(const struct rule *r, struct param *p, struct chunk c,
                     struct step_norms *norms)
{
    real g[CHUNK], before[CHUNK], *w = p->value + c.at;

    if (c.n == 0)
        return;
    if (norms)
        memcpy(before, w, c.n * sizeof(real));
    if (r->plain) {
        r->run(r, w, p->grad + c.grad_at, p->first + c.at, p->second + c.at,
               c.n);
    } else {
        form_gradient(r, g, p->grad + c.grad_at, w, c.n);
        r->run(r, w, g, p->first + c.at, p->second + c.at, c.n);
    }
    if (!norms)
        return;
    norms->gradient += squares(p->grad + c.grad_at, c.n);
    norms->value += squares(before, c.n);
    for (size_t i = 0; i < c.n; i++)
        before[i] = w[i] - before[i];
    norms->update += squares(before, c.n);
}

/* Rows of a sparse parameter may be longer than CHUNK. */
static void step_chunk(const struct rule *r, struct param *p, struct chunk c,
                       struct step_norms *norms)
{
    for (size_t i = 0; i < c.n; i += CHUNK)
        step_run(r, p,
                 (struct chunk){c.at + i, c.grad_at + i,
                                c.n - i < CHUNK ? c.n - i : CHUNK},
                 norms);
}

static void add_norms(struct step_norms *to, const struct step_norms *from)
{
    to->gradient += from->gradient;
    to->update += from->update;
    to->value += from->value;
}

/* The rows of an embedding are far apart: one is asked for ahead of its turn.
 */
static void fetch_ahead(const struct param *p, size_t i)
{
    size_t at;

    if (!p->sparse || i + AHEAD >= p->n_touched)
        return;
    at = p->touched[i + AHEAD] * p->cols;
    __builtin_prefetch(p->value + at, 1);
    __builtin_prefetch(p->first + at, 1);
    __builtin_prefetch(p->second + at, 1);
}

/* In a parallel region; parts has the norms of each chunk, or is NULL. */
static void step_param(const struct rule *r, struct param *p,
                       struct step_norms *parts)
{
    size_t n = count_chunks(p);

#pragma omp for schedule(static) nowait
    for (size_t i = 0; i < n; i++) {
        fetch_ahead(p, i);
        step_chunk(r, p, chunk_of(p, i), parts ? &parts[i] : NULL);
    }
}

/* ---- all parameters ---- */

static double gradient_squares(const struct param *p)
{
    size_t n = count_chunks(p);
    double *parts = mem_alloc(n, sizeof(*parts)), sum = 0;

#pragma omp parallel for schedule(static) if (param_grad_size(p) > \
                                              PARALLEL_VALUES)
    for (size_t i = 0; i < n; i++) {
        struct chunk c = chunk_of(p, i);
        parts[i] = squares(p->grad + c.grad_at, c.n);
    }
    for (size_t i = 0; i < n; i++)
        sum += parts[i];
    free(parts);
    return sum;
}

static double gradient_norm(struct net *net)
{
    const struct param *p;
    double sum = 0;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        sum += p->fixed ? 0 : gradient_squares(p);
    return sqrt(sum);
}

/* A norm that is not finite is left to be found. */
static double clip_factor(double norm, double most)
{
    return norm > most && isfinite(norm) ? most / norm : 1;
}

double optimizer_clip(struct net *net, double most)
{
    double norm = gradient_norm(net);
    real factor = (real)clip_factor(norm, most);
    struct param *p;

    for (size_t i = 0; (p = net_param(net, i)) && factor < 1; i++) {
        size_t n = p->fixed ? 0 : param_grad_size(p);
#pragma omp parallel for simd schedule(static) if (n > PARALLEL_VALUES)
        for (size_t j = 0; j < n; j++)
            p->grad[j] *= factor;
    }
    return norm;
}

/* No parameter waits for another. */
static void step_all(const struct rule *rule, struct net *net,
                     struct step_norms *parts)
{
    struct param *p;
    size_t values = 0;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        values += p->fixed ? 0 : param_grad_size(p);
#pragma omp parallel private(p) if (values > PARALLEL_VALUES)
    for (size_t i = 0, at = 0; (p = net_param(net, i)); i++)
        if (!p->fixed) {
            step_param(rule, p, parts ? parts + at : NULL);
            at += count_chunks(p);
        }
}

static void step_and_measure(const struct rule *rule, struct net *net,
                             struct step_norms *norms)
{
    struct step_norms *parts;
    const struct param *p;
    size_t n = 0;

    for (size_t i = 0; (p = net_param(net, i)); i++)
        n += p->fixed ? 0 : count_chunks(p);
    parts = mem_zalloc(n, sizeof(*parts));
    step_all(rule, net, parts);
    memset(norms, 0, sizeof(*norms));
    for (size_t i = 0; i < n; i++)
        add_norms(norms, &parts[i]);
    free(parts);
    norms->gradient = sqrt(norms->gradient);
    norms->update = sqrt(norms->update);
    norms->value = sqrt(norms->value);
}

void optimizer_step(struct optimizer *o, struct net *net,
                    struct step_norms *norms)
{
    double most = o->hyper->clip;
    struct rule rule;

    o->step++;
    rule = rule_of(o, most > 0 ? clip_factor(gradient_norm(net), most) : 1);
    if (norms)
        step_and_measure(&rule, net, norms);
    else
        step_all(&rule, net, NULL);
}
