#include "stats/label_shift.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/contingency.h"
#include "stats/label_shift_parts.h"

enum { DRAWS = 1000, TABLES = 2000 };

static const double EM_PRECISION = 1e-9;

/* ---- what there is of either side ---- */

static void find_labelled(struct shift_problem *x)
{
    size_t *row = mem_alloc(x->source->n + 1, sizeof(*row));

    for (size_t i = 0; i < x->source->n; i++)
        if (x->source->label && x->source->label[i] < x->classes)
            row[x->n_labelled++] = i;
    x->labelled = row;
}

static void sum_source(struct shift_problem *x)
{
    size_t k = x->classes;

    for (size_t r = 0; r < x->n_labelled; r++) {
        const float *p = x->source->p + x->labelled[r] * k;
        size_t label = x->source->label[x->labelled[r]];
        x->prior[label]++;
        x->hard[shift_predicted(p, k) * k + label]++;
        for (size_t i = 0; i < k; i++)
            x->soft[i * k + label] += (double)p[i];
    }
}

static void sum_target(struct shift_problem *x)
{
    size_t k = x->classes;

    for (size_t r = 0; r < x->target->n; r++) {
        const float *p = x->target->p + r * k;
        x->hard_seen[shift_predicted(p, k)]++;
        for (size_t i = 0; i < k; i++)
            x->soft_seen[i] += (double)p[i];
    }
}

/* Are the two mixes of predicted classes one? */
static double test_mix(const struct shift_problem *x, uint64_t seed)
{
    size_t k = x->classes;
    double *count = mem_zalloc(2 * k, sizeof(*count)), p;

    for (size_t i = 0; i < k * k; i++)
        count[i / k] += x->hard[i];
    memcpy(count + k, x->hard_seen, k * sizeof(*count));
    p = homogeneity_test(count, 2, k, TABLES, seed).p;
    free(count);
    return p;
}

static void to_shares(double *x, size_t n)
{
    double sum = 0;

    for (size_t i = 0; i < n; i++)
        sum += x[i];
    for (size_t i = 0; i < n && sum > 0; i++)
        x[i] /= sum;
}

static void problem_init(struct shift_problem *x,
                         const struct class_probs *source,
                         const struct class_probs *target, size_t k)
{
    *x = (struct shift_problem){
        .source = source, .target = target, .classes = k};
    x->hard = mem_zalloc(2 * k * k + 4 * k + 1, sizeof(double));
    x->soft = x->hard + k * k;
    x->hard_seen = x->soft + k * k;
    x->soft_seen = x->hard_seen + k;
    x->prior = x->soft_seen + k;
    x->mean = x->prior + k;
    find_labelled(x);
    sum_source(x);
    sum_target(x);
}

static void problem_to_shares(struct shift_problem *x)
{
    size_t k = x->classes;

    to_shares(x->hard, k * k);
    to_shares(x->soft, k * k);
    to_shares(x->hard_seen, k);
    to_shares(x->soft_seen, k);
    to_shares(x->prior, k);
}

static void problem_release(struct shift_problem *x)
{
    free(x->hard);
    free(x->noise);
    free((size_t *)x->labelled);
}

static struct shift_shares shares_of(const struct shift_problem *x, bool soft)
{
    return (struct shift_shares){x->classes, soft ? x->soft : x->hard, x->prior,
                                 soft ? x->soft_seen : x->hard_seen, x->noise};
}

/* ---- which method ---- */

/* Above GOOD, probabilities say much more than predicted classes; above
 * SINGULAR, little can be known by any method. */
static const double GOOD = 2, SINGULAR = 30, MISCALIBRATED = .01;

static void choose(struct label_shift *fit, const struct shift_problem *x,
                   const struct label_shift_options *o)
{
    if (o->chosen) {
        fit->method = o->method;
        fit->reason = "it was asked for";
    } else if (fit->classes < fit->absent + 2) {
        fit->method = LABEL_SHIFT_BBSE_SOFT;
        fit->reason = "labelled rows are of one class, from which nothing is "
                      "told apart: its share is taken for all";
    } else if (fit->condition <= GOOD) {
        fit->method = LABEL_SHIFT_BBSE_HARD;
        fit->reason = "predictions tell the classes apart well, and it needs "
                      "no probabilities";
    } else if (fit->misfit_p < LABEL_SHIFT_MISFIT) {
        fit->method = LABEL_SHIFT_RLLS;
        fit->reason = "classes are confused, and do not look as they did; "
                      "weights that are hard to tell are drawn toward 1";
    } else if (!x->calibration->parameters) {
        fit->method = LABEL_SHIFT_RLLS;
        fit->reason = "classes are confused, which makes noise large, and "
                      "probabilities cannot be calibrated on these rows; "
                      "weights are drawn toward 1";
    } else if (shift_calibrated_p(x) < MISCALIBRATED) {
        fit->method = LABEL_SHIFT_RLLS;
        fit->reason = "classes are confused, which makes noise large, and "
                      "probabilities stay miscalibrated; weights are drawn "
                      "toward 1";
    } else {
        fit->method = LABEL_SHIFT_EM;
        fit->reason = "classes are confused, where probabilities say more than "
                      "predicted classes, once calibrated";
    }
}

/* ---- fitting ---- */

static float *calibrated(const struct shift_problem *x)
{
    size_t k = x->classes;
    float *p = mem_alloc(x->target->n * k + 1, sizeof(*p));

#pragma omp parallel for schedule(static) if (x->target->n * k > 1 << 16)
    for (size_t i = 0; i < x->target->n; i++)
        class_calibration_apply(x->calibration, x->target->p + i * k,
                                p + i * k);
    return p;
}

static void estimate_em(struct shift_problem *x, struct label_shift *fit)
{
    float *p = calibrated(x);

    shift_mean(x, x->calibration, x->mean);
    shift_em(p, x->target->n, x->classes, x->mean, EM_PRECISION, fit->weight);
    for (size_t k = 0; k < x->classes; k++)
        if (x->prior[k] > 0)
            fit->weight[k] *= x->mean[k] / x->prior[k];
    free(p);
}

static void estimate_linear(struct shift_problem *x, struct label_shift *fit)
{
    struct shift_shares shares;

    if (fit->method == LABEL_SHIFT_RLLS) {
        x->noise = mem_zalloc(x->classes * x->classes, sizeof(*x->noise));
        shift_noise(x, x->noise);
    }
    shares = shares_of(x, fit->method != LABEL_SHIFT_BBSE_HARD);
    shift_solve(&shares, fit->method, fit->weight);
}

static void label_shift_init(struct label_shift *fit, size_t classes)
{
    *fit = (struct label_shift){.classes = classes};
    fit->source = mem_zalloc(3 * classes + 1, sizeof(double));
    fit->target = fit->source + classes;
    fit->weight = fit->target + classes;
    fit->target_ci = mem_alloc(2 * classes + 1, sizeof(struct interval));
    fit->weight_ci = fit->target_ci + classes;
    for (size_t k = 0; k < classes; k++) {
        fit->weight[k] = 1;
        fit->target_ci[k] = fit->weight_ci[k] = interval_unknown();
    }
}

/* What either side has too few of. */
static void count_gaps(const struct shift_problem *x, struct label_shift *fit)
{
    for (size_t k = 0; k < x->classes; k++) {
        if (!(x->prior[k] > 0))
            fit->absent++;
        else if (!(x->hard_seen[k] > 0))
            fit->unpredicted++;
    }
}

static void take_misfit(struct shift_problem *x, struct label_shift *fit)
{
    struct shift_misfit misfit = {NAN, 1, NAN};

    if (x->n_labelled && x->target->n)
        misfit = shift_misfit(x);
    x->dispersion = misfit.dispersion;
    fit->misfit_p = misfit.p;
    fit->misfit = misfit.share;
}

static void take_calibration(struct label_shift *fit,
                             struct class_calibration *calibration)
{
    fit->temperature = 1 / calibration->inverse;
    fit->bias = calibration->bias;
    calibration->bias = NULL;
}

/* What is to be known before the method is. */
static void examine(struct shift_problem *x, struct label_shift *fit,
                    uint64_t seed)
{
    struct shift_shares hard;

    fit->n_source = (double)x->n_labelled;
    fit->n_target = (double)x->target->n;
    fit->p = test_mix(x, seed);
    problem_to_shares(x);
    memcpy(fit->source, x->prior, x->classes * sizeof(double));
    count_gaps(x, fit);
    take_misfit(x, fit);
    hard = shares_of(x, false);
    fit->condition = shift_condition(&hard);
    fit->singular = fit->condition > SINGULAR;
}

static void estimate(struct shift_problem *x, struct label_shift *fit)
{
    struct shift_shares soft = shares_of(x, true);

    if (fit->method == LABEL_SHIFT_BBSE_SOFT || fit->method == LABEL_SHIFT_RLLS)
        fit->condition = shift_condition(&soft);
    if (fit->method == LABEL_SHIFT_EM)
        estimate_em(x, fit);
    else
        estimate_linear(x, fit);
    shift_settle(x->classes, x->prior, fit->weight, fit->target);
}

void label_shift_fit(struct label_shift *fit, const struct class_probs *source,
                     const struct class_probs *target, size_t classes,
                     const struct label_shift_options *options)
{
    struct class_calibration calibration;
    struct shift_problem x;

    label_shift_init(fit, classes);
    problem_init(&x, source, target, classes);
    class_calibration_fit(&calibration, source->p, source->label,
                          x.n_labelled ? source->n : 0, classes, true);
    x.calibration = &calibration;
    examine(&x, fit, options->seed);
    choose(fit, &x, options);
    if (x.n_labelled && target->n) {
        estimate(&x, fit);
        shift_intervals(&x, options->draws ? options->draws : DRAWS,
                        options->seed, fit);
    }
    take_calibration(fit, &calibration);
    class_calibration_release(&calibration);
    problem_release(&x);
}

void label_shift_release(struct label_shift *fit)
{
    free(fit->source);
    free(fit->target_ci);
    free(fit->bias);
    *fit = (struct label_shift){0};
}

void label_shift_correct(const struct label_shift *fit, float *p)
{
    struct class_calibration calibration = {.classes = fit->classes,
                                            .inverse = 1 / fit->temperature,
                                            .bias = fit->bias};
    double sum = 0;

    if (fit->method == LABEL_SHIFT_EM)
        class_calibration_apply(&calibration, p, p);
    for (size_t k = 0; k < fit->classes; k++)
        sum += fit->weight[k] * (double)p[k];
    for (size_t k = 0; k < fit->classes && sum > 0; k++)
        p[k] = (float)(fit->weight[k] * (double)p[k] / sum);
}
