#include "stats/level_shift.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "stats/contingency.h"
#include "stats/draw.h"
#include "stats/gamma_moments.h"
#include "stats/moments.h"

enum {
    DRAWS = 1000,
    CLEAR = 20,   /* so many larger ones, and p is known well enough */
    FAR_OFF = 200 /* so many draws without one, and p may be far below */
};

static const double LEAST_EXPECTED = 5, ALPHA = .05, TAIL = .025, POWER = .8;

/* Levels that have rows: those of both sides, n current and m reference ones.
 */
struct mix {
    size_t levels;
    double *both, *apart; /* [levels] apart: current share - reference share */
    double n, m;
};

static void mix_init(struct mix *mix, const double *reference,
                     const double *current, size_t levels)
{
    *mix = (struct mix){.both = mem_alloc(levels, sizeof(double)),
                        .apart = mem_alloc(levels, sizeof(double))};
    for (size_t j = 0; j < levels; j++) {
        mix->n += current[j];
        mix->m += reference[j];
    }
    for (size_t j = 0; j < levels; j++)
        if (reference[j] + current[j] > 0) {
            mix->both[mix->levels] = reference[j] + current[j];
            mix->apart[mix->levels++] = current[j] / mix->n -
                                        reference[j] / mix->m;
        }
}

static void mix_release(struct mix *mix)
{
    free(mix->both);
    free(mix->apart);
}

/* ---- p of sparse counts ---- */

/* What a level has in chi² where x of its t rows are on the side that has the
 * share p of all. */
static double part_of(double x, double t, double p)
{
    return (x - t * p) * (x - t * p) / (t * p * (1 - p));
}

/* Two levels: the sum of the probabilities (hypergeometric) of all tables with
 * at least as large a chi². */
static double exact_p(const struct mix *mix, double chi2)
{
    double all = mix->n + mix->m, few = fmin(mix->n, mix->m);
    double rare = fmin(mix->both[0], mix->both[1]), most = fmin(few, rare);
    double share = few / all, sum = 0, p;
    double x = fmax(0, few + rare - all);

    p = exp(lgamma(rare + 1) - lgamma(x + 1) - lgamma(rare - x + 1) +
            lgamma(all - rare + 1) - lgamma(few - x + 1) -
            lgamma(all - rare - few + x + 1) - lgamma(all + 1) +
            lgamma(few + 1) + lgamma(all - few + 1));
    for (; x <= most; x++) {
        double is = part_of(x, rare, share) +
                    part_of(few - x, all - rare, share);
        if (is >= chi2 * (1 - 1e-9))
            sum += p;
        p *= (rare - x) * (few - x) / ((x + 1) * (all - rare - few + x + 1));
    }
    return fmin(sum, 1);
}

/*
 * Levels with few rows one by one, the others, whose counts are about normal,
 * together.  p: the smaller side's share of all rows.
 */
struct sparse {
    size_t levels;
    double *rows, total; /* [levels] */
    double *left;        /* [levels] not drawn yet */
    struct draw_table *table;
    size_t dense;
    double few, all, p;
};

static void sparse_init(struct sparse *s, const struct mix *mix)
{
    *s = (struct sparse){.few = fmin(mix->n, mix->m), .all = mix->n + mix->m};
    s->p = s->few / s->all;
    s->rows = mem_alloc(mix->levels, sizeof(*s->rows));
    s->left = mem_alloc(mix->levels, sizeof(*s->left));
    for (size_t j = 0; j < mix->levels; j++)
        if (mix->both[j] * s->p < LEAST_EXPECTED) {
            s->rows[s->levels++] = mix->both[j];
            s->total += mix->both[j];
        }
    s->dense = mix->levels - s->levels;
    s->table = draw_table_new(s->rows, s->levels);
}

static void sparse_release(struct sparse *s)
{
    draw_table_free(s->table);
    free(s->rows);
    free(s->left);
}

/*
 * Rows of sparse levels, `take` of them, without putting back; a row that is
 * drawn already is drawn again.  Returns their levels' part of chi².
 */
static double draw_sparse(struct sparse *s, double take, struct rng *rng)
{
    double sum = s->total * s->p / (1 - s->p); /* of all x = 0 */

    memcpy(s->left, s->rows, s->levels * sizeof(*s->left));
    for (double i = 0; i < take;) {
        size_t j = draw_table_cell(s->table, rng);
        double t = s->rows[j], x = t - s->left[j];
        if (x > 0 && rng_uniform(rng) * t < x)
            continue;
        s->left[j]--;
        sum += part_of(x + 1, t, s->p) - part_of(x, t, s->p);
        i++;
    }
    return sum;
}

/*
 * chi² of rows shuffled.  With r = the share of the dense levels' rows on the
 * smaller side, their part is that of r and p, and what these levels differ in
 * among themselves, which is chi-square.
 */
static double draw_chi2(struct sparse *s, struct rng *rng)
{
    double take = draw_hypergeometric(rng, s->total, s->all, s->few);
    double chi2 = draw_sparse(s, take, rng), rest = s->all - s->total, r;
    double pq = s->p * (1 - s->p);

    if (s->dense == 0)
        return chi2;
    r = (s->few - take) / rest;
    chi2 += rest * (r - s->p) * (r - s->p) / pq;
    if (s->dense > 1)
        chi2 += draw_chi_square(rng, (double)s->dense - 1) * r * (1 - r) / pq *
                rest / (rest - 1);
    return chi2;
}

static double tail_beyond(const struct moments *drawn, double chi2)
{
    struct gamma_moments g = {moments_mean(drawn), moments_variance(drawn)};

    return g.variance > 0 ? gamma_above(g, chi2) : 1;
}

/* As homogeneity_test has it, but stopped early where p is far below 1 in as
 * many draws. */
static double drawn_p(const struct mix *mix, double chi2, uint64_t seed,
                      struct moments *drawn)
{
    size_t larger = 0, n = 0;
    struct sparse s;
    struct rng rng;

    sparse_init(&s, mix);
    rng_init(&rng, seed, RNG_PERMUTATION);
    while (n < DRAWS && larger < CLEAR) {
        double x = draw_chi2(&s, &rng);
        moments_add(drawn, x);
        larger += x >= chi2 * (1 - 1e-9);
        if (++n == FAR_OFF && !larger && tail_beyond(drawn, chi2) < 1e-6)
            break;
    }
    sparse_release(&s);
    if (larger == 0)
        return fmin(tail_beyond(drawn, chi2), 1 / (1 + (double)n));
    return larger == CLEAR ? CLEAR / (double)n
                           : (1 + (double)larger) / (1 + (double)n);
}

/* ---- how far ---- */

/* The mean of |x| less |d| of a normal x around d with deviation 1, d >= 0. */
static double excess(double d)
{
    return 2 * (gsl_ran_ugaussian_pdf(d) - d * gsl_cdf_ugaussian_Q(d));
}

/*
 * The mean of |x - tp| of a binomial x of t with probability p (de Moivre
 * 1730): 2 k C(t, k) p^k (1 - p)^(t - k + 1), k = floor(tp) + 1; over that of a
 * normal with its variance.
 */
static double flatness(double t, double p)
{
    double k = floor(t * p) + 1, log_mean;

    if (t * p * (1 - p) > 100 || k > t)
        return 1;
    log_mean = log(2 * k) + lgamma(t + 1) - lgamma(k + 1) - lgamma(t - k + 1) +
               k * log(p) + (t - k + 1) * log1p(-p);
    return exp(log_mean) / sqrt(t * p * (1 - p) * M_2_PI);
}

/* The deviation of a level's `apart` where the shares differ by `way` times
 * what they do here. */
static double deviation_at(const struct mix *mix, size_t j, double way)
{
    double all = mix->n + mix->m, share = mix->both[j] / all;
    double p = share + way * mix->apart[j] * mix->m / all;
    double q = share - way * mix->apart[j] * mix->n / all;

    p = fmin(fmax(p, 0), 1);
    q = fmin(fmax(q, 0), 1);
    return sqrt(p * (1 - p) / mix->n + q * (1 - q) / mix->m);
}

/* The mean of the raw variation, there.  flat[levels] of chance alone. */
static double mean_at(const struct mix *mix, const double *flat, double way)
{
    double sum = 0;

    for (size_t j = 0; j < mix->levels; j++) {
        double d = fabs(way * mix->apart[j]);
        double s = deviation_at(mix, j, way) * (flat[j] + (1 - flat[j]) * way);
        sum += d + (s > 0 ? s * excess(d / s) : 0);
    }
    return sum / 2;
}

/* raw, times how much of the way there it takes for raw to be the mean. */
static double corrected(const struct mix *mix, double raw)
{
    double *flat = mem_alloc(mix->levels, sizeof(*flat)), low = 0, high = 1;

    for (size_t j = 0; j < mix->levels; j++)
        flat[j] = flatness(mix->both[j], mix->n / (mix->n + mix->m));
    if (mean_at(mix, flat, 0) >= raw)
        high = 0;
    for (int i = 0; i < 16 && high > 0; i++) {
        double middle = (low + high) / 2;
        if (mean_at(mix, flat, middle) < raw)
            low = middle;
        else
            high = middle;
    }
    free(flat);
    return raw * (low + high) / 2;
}

/* At most what chance adds to the raw variation: levels that are more than two
 * deviations apart may be so by two. */
static double chance_part(const struct mix *mix)
{
    double sum = 0, share = mix->n / (mix->n + mix->m);

    for (size_t j = 0; j < mix->levels; j++) {
        double s = deviation_at(mix, j, 0);
        sum += s * flatness(mix->both[j], share) *
               excess(fmax(fabs(mix->apart[j]) / s - 2, 0));
    }
    return sum / 2;
}

/*
 * chi² less what it has of the rows' own variance, as they are on each side,
 * plus the degrees of freedom: unlike chi² it is not thrown about by levels of
 * a row or two.
 */
static double steady_chi2(const struct mix *mix)
{
    double h = 1 / mix->n + 1 / mix->m, all = mix->n + mix->m, sum = 0;

    for (size_t j = 0; j < mix->levels; j++) {
        double share = mix->both[j] / all, d = mix->apart[j];
        double p = share + d * mix->m / all, q = share - d * mix->n / all;
        double own = p * (1 - p) / fmax(mix->n - 1, 1) +
                     q * (1 - q) / fmax(mix->m - 1, 1);
        sum += (d * d - own) / (share * h);
    }
    return sum + (double)mix->levels - 1;
}

/*
 * By Cauchy and Schwarz the variation is at most sqrt(noncentrality h) / 2, h =
 * 1/n + 1/m, whatever levels it is in; and the mean of the raw one is no less
 * than it.  It is no less than the raw one less what chance adds at most.
 */
static struct interval interval_of(const struct mix *mix, double p_value)
{
    double df = (double)mix->levels - 1, beyond;
    struct gamma_moments null = {df, 2 * df};
    double up[2] = {0}, h = 1 / mix->n + 1 / mix->m, all = mix->n + mix->m;
    struct interval ci;

    /* The levels that have more of the current rows, as one. */
    for (size_t j = 0; j < mix->levels; j++)
        if (mix->apart[j] > 0) {
            double more = mix->apart[j] * mix->n * mix->m / all;
            up[0] += mix->both[j] * mix->n / all + more;
            up[1] += mix->both[j] * mix->m / all - more;
        }
    ci = newcombe(fmin(up[0], mix->n), mix->n, fmax(up[1], 0), mix->m);
    if (mix->levels == 2)
        return (struct interval){fmax(ci.low, 0), fmax(ci.high, -ci.low)};
    beyond = gamma_noncentral(null, 1, fmax(steady_chi2(mix), 0), TAIL);
    ci.high = fmin(ci.high, sqrt(beyond * h) / 2);
    ci.low = p_value < ALPHA ? fmax(ci.low - chance_part(mix), 0) : 0;
    ci.high = fmax(ci.high, ci.low);
    return ci;
}

static int falling(const void *a, const void *b)
{
    double x = *(const double *)a, y = *(const double *)b;

    return (x < y) - (x > y);
}

/* The product of the shares of two sets of levels of about equal size, the
 * largest it can be: 1/4 at most. */
static double halves(const struct mix *mix)
{
    double *rows = mem_alloc(mix->levels, sizeof(*rows)), half[2] = {0};
    double all = mix->n + mix->m;

    memcpy(rows, mix->both, mix->levels * sizeof(*rows));
    qsort(rows, mix->levels, sizeof(*rows), falling);
    for (size_t j = 0; j < mix->levels; j++)
        half[half[1] < half[0]] += rows[j];
    free(rows);
    return half[0] / all * (half[1] / all);
}

/*
 * Of two levels, how much the rarer one has to grow: with p its share and h =
 * 1/n + 1/m, the t that is z(.975) deviations of no difference and z(.8) of
 * itself (Fleiss 1981, Statistical Methods for Rates and Proportions, 3.2), and
 * half a row more where p is exact.
 */
static double detectable_growth(const struct mix *mix, bool exact)
{
    double all = mix->n + mix->m, h = 1 / mix->n + 1 / mix->m, t = 0;
    double p = fmin(mix->both[0], mix->both[1]) / all;

    for (int i = 0; i < 50; i++) {
        double grown = fmin(p + t, 1), mean = p + (grown - p) * mix->n / all;
        t = normal_quantile(1 - TAIL) * sqrt(mean * (1 - mean) * h) +
            normal_quantile(POWER) *
                sqrt(grown * (1 - grown) / mix->n + p * (1 - p) / mix->m) +
            (exact ? h / 2 : 0);
    }
    return fmin(t, 1);
}

/* Half of the levels, by their rows, grow at the cost of the others. */
static double detectable(const struct mix *mix, struct gamma_moments null)
{
    double h = 1 / mix->n + 1 / mix->m, least = gamma_quantile(null, ALPHA);

    return fmin(
        sqrt(gamma_noncentral(null, 1, least, 1 - POWER) * h * halves(mix)), 1);
}

/* ---- the whole ---- */

static void count_fresh(struct level_shift *shift, const double *reference,
                        const double *current, size_t levels,
                        const struct mix *mix)
{
    for (size_t j = 0; j < levels; j++) {
        bool fresh = current[j] > 0 && !(reference[j] > 0);
        bool gone = reference[j] > 0 && !(current[j] > 0);
        shift->fresh += fresh;
        shift->gone += gone;
        shift->fresh_share += fresh ? current[j] / mix->n : 0;
        shift->gone_share += gone ? reference[j] / mix->m : 0;
    }
}

static double smallest(const double *x, size_t n)
{
    double least = INFINITY;

    for (size_t i = 0; i < n; i++)
        least = fmin(least, x[i]);
    return least;
}

/* chi², p; and where drawn, the moments of chi². */
static void test_levels(struct level_shift *shift, const struct mix *mix,
                        uint64_t seed, struct gamma_moments *null)
{
    double share = mix->n / (mix->n + mix->m);
    double least = smallest(mix->both, mix->levels) * fmin(share, 1 - share);
    struct moments drawn = {0};

    for (size_t j = 0; j < mix->levels; j++)
        shift->chi2 += mix->apart[j] * mix->apart[j] / mix->both[j] * mix->n *
                       mix->m;
    shift->df = (double)mix->levels - 1;
    *null = (struct gamma_moments){shift->df, 2 * shift->df};
    shift->permuted = least < LEAST_EXPECTED;
    if (!shift->permuted) {
        shift->p = gsl_cdf_chisq_Q(shift->chi2, shift->df);
    } else if (mix->levels == 2) {
        shift->p = exact_p(mix, shift->chi2);
    } else {
        shift->p = drawn_p(mix, shift->chi2, seed, &drawn);
        null->mean = moments_mean(&drawn);
        null->variance = moments_variance(&drawn);
    }
}

struct level_shift level_shift_test(const double *reference,
                                    const double *current, size_t levels,
                                    uint64_t seed)
{
    struct level_shift shift = {.p = NAN,
                                .ci = interval_unknown(),
                                .chi2 = 0,
                                .detectable = NAN,
                                .total_variation = NAN,
                                .raw_variation = NAN};
    struct gamma_moments null;
    struct mix mix;

    mix_init(&mix, reference, current, levels);
    count_fresh(&shift, reference, current, levels, &mix);
    if (mix.n > 0 && mix.m > 0) {
        shift.raw_variation = 0;
        for (size_t j = 0; j < mix.levels; j++)
            shift.raw_variation += fabs(mix.apart[j]) / 2;
        if (mix.levels < 2) {
            shift.p = 1;
            shift.total_variation = 0;
        } else {
            test_levels(&shift, &mix, seed, &null);
            shift.total_variation = corrected(&mix, shift.raw_variation);
            shift.ci = interval_of(&mix, shift.p);
            shift.total_variation =
                fmin(fmax(shift.total_variation, shift.ci.low), shift.ci.high);
            shift.detectable = mix.levels == 2
                                   ? detectable_growth(&mix, shift.permuted)
                                   : detectable(&mix, null);
        }
    }
    mix_release(&mix);
    return shift;
}
