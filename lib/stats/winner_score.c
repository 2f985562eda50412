#include <gsl/gsl_cdf.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "stats/winner_parts.h"

/* Points of the grid; rounds of EM. */
enum { POINTS = 80, ROUNDS = 200 };

/* In standard deviations of the noise: how far from the best trials count. */
static const double REACH = 8;

/* The distribution of the true errors, and what the trials say of them. */
struct mixture {
    double point[POINTS], weight[POINTS];
    double *likelihood; /* [n][POINTS], the largest of a row 1 */
    size_t n;
};

/* The variance of the noise that is a configuration's own: of a rate in units
 * of what the rows give a trial. */
static double own(const struct winner *w, double runs)
{
    const struct winner_noise *noise = &w->noise;
    double rows = noise->config - noise->shared + (1 - noise->config) / runs;

    if (!winner_is_rate(w))
        return noise->seeds / runs;
    return fmax(rows + noise->seeds / noise->unit / runs, 1e-3);
}

static void likelihoods(const struct contest *c, const struct winner *w,
                        const struct standing *s, const double *point,
                        double *out)
{
    double most = -INFINITY, noise = own(w, (double)s->runs);

    for (int k = 0; k < POINTS; k++) {
        double t = point[k], y = s->mean;
        out[k] = winner_is_rate(w) ? (double)c->n_rows / noise *
                                         (y * log(t) + (1 - y) * log1p(-t))
                                   : -(y - t) * (y - t) / (2 * noise);
        most = fmax(most, out[k]);
    }
    for (int k = 0; k < POINTS; k++)
        out[k] = exp(out[k] - most);
}

static void weigh(const struct mixture *m, size_t i, double *p)
{
    double sum = 0;

    for (int k = 0; k < POINTS; k++)
        sum += p[k] = m->weight[k] * m->likelihood[i * POINTS + (size_t)k];
    for (int k = 0; k < POINTS; k++)
        p[k] /= sum;
}

static void fit(struct mixture *m)
{
    double p[POINTS];

    for (int k = 0; k < POINTS; k++)
        m->weight[k] = 1.0 / POINTS;
    for (int round = 0; round < ROUNDS; round++) {
        double next[POINTS] = {0};
        for (size_t i = 0; i < m->n; i++) {
            weigh(m, i, p);
            for (int k = 0; k < POINTS; k++)
                next[k] += p[k] / (double)m->n;
        }
        for (int k = 0; k < POINTS; k++)
            m->weight[k] = next[k];
    }
}

/* From the best mean upwards, as far as noise reaches. */
static double set_points(const struct contest *c, const struct winner *w,
                         double best, struct mixture *m)
{
    double least = .25 / (double)c->n_rows, low = best, high, noise;

    if (winner_is_rate(w)) {
        low = fmin(fmax(best, least), 1 - least);
        noise = own(w, 1) * fmax(w->noise.unit, winner_unit(low, c->n_rows));
        high = fmin(low + REACH * sqrt(noise), 1 - least);
    } else {
        high = low + REACH * sqrt(own(w, 1));
    }
    for (int k = 0; k < POINTS; k++)
        m->point[k] = low + (high - low) * k / (POINTS - 1);
    return high;
}

/* Wilson's interval of a rate among so many rows that it has the variance that
 * `more` and the rows, by a share of theirs, give it. */
static struct interval of_rate(double e, double rows, double share, double more)
{
    double u = fmin(fmax(e, .5 / rows), 1 - .5 / rows);
    double n = u * (1 - u) / (u * (1 - u) / rows * share + more);

    return wilson(e * n, n);
}

static struct interval of_mean(double value, double variance, double df)
{
    double half = gsl_cdf_tdist_Pinv(.975, df) * sqrt(variance);

    return (struct interval){value - half, value + half};
}

/* What holds both the interval of the mean, as if there had been no choice, and
 * that of the score; more: variance beside that of the rows. */
static struct interval hull(const struct contest *c, const struct winner *w,
                            const struct standing *s, double more)
{
    const struct winner_noise *noise = &w->noise;
    double low = fmin(s->mean, s->score), high = fmax(s->mean, s->score);
    double rows = (double)c->n_rows;
    double share = noise->config + (1 - noise->config) / (double)s->runs;

    if (!winner_is_rate(w))
        return (struct interval){of_mean(low, more, noise->df).low,
                                 of_mean(high, more, noise->df).high};
    return (struct interval){of_rate(low, rows, share, more).low,
                             of_rate(high, rows, share, more).high};
}

static double posterior_mean(const struct mixture *m, size_t i)
{
    double p[POINTS], mean = 0;

    weigh(m, i, p);
    for (int k = 0; k < POINTS; k++)
        mean += p[k] * m->point[k];
    return mean;
}

/* The scores of those within the noise of the best. */
static void shrink(const struct contest *c, const struct winner *w,
                   const struct ranking *r, struct standing *standing)
{
    struct mixture m = {0};
    double high = set_points(c, w, standing[r->order[0]].mean, &m);

    while (m.n < c->n_configs && standing[r->order[m.n]].mean <= high)
        m.n++;
    if (m.n < 2 || !(high > m.point[0]))
        return;
    m.likelihood = mem_alloc(m.n * POINTS, sizeof(double));
    for (size_t i = 0; i < m.n; i++)
        likelihoods(c, w, &standing[r->order[i]], m.point,
                    m.likelihood + i * POINTS);
    fit(&m);
    for (size_t i = 0; i < m.n; i++)
        standing[r->order[i]].score = posterior_mean(&m, i);
    free(m.likelihood);
}

void winner_scores(const struct contest *c, const struct winner *w,
                   const struct ranking *r, struct standing *standing)
{
    for (size_t k = 0; k < c->n_configs; k++)
        standing[k].score = standing[k].mean;
    if (w->method == WINNER_NONE)
        return;
    shrink(c, w, r, standing);
    for (size_t k = 0; k < c->n_configs; k++) {
        struct standing *s = &standing[k];
        double seeds = w->noise.seeds;
        s->ci = hull(c, w, s, seeds / (double)s->runs);
        if (w->noise.df > 0)
            s->run = hull(c, w, s, seeds / (double)s->runs + seeds);
    }
}
