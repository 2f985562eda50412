#include "stats/number_shift.h"

#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdint.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/ks.h"
#include "stats/lattice_paths.h"

/* Paths are walked up to so many n m, and n + m. */
static const double MOST_EXACT = 2e7, MOST_STEPS = 5e4;
static const double CLEAR = 4; /* squared deviations */

/* ---- walking ---- */

/*
 * One side, walked in rising order.  share: of its numbers that are behind.
 * Sums over these of f, f², f q and q, q² (weighted), where f is the function
 * of slope 1 or -1 that shows the distance best, and q the squared distance
 * from the mean of the reference.
 */
struct side {
    const struct distribution *of;
    size_t next;
    double behind, share;
    double f, ff, fq, q, qq;
};

static double next_value(const struct side *side)
{
    return side->next < side->of->n ? (double)side->of->x[side->next]
                                    : INFINITY;
}

static void pass(struct side *side, double f, double q)
{
    double w = side->of->weight ? side->of->weight[side->next] : 1;

    side->next++;
    side->behind += w;
    side->share = side->behind / side->of->total;
    side->f += w * f;
    side->ff += w * f * f;
    side->fq += w * f * q;
    side->q += w * q;
    side->qq += w * q * q;
}

/*
 * area: the integral of |F - G|; beyond: of what of it is not noise.  first:
 * the sign of F - G where it is first clear, 0 where it never is.
 */
struct walk {
    struct side a, b;
    double d, area, beyond;
    double largest_group; /* share of all */
    double first;
};

/*
 * How far apart F and G are where they are seen to be `apart`, with noise of
 * that variance: what makes |apart| as large as it is on average.  With z =
 * |apart| / deviation and u the true value of it, z² = u² + (2/pi) exp(-3/4 (z²
 * - 2/pi)) to .011 of what the folded normal distribution has.
 */
static double beyond_noise(double square, double variance)
{
    double z2;

    if (square >= 12 * variance)
        return sqrt(square);
    z2 = square / variance;
    if (z2 <= M_2_PI)
        return 0;
    return sqrt(variance * (z2 - M_2_PI * exp(-.75 * (z2 - M_2_PI))));
}

/* Square of the standard error of F - G. */
static double noise(const struct side *a, const struct side *b)
{
    return a->share * (1 - a->share) / a->of->total +
           b->share * (1 - b->share) / b->of->total;
}

/*
 * One gap between numbers, over which F - G does not change.  The slope turns
 * where F - G has clearly changed its sign.
 */
struct turns {
    double slope, sign;
};

static void cross(struct walk *w, struct turns *turns, double gap)
{
    double apart = w->a.share - w->b.share, square = apart * apart;
    double doubt = noise(&w->a, &w->b), sign = apart > 0 ? 1 : -1;

    w->d = fmax(w->d, fabs(apart));
    w->area += fabs(apart) * gap;
    w->beyond += beyond_noise(square, doubt) * gap;
    if (square <= CLEAR * doubt || sign == turns->sign)
        return;
    if (turns->sign == 0)
        w->first = sign;
    else
        turns->slope = -turns->slope;
    turns->sign = sign;
}

static struct walk walk(const struct distribution *reference,
                        const struct distribution *current)
{
    struct walk w = {.a = {.of = reference}, .b = {.of = current}};
    struct turns turns = {1, 0};
    double middle = reference->moments.mean, group = 0;
    double last = fmin(next_value(&w.a), next_value(&w.b)), f = last - middle;

    while (w.a.next < reference->n || w.b.next < current->n) {
        double x = next_value(&w.a), y = next_value(&w.b);
        double value = fmin(x, y), q = (value - middle) * (value - middle);
        if (value > last) {
            double all = w.a.behind + w.b.behind;
            w.largest_group = fmax(w.largest_group, all - group);
            group = all;
            cross(&w, &turns, value - last);
            f += turns.slope * (value - last);
            last = value;
        }
        pass(x <= y ? &w.a : &w.b, f, q);
    }
    w.largest_group = fmax(w.largest_group, w.a.behind + w.b.behind - group) /
                      (w.a.behind + w.b.behind);
    return w;
}

/* ---- p ---- */

static double effective(double n, double m)
{
    return n / (n + m) * m;
}

/*
 * looked[s], s < steps: whether a group of equal numbers ends there, with the
 * samples made smaller (or not) to have that many steps in all.
 */
static unsigned char *group_ends(const struct distribution *reference,
                                 const struct distribution *current,
                                 size_t steps)
{
    struct side a = {.of = reference}, b = {.of = current};
    unsigned char *looked = mem_zalloc(steps + 1, 1);
    double scale = (double)steps / (reference->total + current->total);

    while (a.next < reference->n || b.next < current->n) {
        double value = fmin(next_value(&a), next_value(&b));
        while (next_value(&a) <= value && a.next < reference->n)
            pass(&a, 0, 0);
        while (next_value(&b) <= value && b.next < current->n)
            pass(&b, 0, 0);
        looked[(size_t)lround((a.behind + b.behind) * scale)] = 1;
    }
    return looked;
}

/*
 * P(D >= d): over all paths; where these are too many, and groups of equal
 * numbers so large that the limit would not do, over those of smaller samples
 * with the same groups, as far as these can be so far apart; else the limit
 * with the first term of its error for m >> n (Kolmogorov's statistic of one
 * sample; Pelz & Good 1976, J. R. Stat. Soc. B 38:152).
 */
struct judge {
    double n, m;
    bool exact;
    size_t lattice_n, lattice_m; /* 0: the limit */
    unsigned char *looked;
};

enum { SMALLER = 2000 };
static const double LARGE_GROUP = .01, FAR = 5;

static struct judge judge_of(const struct walk *w)
{
    struct judge judge = {.n = w->a.of->total, .m = w->b.of->total};

    judge.exact = judge.n * judge.m <= MOST_EXACT &&
                  judge.n + judge.m <= MOST_STEPS;
    if (judge.exact) {
        judge.lattice_n = (size_t)judge.n;
        judge.lattice_m = (size_t)judge.m;
    } else if (w->largest_group > LARGE_GROUP) {
        judge.lattice_n = (size_t)fmin(judge.n, SMALLER);
        judge.lattice_m = (size_t)fmin(judge.m, SMALLER);
    }
    if (judge.lattice_n > 0)
        judge.looked =
            group_ends(w->a.of, w->b.of, judge.lattice_n + judge.lattice_m);
    return judge;
}

static double judge_p(const struct judge *judge, double d)
{
    double root = sqrt(effective(judge->n, judge->m));
    double n = (double)judge->lattice_n, m = (double)judge->lattice_m;

    if (d <= 0)
        return 1;
    if (n > 0 && (judge->exact || root * d < FAR)) {
        double smaller = judge->exact ? d : d * root / sqrt(effective(n, m));
        return paths_reach(judge->lattice_n, judge->lattice_m,
                           (int64_t)ceil(smaller * n * m - .01), judge->looked);
    }
    return kolmogorov_tail(root * d + 1 / (6 * root));
}

static void test(struct number_shift *shift, const struct walk *w)
{
    double doubt = w->a.of->rank_error + w->b.of->rank_error;
    struct judge judge = judge_of(w);

    shift->d = w->d;
    shift->exact = doubt == 0 && judge.exact;
    shift->p = judge_p(&judge, w->d);
    shift->p_low = doubt > 0 ? judge_p(&judge, fmin(w->d + doubt, 1))
                             : shift->p;
    shift->p_high = doubt > 0 ? judge_p(&judge, w->d - doubt) : shift->p;
    free(judge.looked);
}

/* ---- how far ---- */

static double mean_of(const struct side *side, double sum)
{
    return sum / side->of->total;
}

/* Variance of f + c q over a side. */
static double variance(const struct side *side, double c)
{
    double f = mean_of(side, side->f), q = mean_of(side, side->q);
    double ff = mean_of(side, side->ff) - f * f;
    double fq = mean_of(side, side->fq) - f * q;
    double qq = mean_of(side, side->qq) - q * q;

    return fmax(ff + 2 * c * fq + c * c * qq, 0);
}

static double quantile(double df)
{
    return gsl_cdf_tdist_Pinv(.975, df);
}

static void distance(struct number_shift *shift, const struct walk *w)
{
    double n = w->a.of->total, m = w->b.of->total;
    double square = moments_variance(&w->a.of->moments), scale = sqrt(square);
    double turn, a, b, half;

    if (!(scale > 0)) {
        bool same = w->area == 0;
        shift->wasserstein = shift->raw_wasserstein = same ? 0 : INFINITY;
        shift->wasserstein_ci = (struct interval){0, same ? 0 : INFINITY};
        return;
    }
    shift->raw_wasserstein = w->area / scale;
    shift->wasserstein = w->beyond / scale;
    turn = w->first != 0                                     ? w->first
           : mean_of(&w->b, w->b.f) > mean_of(&w->a, w->a.f) ? 1
                                                             : -1;
    a = variance(&w->a, turn * w->beyond / (2 * square)) / (n - 1);
    b = variance(&w->b, 0) / (m - 1);
    half = quantile((a + b) * (a + b) / (a * a / (n - 1) + b * b / (m - 1))) *
           sqrt(a + b) / scale;
    shift->wasserstein_ci = (struct interval){
        shift->p_high < .05 ? fmax(shift->wasserstein - half, 0) : 0,
        shift->raw_wasserstein + half};
}

/*
 * The noncentral t distribution, as Abramowitz & Stegun 26.7.10 has it, solved
 * for its parameter.
 */
static void mean_difference(struct number_shift *shift,
                            const struct moments *reference,
                            const struct moments *current)
{
    double df = reference->n + current->n - 2;
    double pooled = sqrt((reference->m2 + current->m2) / df);
    double difference = current->mean - reference->mean;
    double root = sqrt(effective(reference->n, current->n)), t, middle, half;

    if (!(pooled > 0)) {
        shift->smd = difference == 0 ? 0 : difference * INFINITY;
        shift->smd_ci = difference == 0  ? (struct interval){0, 0}
                        : difference > 0 ? (struct interval){0, INFINITY}
                                         : (struct interval){-INFINITY, 0};
        return;
    }
    shift->smd = difference / pooled;
    t = root * shift->smd;
    middle = t * (1 - 1 / (4 * df));
    half = 1.959963984540054 * sqrt(1 + t * t / (2 * df));
    shift->smd_ci =
        (struct interval){(middle - half) / root, (middle + half) / root};
}

static double divisor(double a, double b)
{
    while (b > 0) {
        double rest = fmod(a, b);
        a = b;
        b = rest;
    }
    return a;
}

/*
 * The critical d (the limit's, with the first term of its error, at the next
 * value that d can take) less what d has in excess of the true distance erf(z /
 * sqrt(8)) in eight of ten samples, which is fitted to simulations.
 */
static double detectable(double n, double m)
{
    double size = effective(n, m), root = sqrt(size);
    double step = divisor(n, m) / (n * m);
    double critical = 1.3580986393225505 / root -
                      fabs(n - m) / (n + m) / (6 * size);
    double apart = ceil(critical / step - 1e-9) * step;

    if (apart > 1)
        return INFINITY;
    return 2 * normal_quantile((1 + apart - (.06 + .3 / size) / root) / 2);
}

struct number_shift number_shift_test(const struct distribution *reference,
                                      const struct distribution *current)
{
    struct number_shift shift = {NAN,   NAN,
                                 NAN,   NAN,
                                 false, NAN,
                                 NAN,   interval_unknown(),
                                 NAN,   interval_unknown(),
                                 NAN};
    struct walk w;

    if (reference->total < 2 || current->total < 2)
        return shift;
    w = walk(reference, current);
    test(&shift, &w);
    distance(&shift, &w);
    mean_difference(&shift, &reference->moments, &current->moments);
    shift.detectable = detectable(reference->total, current->total);
    return shift;
}
