#include "stats/bias_variance.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>

#include "base/mem.h"

static const char *const names[PART_COUNT] = {"loss", "noise", "bias",
                                              "variance", "net_variance"};

const char *part_name(enum decomposition decomposition, enum part part)
{
    if (part < PART_EXTRA)
        return names[part];
    if (decomposition == PARTS_LOG_LOSS)
        return NULL;
    if (decomposition == PARTS_DOMINGOS)
        return part == PART_EXTRA ? "variance_unbiased" : "variance_biased";
    return part == PART_EXTRA ? "bias_corrected" : "variance_corrected";
}

static size_t largest(const double *value, size_t n)
{
    size_t best = 0;

    for (size_t k = 1; k < n; k++)
        if (value[k] > value[best])
            best = k;
    return best;
}

static double sum_of(const double *value, size_t n)
{
    double sum = 0;

    for (size_t k = 0; k < n; k++)
        sum += value[k];
    return sum;
}

/* A class that nobody predicted has none. */
static double at(const double *value, size_t classes, size_t class)
{
    return class < classes ? value[class] : 0;
}

/* The mean over q, or over the label, of values by class; 0 * inf is 0. */
static double mean_over(const double *chance, size_t label, const double *value,
                        size_t classes)
{
    double sum = 0;

    if (!chance)
        return at(value, classes, label);
    for (size_t k = 0; k < classes; k++)
        if (chance[k] > 0)
            sum += chance[k] * value[k];
    return sum;
}

/* The same of t: the label where there is one. */
static double mean_over_truth(const struct parts_truth *truth,
                              const double *value, size_t classes)
{
    return mean_over(truth->label == PARTS_NO_LABEL ? truth->chance : NULL,
                     truth->label, value, classes);
}

/* ---- 0-1 loss: Domingos ---- */

void parts_domingos(const double *votes, size_t classes,
                    const struct parts_truth *truth, struct row_parts *out)
{
    double all = sum_of(votes, classes), *value = out->value;
    size_t best = truth->chance ? largest(truth->chance, classes)
                                : truth->label;
    double right = at(votes, classes, best);
    double hit = mean_over_truth(truth, votes, classes);
    bool biased;

    out->main = largest(votes, classes);
    biased = out->main != best;
    value[PART_LOSS] = (all - hit) / all;
    value[PART_NOISE] = (right - hit) / all;
    value[PART_BIAS] = biased;
    value[PART_VARIANCE] = (all - votes[out->main]) / all;
    value[PART_NET_VARIANCE] = biased ? 0 - right / all : value[PART_VARIANCE];
    value[PART_EXTRA] = biased ? 0 : value[PART_VARIANCE];
    value[PART_OTHER_EXTRA] = biased ? value[PART_VARIANCE] : 0;
}

/* ---- quadratic losses ---- */

static double square(double x)
{
    return x * x;
}

/* |q - mean|². */
static double distance(const struct parts_truth *truth, const double *mean,
                       size_t classes)
{
    double sum = !truth->chance && truth->label >= classes;

    for (size_t k = 0; k < classes; k++)
        sum += square((truth->chance ? truth->chance[k] : k == truth->label) -
                      mean[k]);
    return sum;
}

/* scale * |e - p|² with p of that mean over replicas, and |p|² of the mean
 * `squares`. */
static void quadratic(const double *mean, double squares, double replicas,
                      double scale, size_t classes,
                      const struct parts_truth *truth, struct row_parts *out)
{
    const double *q = truth->chance;
    double hit = mean_over_truth(truth, mean, classes);
    double spread = 0, *value = out->value, correction;

    for (size_t k = 0; k < classes; k++)
        spread += square(mean[k]);
    spread = fmax(0, squares - spread);
    out->main = largest(mean, classes);
    value[PART_LOSS] = scale * (1 - 2 * hit + squares);
    value[PART_NOISE] = q ? scale * (1 - mean_over(q, 0, q, classes) +
                                     2 * (mean_over(q, 0, mean, classes) - hit))
                          : 0;
    value[PART_BIAS] = scale * distance(truth, mean, classes);
    value[PART_VARIANCE] = value[PART_NET_VARIANCE] = scale * spread;
    correction = replicas > 1 ? scale * spread / (replicas - 1) : NAN;
    value[PART_EXTRA] = value[PART_BIAS] - correction;
    value[PART_OTHER_EXTRA] = value[PART_VARIANCE] + correction;
}

void parts_kohavi_wolpert(const double *votes, size_t classes,
                          const struct parts_truth *truth,
                          struct row_parts *out)
{
    double all = sum_of(votes, classes);
    double *share = mem_alloc(classes, sizeof(*share));

    for (size_t k = 0; k < classes; k++)
        share[k] = votes[k] / all;
    quadratic(share, 1, all, .5, classes, truth, out);
    free(share);
}

void parts_brier(const double *sum, double squares, double replicas,
                 size_t classes, const struct parts_truth *truth,
                 struct row_parts *out)
{
    double *mean = mem_alloc(classes, sizeof(*mean));

    for (size_t k = 0; k < classes; k++)
        mean[k] = sum[k] / replicas;
    quadratic(mean, squares / replicas, replicas, 1, classes, truth, out);
    free(mean);
}

/* ---- log loss ---- */

/* ln of the sum of exp(x): -inf where all are. */
static double log_sum_exp(const double *x, size_t n)
{
    double most = x[largest(x, n)], sum = 0;

    if (isinf(most))
        return most;
    for (size_t k = 0; k < n; k++)
        sum += exp(x[k] - most);
    return most + log(sum);
}

static double entropy(const double *chance, size_t classes)
{
    double sum = 0;

    for (size_t k = 0; chance && k < classes; k++)
        if (chance[k] > 0)
            sum -= chance[k] * log(chance[k]);
    return sum;
}

void parts_log_loss(const double *log_sum, double replicas, size_t classes,
                    const struct parts_truth *truth, struct row_parts *out)
{
    double *mean = mem_alloc(classes, sizeof(*mean)), *value = out->value;
    double spread, hit, expected, random = entropy(truth->chance, classes);

    for (size_t k = 0; k < classes; k++)
        mean[k] = log_sum[k] / replicas;
    spread = fmax(0, -log_sum_exp(mean, classes));
    out->main = largest(mean, classes);
    hit = truth->label != PARTS_NO_LABEL && truth->label >= classes
              ? -INFINITY
              : mean_over_truth(truth, mean, classes);
    expected = truth->chance ? mean_over(truth->chance, 0, mean, classes) : hit;
    value[PART_LOSS] = 0 - hit;
    value[PART_NOISE] = isfinite(expected) ? expected - hit + random : random;
    value[PART_BIAS] = isfinite(expected) ? -expected - spread - random
                                          : INFINITY;
    value[PART_VARIANCE] = value[PART_NET_VARIANCE] = spread;
    value[PART_EXTRA] = value[PART_OTHER_EXTRA] = 0;
    free(mean);
}
