#include "nn/loss.h"

#include <math.h>

#include "base/simd.h"
#include "nn/elementary.h"

enum { SOME = 64 };

size_t largest(const real *logit, size_t classes)
{
    size_t best = 0;

    for (size_t k = 1; k < classes; k++)
        if (logit[k] > logit[best])
            best = k;
    return best;
}

void softmax(real *prob, const real *logit, size_t classes)
{
    real top = logit[largest(logit, classes)];
    double sum = 0;

    for (size_t k = 0; k < classes; k++) {
        double e = exp((double)(logit[k] - top));
        prob[k] = (real)e;
        sum += e;
    }
    for (size_t k = 0; k < classes; k++)
        prob[k] = (real)((double)prob[k] / sum);
}

/* ln p_k = (z_k - top) - log_sum, exact where one class has nearly all. */
struct scale {
    double top, log_sum;
};

/* e[k] = e^(logit_k - top) */
SIMD_CLONES static void exps(real *e, const real *logit, real top, size_t n)
{
#pragma omp simd
    for (size_t k = 0; k < n; k++)
        e[k] = exp_of(logit[k] - top);
}

static struct scale scale_of(const real *logit, size_t classes)
{
    size_t best = largest(logit, classes);
    double others = 0;
    real e[SOME];

    for (size_t at = 0; at < classes; at += SOME) {
        size_t n = classes - at < SOME ? classes - at : SOME;
        exps(e, logit + at, logit[best], n);
        for (size_t k = 0; k < n; k++)
            others += at + k == best ? 0 : (double)e[k];
    }
    return (struct scale){(double)logit[best], log1p(others)};
}

static double log_prob(struct scale s, real logit)
{
    return ((double)logit - s.top) - s.log_sum;
}

double cross_entropy(const real *logit, size_t classes, size_t label)
{
    struct scale s = scale_of(logit, classes);

    return s.log_sum - ((double)logit[label] - s.top);
}

/* t_k */
static double target(const struct hyper *h, size_t classes, size_t label,
                     size_t k)
{
    return (k == label ? 1 - h->label_smoothing : 0) +
           h->label_smoothing / (double)classes;
}

/* One class's part of the loss; log_p is ln p_k, t is t_k. */
static double term(const struct hyper *h, double log_p, double t)
{
    double p = exp(log_p);

    switch ((enum loss_kind)h->loss) {
    case LOSS_CROSS_ENTROPY:
        return -t * log_p;
    case LOSS_FOCAL:
        return t > 0 ? -t * pow(-expm1(log_p), h->focal_gamma) * log_p : 0;
    case LOSS_SQUARED:
        return (p - t) * (p - t);
    }
    return 0;
}

double loss_value(const struct hyper *h, const real *logit, size_t classes,
                  size_t label)
{
    struct scale s;
    double sum = 0;

    if (h->loss == LOSS_CROSS_ENTROPY && h->label_smoothing <= 0)
        return cross_entropy(logit, classes, label);
    s = scale_of(logit, classes);
    for (size_t k = 0; k < classes; k++)
        sum += term(h, log_prob(s, logit[k]), target(h, classes, label, k));
    return sum;
}

/*
 * p_k dterm/dp_k.  In focal, with q = 1 - p_k, that is
 * t q^gamma (gamma p ln p / q - 1), where ln p / q goes to -1 with q to 0.
 */
static double slope(const struct hyper *h, double log_p, double t)
{
    double p = exp(log_p), q = -expm1(log_p), gamma = h->focal_gamma;

    if (h->loss == LOSS_SQUARED)
        return 2 * (p - t) * p;
    if (h->loss == LOSS_CROSS_ENTROPY || t <= 0)
        return -t;
    return t * pow(q, gamma) * (gamma * p * (q > 0 ? log_p / q : -1) - 1);
}

/* dL/dz_j = p_j dL/dp_j - p_j sum_k p_k dL/dp_k */
static void add_slopes(const struct hyper *h, real *dlogit, const real *logit,
                       size_t classes, size_t label, double scale, real *slopes)
{
    struct scale s = scale_of(logit, classes);
    double sum = 0;

    for (size_t k = 0; k < classes; k++) {
        double own =
            slope(h, log_prob(s, logit[k]), target(h, classes, label, k));
        slopes[k] = (real)own;
        sum += own;
    }
    for (size_t k = 0; k < classes; k++) {
        double p = exp(log_prob(s, logit[k]));
        dlogit[k] += (real)(scale * ((double)slopes[k] - p * sum));
    }
}

/* dL/dz_j = p_j - t_j */
static void add_cross_entropy(const struct hyper *h, real *dlogit,
                              const real *logit, size_t classes, size_t label,
                              real scale, real *scratch)
{
    real rest = (real)(h->label_smoothing / (double)classes), share;
    double sum = 0;

    exps(scratch, logit, logit[largest(logit, classes)], classes);
    for (size_t k = 0; k < classes; k++)
        sum += (double)scratch[k];
    share = (real)(1 / sum);
    for (size_t k = 0; k < classes; k++)
        dlogit[k] += scale * (scratch[k] * share - rest);
    dlogit[label] -= scale * (real)(1 - h->label_smoothing);
}

void loss_add_gradient(const struct hyper *h, real *dlogit, const real *logit,
                       size_t classes, size_t label, real scale, real *scratch)
{
    if (h->loss != LOSS_CROSS_ENTROPY) {
        add_slopes(h, dlogit, logit, classes, label, (double)scale, scratch);
        return;
    }
    add_cross_entropy(h, dlogit, logit, classes, label, scale, scratch);
}
