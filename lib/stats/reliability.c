#include "stats/reliability.h"

#include <math.h>

/* All bins in one. */
static struct calibration_bin total(const struct calibration_bin *bin,
                                    size_t bins)
{
    struct calibration_bin all = {0};

    for (size_t b = 0; b < bins; b++) {
        all.n += bin[b].n;
        all.prob += bin[b].prob;
        all.correct += bin[b].correct;
        all.square += bin[b].square;
        all.prob_square += bin[b].prob_square;
    }
    return all;
}

static double squared(double x)
{
    return x * x;
}

struct brier_parts reliability_brier(const struct calibration_bin *bin,
                                     size_t bins)
{
    struct calibration_bin all = total(bin, bins);
    double n = all.n, rate = all.correct / n;
    struct brier_parts parts = {.brier = all.square / n,
                                .uncertainty = rate * (1 - rate)};

    for (size_t b = 0; b < bins; b++) {
        double p = bin[b].prob / bin[b].n, o = bin[b].correct / bin[b].n;
        double spread, both;

        if (!(bin[b].n > 0))
            continue;
        spread = bin[b].prob_square - bin[b].n * p * p;
        /* sum of o p, from (o - p)² = o - 2 o p + p² */
        both = (bin[b].correct + bin[b].prob_square - bin[b].square) / 2;
        parts.reliability += bin[b].n / n * squared(p - o);
        parts.resolution += bin[b].n / n * squared(o - rate);
        parts.within_variance += fmax(spread, 0) / n;
        parts.within_covariance += 2 * (both - bin[b].n * o * p) / n;
    }
    if (!(n > 0))
        parts = (struct brier_parts){NAN, NAN, NAN, NAN, NAN, NAN};
    return parts;
}

/*
 * The m with |accuracy - m| <= z sqrt((m (1 - m) - s²) / n): between the roots
 * of (1 + c) m² - (2 accuracy + c) m + accuracy² + c s², where c = z² / n.
 */
static struct interval score_interval(double accuracy, double s2, double n)
{
    double c = squared(normal_quantile(.975)) / n, middle, half;

    middle = (2 * accuracy + c) / 2;
    half = squared(middle) - (1 + c) * (squared(accuracy) + c * s2);
    half = sqrt(fmax(half, 0));
    return (struct interval){(middle - half) / (1 + c),
                             (middle + half) / (1 + c)};
}

struct overconfidence
reliability_overconfidence(const struct calibration_bin *bin, size_t bins)
{
    struct calibration_bin all = total(bin, bins);
    double n = all.n, p = all.prob / n, variance;
    struct overconfidence over = {.confidence = p, .accuracy = all.correct / n};
    struct interval score, mean;

    over.value = p - over.accuracy;
    over.ci = interval_unknown();
    if (!(n > 0))
        return over;
    score =
        score_interval(over.accuracy, fmax(all.prob_square / n - p * p, 0), n);
    over.ci = (struct interval){p - score.high, p - score.low};
    variance = (all.square - n * squared(over.value)) / (n - 1);
    mean = interval_mean(over.value, fmax(variance, 0), n);
    over.ci.low = fmin(over.ci.low, mean.low); /* NaN of one row is passed */
    over.ci.low = fmax(over.ci.low, p - 1);
    over.ci.high = fmin(fmax(over.ci.high, mean.high), p);
    return over;
}
