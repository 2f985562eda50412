/*
 * paired: two classifiers, a and b, on the same rows.
 *
 * Every difference is b - a: below 0 where b has the smaller error.  A row is
 * `better` where only b is right, `worse` where only a is; all that the rows
 * say about the difference of the errors is in these two counts.
 */
#ifndef STATS_PAIRED_H
#define STATS_PAIRED_H

#include <stddef.h>
#include <stdint.h>

#include "stats/confusion.h"
#include "stats/interval.h"

/* ---- errors, by their counts ---- */

/* Of n independent rows; whole numbers. */
struct paired_counts {
    double n, better, worse, both_wrong;
};

/*
 * McNemar's test that a and b are equally often wrong: given better + worse,
 * `better` is binomial with p = 1/2.  Two-sided.
 *
 *     exact:  min(1, 2 P(X <= min(better, worse)))
 *     mid-p:  the same less P(X = min(better, worse)); 1 where they are equal
 *
 * (McNemar 1947, Psychometrika 12:153; mid-p: Fagerland, Lydersen & Laake 2013,
 * BMC Medical Research Methodology 13:91.)  1 where no row is better or worse.
 * How often p <= .05 where there is no difference, enumerated: of 100, 300 and
 * 1000 rows of which one in ten is better or worse, exact .022, .031, .040,
 * mid-p .041, .045, .049.  Given that 25, 50, 100, 300 are, exact .043, .033,
 * .035, .043, mid-p .043, .065, .057, .057, on the average over 6 to 1000 of
 * them .044 and .050.
 */
double mcnemar_exact(double better, double worse);
double mcnemar_mid_p(double better, double worse);

/*
 * The interval of the difference of the errors: Newcombe 1998 (Statistics in
 * Medicine 17:2635), method 10, from the Wilson intervals of the two errors
 * and their correlation, corrected for continuity.  Within [-1, 1], which is
 * what n = 0 gives.  Held the true difference in .952 of 200,000 simulated runs
 * at 1000 rows, .955 at 350, .964 at 100 (the mean of eight pairs of errors of
 * 2 to 40 %; at least .950), and up to .99 below that: too wide, never too
 * narrow.
 */
struct interval paired_newcombe(const struct paired_counts *counts);

/*
 * Equivalence by two one-sided tests (Schuirmann 1987): the p-value of the
 * difference of the errors not being between -margin and margin, exclusive; the
 * larger of the two of Tango's score test (1998, Statistics in Medicine 17:891,
 * eq. 6), whose nuisance rate is estimated at the margin.  margin in (0, 1).
 * With a true difference of exactly the margin (.02, .05, .1) p <= .05 in at
 * most .0504 of 200,000 simulated runs, at 20 to 1000 rows.  NaN when n = 0.
 */
double paired_equivalence(const struct paired_counts *counts, double margin);

/* ---- any metric, by resampling ---- */

/*
 * Which rows belong together, such as pages of a book: they are drawn and
 * exchanged as one.  of[n] is below n_groups; NULL: each row is its own.
 */
struct paired_groups {
    const uint32_t *of;
    size_t n_groups;
};

/* What a resampled comparison says: the metric of a and of b, the interval of
 * b - a, and the p-value of there being no difference. */
struct paired_score {
    double a, b;
    struct interval ci;
    double p_value;
};

enum { PAIRED_DRAWS = 2000, PAIRED_EXCHANGES = 1999 };

/* (1 + how many are as large as the one found, but for rounding) / (1 +
 * PAIRED_EXCHANGES): the p-value of a difference from exchanged ones. */
double paired_p_value(const double exchanged[PAIRED_EXCHANGES], double found,
                      double rounding);

/*
 * Metrics of the confusion matrix, all from the same samples: out[n_metrics].
 * Rows have label[n], a[n] and b[n], all below n_classes.
 *
 * ci: percentile bootstrap (Efron 1979) of PAIRED_DRAWS samples of the rows (or
 * groups), each taken with its label and both predictions, at the levels that
 * make it as wide as Student's (Hesterberg 2015, American Statistician 69:371,
 * section 5.3).  p_value: the predictions of a and b are exchanged, row by row
 * (or group by group), by the toss of a coin, PAIRED_EXCHANGES times; p = (1 +
 * times the difference is as large or larger, either way) / (1 +
 * PAIRED_EXCHANGES) (approximate randomization, Noreen 1989; Yeh 2000).
 *
 * Rows alike are drawn together, so that the cost of a draw is that of the
 * different triples of label, a and b (in a group, with groups), and at most
 * that of the rows.  The same seed gives the same bits at any number of
 * threads. NaN, and a p_value of 1, without rows.
 */
void paired_classes(const uint32_t *label, const uint32_t *a, const uint32_t *b,
                    size_t n, size_t n_classes, struct paired_groups groups,
                    sums_metric *const *metrics, size_t n_metrics,
                    uint64_t seed, struct paired_score *out);

/*
 * The means of a[n] and b[n].  ci as above; p_value: the sign of each row's (or
 * group's) difference is tossed, which is the same exchange.  Where a value is
 * infinite, or NaN, ci and p_value are NaN.  More than 20,000 rows are first
 * dealt out at random to 20,000 groups: the width of ci then has an error of
 * its own of half a percent, and the cost no longer grows.
 *
 * Simulated with skewed losses, 2000 runs each: the rate of p <= .05 without a
 * difference is .048 for 50 rows, .052 for 300 rows in 30 groups, .046 in 10,
 * 0 in 5 (five coins cannot say more); ci holds the truth in .939 for 50 rows,
 * .949 for 300, .943 in 30 groups, .948 in 10, .917 in 5.
 */
void paired_means(const double *a, const double *b, size_t n,
                  struct paired_groups groups, uint64_t seed,
                  struct paired_score *out);

/*
 * Equivalence of the means by two one-sided t tests (Schuirmann 1987); with
 * groups on the variance between their sums, with one degree of freedom less
 * than there are groups.  NaN below two rows (groups) or with infinite values.
 */
double paired_mean_equivalence(const double *a, const double *b, size_t n,
                               struct paired_groups groups, double margin);

#endif
