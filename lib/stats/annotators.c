#include "stats/annotators.h"

#include <math.h>
#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

/* Without a block EM starts from its end with all: it has not far to go. */
static const double BLOCK_TOLERANCE = 1e-6;
enum { BLOCK_ROUNDS = 100 };

/* ---- EM ---- */

struct em {
    const struct judgements *j;
    const struct annotators_options *options;
    size_t n_persons, n_classes, n_pairs;
    size_t *pair;          /* [n_persons][n_classes] */
    struct judgement *who; /* [n_pairs] */
    double *weight;        /* [patterns] */
    double *count;         /* [n_pairs][n_classes], as expected */
    double *total;         /* [n_persons][n_classes]: their sums by person */
    double *prior, *error; /* of persons */
    double *log_theta;     /* [n_pairs][n_classes] */
    double *p;             /* [n_classes], of one pattern */
    double mean_error;
};

static void number_pairs(struct em *em)
{
    size_t all = em->n_persons * em->n_classes;
    const struct judgement *row;

    em->pair = mem_alloc(all, sizeof(*em->pair));
    em->who = mem_alloc(all, sizeof(*em->who));
    for (size_t i = 0; i < all; i++)
        em->pair[i] = SIZE_MAX;
    for (size_t i = 0; i < em->j->n; i++)
        for (size_t n = judgements_row(em->j, i, &row), k = 0; k < n; k++) {
            size_t *pair =
                &em->pair[row[k].person * em->n_classes + row[k].class];
            if (*pair != SIZE_MAX)
                continue;
            *pair = em->n_pairs;
            em->who[em->n_pairs++] = row[k];
        }
}

static void em_init(struct em *em, const struct judgements *j, size_t n_classes,
                    const struct annotators_options *options)
{
    memset(em, 0, sizeof(*em));
    em->j = j;
    em->options = options;
    em->n_persons = j->n_persons;
    em->n_classes = n_classes;
    number_pairs(em);
    em->weight = mem_alloc(j->n, sizeof(double));
    for (size_t i = 0; i < j->n; i++)
        em->weight[i] = j->patterns[i].weight;
    em->count = mem_alloc(em->n_pairs * n_classes, sizeof(double));
    em->log_theta = mem_alloc(em->n_pairs * n_classes, sizeof(double));
    em->total = mem_alloc(em->n_persons * n_classes, sizeof(double));
    em->prior = mem_alloc(n_classes, sizeof(double));
    em->p = mem_alloc(n_classes, sizeof(double));
    em->error = mem_alloc(em->n_persons, sizeof(double));
}

static void em_release(struct em *em)
{
    free(em->pair);
    free(em->who);
    free(em->weight);
    free(em->count);
    free(em->log_theta);
    free(em->total);
    free(em->prior);
    free(em->p);
    free(em->error);
}

static void clear(struct em *em)
{
    memset(em->count, 0, em->n_pairs * em->n_classes * sizeof(double));
    memset(em->prior, 0, em->n_classes * sizeof(double));
}

/* Adds a pattern whose posterior is em->p. */
static void add_expected(struct em *em, const struct judgement *row, size_t n,
                         double weight)
{
    for (size_t k = 0; k < em->n_classes; k++)
        em->prior[k] += weight * em->p[k];
    for (size_t i = 0; i < n; i++) {
        size_t pair = em->pair[row[i].person * em->n_classes + row[i].class];
        double *count = em->count + pair * em->n_classes;
        for (size_t k = 0; k < em->n_classes; k++)
            count[k] += weight * em->p[k];
    }
}

static void count_votes(struct em *em)
{
    const struct judgement *row;

    clear(em);
    for (size_t i = 0; i < em->j->n; i++) {
        size_t n = judgements_row(em->j, i, &row);
        memset(em->p, 0, em->n_classes * sizeof(double));
        for (size_t k = 0; k < n; k++)
            em->p[row[k].class] += 1 / (double)n;
        add_expected(em, row, n, em->weight[i]);
    }
}

/* From logarithms up to a constant to probabilities. */
static void normalise(double *p, size_t n)
{
    double most = -INFINITY, sum = 0;

    for (size_t k = 0; k < n; k++)
        most = fmax(most, p[k]);
    for (size_t k = 0; k < n; k++)
        sum += p[k] = exp(p[k] - most);
    for (size_t k = 0; k < n; k++)
        p[k] /= sum;
}

static void expect(struct em *em)
{
    size_t n_classes = em->n_classes;
    const struct judgement *row;
    double *log_prior = mem_alloc(n_classes, sizeof(double));

    for (size_t k = 0; k < n_classes; k++)
        log_prior[k] = log(em->prior[k]);
    clear(em);
    for (size_t i = 0; i < em->j->n; i++) {
        size_t n = judgements_row(em->j, i, &row);
        if (em->weight[i] <= 0)
            continue;
        memcpy(em->p, log_prior, n_classes * sizeof(double));
        for (size_t a = 0; a < n; a++) {
            size_t pair = em->pair[row[a].person * n_classes + row[a].class];
            const double *theta = em->log_theta + pair * n_classes;
            for (size_t k = 0; k < n_classes; k++)
                em->p[k] += theta[k];
        }
        normalise(em->p, n_classes);
        add_expected(em, row, n, em->weight[i]);
    }
    free(log_prior);
}

/* ---- the M step ---- */

/* Expected wrong judgements, and all, of each person. */
static void sum_persons(struct em *em, double *wrong, double *all)
{
    memset(wrong, 0, em->n_persons * sizeof(double));
    memset(all, 0, em->n_persons * sizeof(double));
    memset(em->total, 0, em->n_persons * em->n_classes * sizeof(double));
    for (size_t i = 0; i < em->n_pairs; i++) {
        size_t a = em->who[i].person;
        for (size_t k = 0; k < em->n_classes; k++) {
            double count = em->count[i * em->n_classes + k];
            em->total[a * em->n_classes + k] += count;
            wrong[a] += k == em->who[i].class ? 0 : count;
            all[a] += count;
        }
    }
}

/* The rate of all persons, kept off 0 so that no judgement is impossible. */
static double pooled_error(const double *wrong, const double *all, size_t n)
{
    double w = 0, sum = 0;

    for (size_t a = 0; a < n; a++) {
        w += wrong[a];
        sum += all[a];
    }
    return (w + .5) / (sum + 1);
}

static double mean_of(const double *value, size_t n)
{
    double sum = 0, count = 0;

    for (size_t i = 0; i < n; i++)
        if (!isnan(value[i])) {
            sum += value[i];
            count++;
        }
    return sum / count;
}

/* ln theta of one pair, from its counts. */
static void set_theta(struct em *em, size_t pair, double coin)
{
    const struct judgement *who = &em->who[pair];
    double s = em->options->smoothing, others = (double)em->n_classes - 1;

    for (size_t k = 0; k < em->n_classes; k++) {
        double like = k == who->class ? 1 - coin : coin / others;
        double count = em->count[pair * em->n_classes + k];
        double total = em->total[who->person * em->n_classes + k];
        /* a class that is nobody's truth (any more) */
        double theta = total + s > 0 ? (count + s * like) / (total + s) : like;
        em->log_theta[pair * em->n_classes + k] = log(fmax(theta, 1e-300));
    }
}

/* From the expected counts; returns the largest change of a rate. */
static double maximise(struct em *em)
{
    double s = em->options->smoothing, change = 0, rows = 0, pooled;
    double *wrong = mem_alloc(em->n_persons, sizeof(double));
    double *all = mem_alloc(em->n_persons, sizeof(double));

    sum_persons(em, wrong, all);
    pooled = pooled_error(wrong, all, em->n_persons);
    for (size_t a = 0; a < em->n_persons; a++) {
        double rate = all[a] > 0 ? wrong[a] / all[a] : NAN;
        change = fmax(change, fabs(rate - em->error[a]));
        em->error[a] = rate;
    }
    for (size_t i = 0; i < em->n_pairs; i++) {
        size_t a = em->who[i].person;
        set_theta(em, i, (wrong[a] + s * pooled) / (all[a] + s));
    }
    for (size_t k = 0; k < em->n_classes; k++)
        rows += em->prior[k];
    for (size_t k = 0; k < em->n_classes; k++)
        em->prior[k] = (em->prior[k] + 1 / (double)em->n_classes) / (rows + 1);
    em->mean_error = mean_of(em->error, em->n_persons);
    free(wrong);
    free(all);
    return change;
}

static size_t iterate(struct em *em, size_t most)
{
    size_t round = 0;

    while (round < most) {
        round++;
        expect(em);
        if (maximise(em) <= em->options->tolerance)
            break;
    }
    return round;
}

/* ---- the fit ---- */

struct annotators_options annotators_defaults(void)
{
    return (struct annotators_options){.5, 1e-7, 1000};
}

static double *copy(const double *from, size_t n)
{
    double *to = mem_alloc(n, sizeof(*to));

    memcpy(to, from, n * sizeof(*to));
    return to;
}

struct annotators *annotators_fit(const struct judgements *j, size_t n_classes,
                                  const struct annotators_options *options)
{
    struct annotators *fit = mem_zalloc(1, sizeof(*fit));
    struct em em;

    em_init(&em, j, n_classes, options);
    for (size_t a = 0; a < em.n_persons; a++)
        em.error[a] = NAN;
    count_votes(&em);
    maximise(&em);
    fit->rounds = iterate(&em, options->most_rounds);
    fit->n_persons = em.n_persons;
    fit->n_classes = n_classes;
    fit->n_pairs = em.n_pairs;
    fit->mean_error = em.mean_error;
    fit->error = copy(em.error, em.n_persons);
    fit->prior = copy(em.prior, n_classes);
    fit->log_theta = copy(em.log_theta, em.n_pairs * n_classes);
    fit->pair = em.pair;
    em.pair = NULL;
    em_release(&em);
    return fit;
}

void annotators_free(struct annotators *fit)
{
    if (!fit)
        return;
    free(fit->error);
    free(fit->prior);
    free(fit->pair);
    free(fit->log_theta);
    free(fit);
}

/* ---- the interval ---- */

/* The weight of the block's rows. */
static double leave_out(struct em *em, size_t block)
{
    double sum = 0;

    for (size_t i = 0; i < em->j->n; i++) {
        const struct judged_pattern *p = &em->j->patterns[i];
        em->weight[i] = p->weight;
        for (size_t k = 0; k < p->n_shares; k++)
            if (p->shares[k].block == block) {
                em->weight[i] -= p->shares[k].weight;
                sum += p->shares[k].weight;
            }
    }
    return sum;
}

/* mean_error without a block. */
static double error_without(const struct judgements *j,
                            const struct annotators *fit,
                            const struct annotators_options *options,
                            size_t block, double *weight)
{
    struct annotators_options rough = *options;
    struct em em;
    double error;

    rough.tolerance = fmax(rough.tolerance, BLOCK_TOLERANCE);
    rough.most_rounds = rough.most_rounds < BLOCK_ROUNDS ? rough.most_rounds
                                                         : BLOCK_ROUNDS;
    em_init(&em, j, fit->n_classes, &rough);
    memcpy(em.prior, fit->prior, em.n_classes * sizeof(double));
    memcpy(em.error, fit->error, em.n_persons * sizeof(double));
    memcpy(em.log_theta, fit->log_theta,
           em.n_pairs * em.n_classes * sizeof(double));
    *weight = leave_out(&em, block);
    iterate(&em, *weight > 0 ? rough.most_rounds : 0);
    error = *weight > 0 ? em.mean_error : fit->mean_error;
    em_release(&em);
    return error;
}

/* Variance plus squared bias; NaN where a single block has all rows. */
static double jackknife(const double *without, const double *weight, size_t n,
                        double all, double estimate)
{
    double blocks = 0, mean = 0, variance = 0;

    for (size_t b = 0; b < n; b++)
        if (weight[b] > 0) {
            double h = all / weight[b];
            blocks++;
            mean += h * estimate - (h - 1) * without[b];
        }
    mean /= blocks;
    for (size_t b = 0; b < n; b++)
        if (weight[b] > 0) {
            double h = all / weight[b];
            double off = h * estimate - (h - 1) * without[b] - mean;
            variance += off * off / (h - 1) / blocks;
        }
    return blocks > 1 ? variance + (mean - estimate) * (mean - estimate) : NAN;
}

struct interval annotators_interval(const struct judgements *j,
                                    const struct annotators *fit,
                                    const struct annotators_options *options,
                                    double alike)
{
    struct judgement_counts n = judgements_count(j);
    double *without = mem_alloc(j->n_blocks, sizeof(double));
    double *weight = mem_alloc(j->n_blocks, sizeof(double));
    double scale = n.rows / n.squares; /* Kish's rows for a weight of 1 */
    double all = n.judgements * scale, disputed = n.disputed * scale;
    double e = fit->mean_error, plain = e * (1 - e) / all, seen;

#pragma omp parallel for schedule(dynamic)
    for (size_t b = 0; b < j->n_blocks; b++)
        without[b] = error_without(j, fit, options, b, &weight[b]);
    seen = jackknife(without, weight, j->n_blocks, n.rows, e);
    if (plain > 0 && !isnan(seen))
        alike = (disputed * seen / plain + alike) / (disputed + 1);
    free(without);
    free(weight);
    return wilson(e * all / alike, all / alike);
}

double error_of_disagreement(double disagreement, size_t n_classes)
{
    double most = 1 - 1 / (double)n_classes;

    /* P = (1 - e)² + e² / (K - 1) is e² / most - 2 e + disagreement = 0 */
    return most * (1 - sqrt(fmax(1 - disagreement / most, 0)));
}

/* ---- posteriors ---- */

static void start_from_prior(const struct annotators *fit, double *p)
{
    for (size_t k = 0; k < fit->n_classes; k++)
        p[k] = log(fit->prior[k]);
}

/* What one person says; a class that the person never named says nothing. */
static void add_evidence(const struct annotators *fit, size_t person,
                         size_t class, double *p)
{
    size_t n_classes = fit->n_classes, pair;

    if (class >= n_classes)
        return;
    pair = fit->pair[person * n_classes + class];
    for (size_t k = 0; pair != SIZE_MAX && k < n_classes; k++)
        p[k] += fit->log_theta[pair * n_classes + k];
}

void annotators_posterior(const struct annotators *fit, const size_t *class,
                          double *p)
{
    start_from_prior(fit, p);
    for (size_t a = 0; a < fit->n_persons; a++)
        add_evidence(fit, a, class[a], p);
    normalise(p, fit->n_classes);
}

void annotators_posteriors(const struct annotators *fit, const size_t *class,
                           size_t n, double *p)
{
    for (size_t i = 0; i < n; i++)
        annotators_posterior(fit, class + i * fit->n_persons,
                             p + i * fit->n_classes);
}

void annotators_of_pattern(const struct annotators *fit,
                           const struct judgements *j, size_t pattern,
                           double *p)
{
    const struct judgement *row;
    size_t n = judgements_row(j, pattern, &row);

    start_from_prior(fit, p);
    for (size_t i = 0; i < n; i++)
        add_evidence(fit, row[i].person, row[i].class, p);
    normalise(p, fit->n_classes);
}
