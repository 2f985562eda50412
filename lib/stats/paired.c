#include "stats/paired.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

/* ---- McNemar ---- */

double mcnemar_exact(double better, double worse)
{
    double least = fmin(better, worse);

    return fmin(1, 2 * gsl_cdf_binomial_P((unsigned)least, .5,
                                          (unsigned)(better + worse)));
}

double mcnemar_mid_p(double better, double worse)
{
    unsigned least = (unsigned)fmin(better, worse),
             n = (unsigned)(better + worse);

    if (better == worse)
        return 1;
    return 2 * gsl_cdf_binomial_P(least, .5, n) -
           gsl_ran_binomial_pdf(least, .5, n);
}

/* ---- the difference of two errors ---- */

/* Of the two errors, over the table's four counts; with the correction. */
static double correlation(const struct paired_counts *c)
{
    double both_right = c->n - c->better - c->worse - c->both_wrong;
    double wrong_a = c->both_wrong + c->better,
           wrong_b = c->both_wrong + c->worse;
    double margins = wrong_a * (c->n - wrong_a) * wrong_b * (c->n - wrong_b);
    double excess = c->both_wrong * both_right - c->better * c->worse;

    if (!(margins > 0))
        return 0;
    if (excess > 0)
        excess = fmax(excess - c->n / 2, 0);
    return excess / sqrt(margins);
}

/* The distance at which two ends lie that are correlated by phi. */
static double end(double x, double y, double phi)
{
    return sqrt(fmax(x * x - 2 * phi * x * y + y * y, 0));
}

struct interval paired_newcombe(const struct paired_counts *c)
{
    double wrong_a = c->both_wrong + c->better,
           wrong_b = c->both_wrong + c->worse;
    double a = wrong_a / c->n, b = wrong_b / c->n, phi = correlation(c);
    struct interval of_a = wilson(wrong_a, c->n), of_b = wilson(wrong_b, c->n);

    if (!(c->n > 0))
        return (struct interval){-1, 1};
    return (struct interval){b - a - end(b - of_b.low, of_a.high - a, phi),
                             b - a + end(of_b.high - b, a - of_a.low, phi)};
}

/* P(Z <= z) of Tango's score for a true difference of `margin`: small where
 * the one found is below it. */
static double tango(double worse, double better, double n, double margin)
{
    double quadratic = 2 * n,
           linear = -worse - better + (2 * n - worse + better) * margin,
           constant = -better * margin * (1 - margin);
    double rate = (sqrt(linear * linear - 4 * quadratic * constant) - linear) /
                  (2 * quadratic);
    double variance = n * (2 * rate + margin * (1 - margin));

    return gsl_cdf_ugaussian_P((worse - better - n * margin) / sqrt(variance));
}

double paired_equivalence(const struct paired_counts *c, double margin)
{
    if (!(c->n > 0))
        return NAN;
    return fmax(tango(c->worse, c->better, c->n, margin),
                tango(c->better, c->worse, c->n, margin));
}

/* ---- exchanges ---- */

double paired_p_value(const double exchanged[PAIRED_EXCHANGES], double found,
                      double rounding)
{
    double n = 1;

    for (int i = 0; i < PAIRED_EXCHANGES; i++)
        n += fabs(exchanged[i]) >= fabs(found) - rounding;
    return n / (1 + PAIRED_EXCHANGES);
}
