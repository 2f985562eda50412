/*
 * functional_anova: how much of a function's variance over the unit cube is due
 * to each feature and to each pair of them, seen from some noisy values of it
 * (Hutter, Hoos & Leyton-Brown 2014, ICML 32:754).
 *
 * The parts.  f(x) = f0 + sum f_i(x_i) + sum f_ij(x_i, x_j) + …, each part of
 * mean 0 over each of its features; V_i and V_ij are their variances, which add
 * up to that of f (Hoeffding 1948; Sobol 1993).  Where a feature means
 * something only for some choices of another (tree_boxes.h), its part is what
 * it does there, and 0 elsewhere: the parts stay orthogonal, and a feature that
 * rarely means something has a small one.  Two that never do together have no
 * part.
 *
 * The variances.  Boosted trees stand for f (regression_forest.h).  A sum of
 * functions that are constant on boxes has exact parts: with a_l a box's value
 * times its volume, and r_k(l, m) the overlap of two boxes on side k over the
 * product of their widths,
 *
 *     V_i  = sum_lm a_l a_m (r_i - 1)
 *     V_ij = sum_lm a_l a_m (r_i - 1) (r_j - 1)
 *     V    = sum_lm a_l a_m (prod_k r_k - 1)
 *
 * These follow noise, and miss what the trees smooth away.  So they are grown
 * on nine tenths of the rows, and the other tenth corrects them, in turn
 * (cross- fitting; Chernozhukov & al. 2018, Econometrics Journal 21:C1): what
 * it adds to V_U is the mean over its rows of 2 (y - f(x)) f_U(x), which is
 * without bias to first order, and whose spread over the rows is the standard
 * error.
 *
 * Shares.  V_U / V with Fieller's interval (1954, J. R. Stat. Soc. B 16:175).
 * What the trees leave unexplained may be noise, or something that so few rows
 * cannot show: the lower end takes it for the latter, a part of the whole.
 *
 * The root of a variance has a more even distribution than the variance: the
 * upper end is stretched as its square would be.
 *
 * Measured.  Ishigami's function, 200 values in 5 features, shares .314, .442,
 * 0, and .244 of the pair (20 samples): .344, .486, .001, .220; the random
 * forests of Optuna 3.1, which spend their rows on the strongest feature: .545,
 * .302, .117 (of the single ones alone).  Shares .6, .3, .1 without pairs,
 * noise of half the deviation: 60 values in 3 features .664, .317, .089 (200
 * samples, held by .99, .98, .96 of the intervals); 30 in 6: .689, .317, .114
 * (.93, .95, .93); 200 in 10: .655, .306, .106 (1, 1, .93); without noise, 60
 * in 3: .616, .308, .094 (.99, .95, .90).  Pairs that do nothing are above 0 in
 * .02 or less. Of noise alone no interval began above 0.  What falls short:
 * pairs that matter are found too small, and held by .70 of the intervals for
 * Ishigami's.
 */
#ifndef STATS_FUNCTIONAL_ANOVA_H
#define STATS_FUNCTIONAL_ANOVA_H

#include "stats/interval.h"
#include "stats/tree_boxes.h"

struct anova_data {
    struct forest_data rows;                /* n at least 2, d at least 1 */
    const struct box_condition *conditions; /* [rows.d] */
};

/*
 * Of feature a, or, where b is not BOX_NONE, of a and b > a together.  share in
 * [0, 1], NaN where the trees explain nothing.  ci: within [0, 1]; all of it
 * where the whole variance may be 0.
 */
struct anova_share {
    size_t a, b;
    double share;
    struct interval ci;
};

/* Features in their order, then pairs.  explained: of the variance of y. */
struct anova {
    struct anova_share *shares;
    size_t n;
    double explained;
};

/*
 * The trees: 60 of depth 4, .15 of each kept, on .7 of the rows each, or 1000
 * of them if that is less, so that time grows little with their number.
 */
struct boost_options anova_boost(size_t rows);

/* The same seed gives the same numbers at any thread count. */
void functional_anova(struct anova *anova, const struct anova_data *data,
                      uint64_t seed);
void anova_release(struct anova *anova);

/*
 * The mean of f where feature a is at[n] (and means something), over all
 * others: of trees grown on all rows.  band: 1.96 sqrt(s² + 2 b²) on either
 * side, s the standard deviation of curves of rows drawn with replacement, b
 * how far their mean is off, which tells of what is smoothed away.  Of a line
 * and of a bowl, 30 to 200 rows with and without noise, the band held .88 to
 * .98 of the places between .25 and .75, and .80 to .98 near the ends (.05,
 * .95; 60 samples each): there trees have rows on one side only.
 */
void functional_marginal(const struct anova_data *data, size_t a,
                         const double *at, size_t n, uint64_t seed,
                         double *mean, struct interval *band);

#endif
