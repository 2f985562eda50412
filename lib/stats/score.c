#include "stats/score.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/proportions.h"

/* How many wrong rows, or groups, the prior of a ratio counts for. */
static const double ROW_PRIOR = 2, GROUP_PRIOR = .5;

void score_init(struct score *s, enum score_kind kind, bool weighted)
{
    memset(s, 0, sizeof(*s));
    s->kind = kind;
    s->weighted = weighted;
}

void score_release(struct score *s)
{
    confusion_release(&s->count);
    confusion_release(&s->square);
    free(s->labels);
    free(s->both);
    free(s->bad);
    memset(s, 0, sizeof(*s));
}

/* Pébay 2008, Sandia report 2008-6212, eq. 2.1 and 2.2 with weights. */
static void moments_weigh(struct weighted_moments *m, double value,
                          double weight)
{
    double had = m->weight, step = value - m->mean, part;

    if (weight <= 0)
        return;
    m->weight += weight;
    part = weight / m->weight;
    m->m3 += step * step * step * had * part * (had - weight) / m->weight -
             3 * step * part * m->m2;
    m->m2 += step * step * had * part;
    m->mean += step * part;
}

static bool has_matrix(const struct score *s)
{
    return s->kind == SCORE_MACRO_F1 || s->kind == SCORE_BALANCED;
}

void score_add(struct score *s, size_t label, size_t pred, double value,
               double weight)
{
    s->n++;
    if (s->kind == SCORE_MEAN && isinf(value)) {
        s->n_infinite++;
        return;
    }
    s->weight += weight;
    s->weight2 += weight * weight;
    if (s->kind == SCORE_MEAN) {
        moments_weigh(&s->value, value, weight);
        moments_weigh(&s->value2, value, weight * weight);
        moments_weigh(&s->value3, value, weight * weight * weight);
        return;
    }
    s->n_wrong += label != pred && weight > 0;
    s->wrong += label != pred ? weight : 0;
    s->wrong2 += label != pred ? weight * weight : 0;
    if (has_matrix(s))
        confusion_weigh(&s->count, label, pred, weight);
    if (has_matrix(s) && s->weighted)
        confusion_weigh(&s->square, label, pred, weight * weight);
}

/* ---- of the classes ---- */

/* Whether a class takes part in the mean. */
static bool occurs(const struct score *s, size_t k)
{
    return (s->kind == SCORE_BALANCED ? s->labels[k] : s->both[k]) > 0;
}

void score_close(struct score *s)
{
    size_t n = s->count.n_classes;

    if (!has_matrix(s) || s->labels)
        return;
    s->labels = mem_zalloc(n, sizeof(double));
    s->both = mem_zalloc(n, sizeof(double));
    s->bad = mem_zalloc(n, sizeof(double));
    for (size_t i = 0; i < n; i++)
        for (size_t j = 0; j < n; j++) {
            double w = s->count.count[i * n + j];
            s->labels[i] += w;
            s->both[i] += w;
            s->both[j] += w;
            s->bad[i] += i != j ? w : 0;
            s->bad[j] += i != j && s->kind == SCORE_MACRO_F1 ? w : 0;
        }
    for (size_t k = 0; k < n; k++)
        s->occurring += occurs(s, k);
}

/* The loss of class k: its share of wrong rows, or 1 - F1. */
static double class_loss(const struct score *s, size_t k)
{
    return s->bad[k] / (s->kind == SCORE_BALANCED ? s->labels[k] : s->both[k]);
}

/* d score / d rows in that cell of the matrix. */
static double influence(const struct score *s, size_t label, size_t pred)
{
    double loss = class_loss(s, label), sum;

    if (s->kind == SCORE_BALANCED)
        sum = ((label != pred) - loss) / s->labels[label];
    else if (label == pred)
        sum = -2 * loss / s->both[label];
    else
        sum = (1 - loss) / s->both[label] +
              (1 - class_loss(s, pred)) / s->both[pred];
    return sum / s->occurring;
}

double score_share(const struct score *s, size_t label, size_t pred,
                   double value, double weight)
{
    if (s->kind == SCORE_MEAN)
        return isinf(value) ? 0 : weight * value;
    if (s->kind == SCORE_RATE)
        return label != pred ? weight : 0;
    return weight > 0 ? weight * influence(s, label, pred) : 0;
}

double score_centre(const struct score *s)
{
    return s->kind == SCORE_MEAN   ? s->value.mean
           : s->kind == SCORE_RATE ? s->wrong / s->weight
                                   : 0;
}

double score_value(const struct score *s)
{
    double sum = 0;

    if (s->n_infinite > 0)
        return INFINITY;
    if (!(s->weight > 0))
        return NAN;
    if (!has_matrix(s))
        return score_centre(s);
    for (size_t k = 0; k < s->count.n_classes; k++)
        sum += occurs(s, k) ? class_loss(s, k) : 0;
    return sum / s->occurring;
}

/* ---- variances ---- */

/* The sum of the matrix's cells times their squared influence. */
static double influences2(const struct score *s, const struct confusion *cells)
{
    size_t n = s->count.n_classes;
    double sum = 0;

    for (size_t i = 0; i < n * n; i++)
        if (s->count.count[i] > 0) {
            double r = influence(s, i / n, i % n);
            sum += cells->count[i] * r * r;
        }
    return sum;
}

/* Were all rows of the average weight, and independent. */
static double plain_variance(const struct score *s)
{
    double p;

    if (has_matrix(s))
        return influences2(s, &s->count) * s->weight2 / s->weight;
    p = score_centre(s);
    return p * (1 - p) * s->weight2 / (s->weight * s->weight);
}

static double row_variance(const struct score *s)
{
    double p, right2 = s->weight2 - s->wrong2;

    if (has_matrix(s))
        return influences2(s, &s->square);
    p = score_centre(s);
    return ((1 - p) * (1 - p) * s->wrong2 + p * p * right2) /
           (s->weight * s->weight);
}

static double group_variance(const struct score *s,
                             const struct cluster_sums *groups)
{
    double scale = has_matrix(s) ? 1 : s->weight * s->weight;

    return groups->residuals2 * groups->groups / (groups->groups - 1) / scale;
}

/* By how much the variance is larger than the plain one. */
static double ratio_of(const struct score *s, double plain,
                       const struct cluster_sums *groups)
{
    double all = groups ? groups->weights2 / s->weight2 : 1;
    double prior = groups ? GROUP_PRIOR : ROW_PRIOR, events, seen;

    if (!groups && !s->weighted)
        return 1;
    if (!(plain > 0) || (groups && groups->groups < 2))
        return all;
    events = groups ? groups->wrong : s->n_wrong;
    seen = (groups ? group_variance(s, groups) : row_variance(s)) / plain;
    return (events * seen + prior * all) / (events + prior);
}

/* By how much groups are fewer than what z is for. */
static double few_groups(const struct cluster_sums *groups)
{
    double t;

    if (!groups || groups->groups < 2)
        return 1;
    t = gsl_cdf_tdist_Pinv(.975, groups->groups - 1) / normal_quantile(.975);
    return t * t;
}

/* ---- estimates ---- */

/* Of 1 - F1: the variance of the mean over the mean's of independent ones. */
static double shared_errors(const struct score *s, double plain)
{
    double sum = 0;

    for (size_t k = 0; k < s->count.n_classes; k++)
        if (occurs(s, k)) {
            double loss = class_loss(s, k);
            sum += loss * (1 - loss) * (1 + loss) / s->both[k];
        }
    sum *= s->weight2 / s->weight / (s->occurring * s->occurring);
    return sum > 0 ? plain / sum : 2;
}

/* The proportions, their rows divided by `ratio`: how many. */
static size_t proportions_of(const struct score *s, double plain, double ratio,
                             struct proportion *p)
{
    double scale = s->weight / s->weight2 / ratio;
    size_t n = 0;

    if (!has_matrix(s)) {
        p[0] = (struct proportion){score_centre(s), s->weight * scale};
        return 1;
    }
    if (s->kind == SCORE_MACRO_F1)
        scale /= shared_errors(s, plain);
    for (size_t k = 0; k < s->count.n_classes; k++)
        if (occurs(s, k)) {
            double loss = class_loss(s, k);
            double rows = s->kind == SCORE_BALANCED ? s->labels[k]
                                                    : s->both[k] / (1 + loss);
            p[n++] = (struct proportion){loss, rows * scale};
        }
    return n;
}

static struct estimate bounded_estimate(const struct score *s,
                                        const struct cluster_sums *groups)
{
    size_t most = has_matrix(s) ? s->count.n_classes : 1;
    struct proportion *p = mem_alloc(most, sizeof(*p));
    double plain = plain_variance(s), ratio = ratio_of(s, plain, groups);
    struct estimate e = {.value = score_value(s),
                         .n = s->n,
                         .variance = plain * ratio,
                         .bounded = true};

    e.ci = proportions_interval(
        p, proportions_of(s, plain, ratio * few_groups(groups), p));
    free(p);
    return e;
}

/* The sum of squares, and of cubes, about another centre. */
static double squares_about(const struct weighted_moments *m, double centre)
{
    double off = m->mean - centre;

    return m->m2 + m->weight * off * off;
}

static double cubes_about(const struct weighted_moments *m, double centre)
{
    double off = m->mean - centre;

    return m->m3 + 3 * off * m->m2 + m->weight * off * off * off;
}

static struct estimate mean_estimate(const struct score *s,
                                     const struct cluster_sums *groups)
{
    double n = s->n - s->n_infinite, w = s->weight, mean = s->value.mean;
    double third = cubes_about(&s->value3, mean), df = w * w / s->weight2 - 1;
    struct estimate e = {.value = score_value(s), .n = s->n};

    e.variance = squares_about(&s->value2, mean) / (w * w) * n / (n - 1);
    if (groups) {
        e.variance = group_variance(s, groups);
        third = groups->residuals3;
        df = groups->groups - 1;
    }
    e.ci = estimate_mean_interval(mean, e.variance, third / (w * w * w), df);
    if (s->n_infinite > 0) {
        e.variance = INFINITY;
        e.ci.high = INFINITY;
        e.ci.low = isnan(e.ci.low) ? 0 : e.ci.low;
    }
    if (e.ci.low < 0)
        e.ci.low = 0;
    return e;
}

struct estimate score_estimate(const struct score *s,
                               const struct cluster_sums *groups)
{
    if (isnan(score_value(s)))
        return estimate_none();
    return s->kind == SCORE_MEAN ? mean_estimate(s, groups)
                                 : bounded_estimate(s, groups);
}
