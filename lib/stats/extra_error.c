#include "stats/extra_error.h"

#include <math.h>

#include <gsl/gsl_cdf.h>

/* ---- tests ---- */

/* P(X >= k), X the marked among `take` of `total`, of which so many are. */
static double at_least(size_t k, size_t marked, size_t total, size_t take)
{
    if (k == 0)
        return 1;
    return gsl_cdf_hypergeometric_Q((unsigned)k - 1, (unsigned)marked,
                                    (unsigned)(total - marked), (unsigned)take);
}

static double at_most(size_t k, size_t marked, size_t total, size_t take)
{
    return gsl_cdf_hypergeometric_P((unsigned)k, (unsigned)marked,
                                    (unsigned)(total - marked), (unsigned)take);
}

static double p_of_rate(const struct extra_counts *slice)
{
    if (!slice->n[0] || !slice->n[1])
        return NAN;
    return at_least(slice->errors[1], slice->errors[0] + slice->errors[1],
                    slice->n[0] + slice->n[1], slice->n[1]);
}

static double p_of_share(const struct extra_counts *slice,
                         const struct extra_counts *all)
{
    size_t marked = slice->n[0] + slice->n[1], total = all->n[0] + all->n[1];
    double grew = at_least(slice->n[1], marked, total, all->n[1]),
           shrank = at_most(slice->n[1], marked, total, all->n[1]),
           worse = at_least(slice->errors[1], all->errors[1], all->n[1],
                            slice->n[1]),
           better = at_most(slice->errors[0], all->errors[0], all->n[0],
                            slice->n[0]);

    return fmin(fmax(grew, worse), fmax(shrank, better));
}

/* ---- intervals ---- */

/* What a row of a set does to a part of the extra error (its derivative by the
 * probability of the cell), if it is wrong in the slice, right in it, wrong
 * outside; right outside: 0. */
struct effects {
    double wrong, right, outside;
};

/* The probabilities of these cells, with one row more in each of the four. */
struct cells {
    double wrong, right, outside, share, error;
};

static struct cells cells_of(const struct extra_counts *slice,
                             const struct extra_counts *all, int set)
{
    double rows = (double)all->n[set] + 4, n = (double)slice->n[set] + 2,
           errors = (double)slice->errors[set] + 1;

    return (struct cells){errors / rows, (n - errors) / rows,
                          ((double)all->errors[set] + 2 - errors) / rows,
                          n / rows, errors / n};
}

static double variance(const struct cells *p, const struct effects *effect)
{
    double mean = p->wrong * effect->wrong + p->right * effect->right +
                  p->outside * effect->outside;

    return p->wrong * effect->wrong * effect->wrong +
           p->right * effect->right * effect->right +
           p->outside * effect->outside * effect->outside - mean * mean;
}

static struct effects minus(struct effects a, struct effects b)
{
    return (struct effects){a.wrong - b.wrong, a.right - b.right,
                            a.outside - b.outside};
}

static void add_variances(const struct cells cells[EXTRA_SETS], int set,
                          double rows, double sum[3])
{
    const struct cells *p = &cells[set];
    double sign = set == EXTRA_CURRENT ? 1 : -1,
           shift = (cells[1].share - cells[0].share) / 2,
           middle = (cells[0].wrong + cells[0].outside + cells[1].wrong +
                     cells[1].outside) /
                    2,
           half = (cells[1].error - cells[0].error) / 2,
           weight = sign * (cells[0].share + cells[1].share) / 2 / p->share;
    struct effects excess = {sign * (1 - middle) - shift, -sign * middle,
                             -shift},
                   rate = {weight * (1 - p->error) + half,
                           -weight * p->error + half, 0},
                   share = minus(excess, rate);

    sum[0] += variance(p, &excess) / rows;
    sum[1] += variance(p, &share) / rows;
    sum[2] += variance(p, &rate) / rows;
}

static struct interval around(double value, double squared)
{
    double half = normal_quantile(.975) * sqrt(fmax(0, squared));

    return (struct interval){value - half, value + half};
}

static void add_intervals(struct extra_error *e,
                          const struct extra_counts *slice,
                          const struct extra_counts *all)
{
    struct cells cells[EXTRA_SETS] = {cells_of(slice, all, 0),
                                      cells_of(slice, all, 1)};
    double sum[3] = {0, 0, 0};

    for (int set = 0; set < EXTRA_SETS; set++)
        add_variances(cells, set, (double)all->n[set], sum);
    e->excess.ci = around(e->excess.value, sum[0]);
    e->by_share.ci = around(e->by_share.value, sum[1]);
    e->by_rate.ci = around(e->by_rate.value, sum[2]);
}

/* ---- parts ---- */

/* A product of 0 and something negative has a sign that means nothing. */
static double unsigned_zero(double value)
{
    return value == 0 ? 0 : value;
}

static void add_values(struct extra_error *e, double middle)
{
    double rate[EXTRA_SETS] = {isnan(e->error[0]) ? e->error[1] : e->error[0],
                               isnan(e->error[1]) ? e->error[0] : e->error[1]};

    e->by_share.value = unsigned_zero((e->share[1] - e->share[0]) *
                                      ((rate[0] + rate[1]) / 2 - middle));
    e->by_rate.value =
        unsigned_zero((e->share[0] + e->share[1]) / 2 * (rate[1] - rate[0]));
    e->excess.value = e->by_share.value + e->by_rate.value;
}

/* All rows: nothing can move. */
static void finish_total(struct extra_error *e, const struct extra_counts *all)
{
    e->excess.ci = e->by_rate.ci =
        newcombe((double)all->errors[1], (double)all->n[1],
                 (double)all->errors[0], (double)all->n[0]);
    e->by_share.ci = (struct interval){0, 0};
    e->by_share.p = NAN;
    e->excess.p = e->by_rate.p;
}

static void finish_slice(struct extra_error *e,
                         const struct extra_counts *slice,
                         const struct extra_counts *all)
{
    add_intervals(e, slice, all);
    e->by_share.p = p_of_share(slice, all);
    e->excess.p = fmin(1, 2 * fmin(e->by_share.p, e->by_rate.p));
    if (slice->n[0] && slice->n[1])
        return;
    e->by_share.ci = e->excess.ci;
    e->by_rate.ci = interval_unknown();
}

struct extra_error extra_error_of(const struct extra_counts *slice,
                                  const struct extra_counts *all)
{
    struct extra_error e = {.error_ci = interval_unknown()};
    double middle = 0;

    for (int set = 0; set < EXTRA_SETS; set++) {
        double n = (double)slice->n[set], rows = (double)all->n[set];
        e.share[set] = n / rows;
        e.error[set] = n > 0 ? (double)slice->errors[set] / n : NAN;
        middle += (double)all->errors[set] / rows / 2;
    }
    if (slice->n[1])
        e.error_ci = wilson((double)slice->errors[1], (double)slice->n[1]);
    add_values(&e, middle);
    e.by_rate.p = p_of_rate(slice);
    if (slice->n[0] == all->n[0] && slice->n[1] == all->n[1])
        finish_total(&e, all);
    else
        finish_slice(&e, slice, all);
    return e;
}
