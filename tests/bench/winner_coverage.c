/*
 * How often the intervals of the winner of a search hold its error on fresh
 * data: lib/stats/winner.h beside other ways.
 *
 *     winner_coverage SEARCHES [ROWS TRIALS REPEATS]
 *     winner_coverage --seeds SEARCHES
 *     winner_coverage --read < SEARCHES.csv
 *
 * A row has a difficulty, a part that each configuration adds and one that each
 * network adds, all normal; a network is wrong where their sum is above a
 * threshold, of which a normal part is its seed's.  Two networks of different
 * configurations have errors that correlate by .5 on the latent scale, of one
 * configuration by .75.  Trials are `equal` (error .1), `spread` (.03 to .2,
 * and a fifth that fail), or `one` is much better (.1, the others .17).  With
 * repeats the five best are trained that many times more, and the truth is the
 * mean over seeds; else it is the error of the winner that was trained.
 *
 * Writes regime,rows,trials,repeats,method,bias,coverage,above,width: bias of
 * the estimate, how often the interval holds the truth and how often it lies
 * above it, its mean width.  `plain` is Wilson's interval of the best error;
 * `bound` and `trials` are optimism.h's added to it; `folds` is Tibshirani &
 * Tibshirani 2009 over ten parts of the rows; `bbc` is the bootstrap of
 * Tsamardinos et al. 2018 with its percentiles; `winner` is the library's, and
 * `rates` where it is not told which rows are wrong; `run` is its interval for
 * another network of that configuration.  `best` says how often the truly best
 * trial has p > .05 (coverage), how many have (width).
 *
 * --seeds: objectives without rows, normal about true ones that are equal,
 * normal with the same deviation, or one three deviations better.
 *
 * --read: what winner_searches.sh writes, a row a trial in their order, those
 * of a search together.
 */
#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/parallel.h"
#include "base/rng.h"
#include "stats/optimism.h"
#include "stats/winner.h"

enum { BAGS = 300, FOLDS = 10, CHOSEN = 5, LINE = 1 << 16 };
enum regime { EQUAL, SPREAD, ONE, REGIMES };
enum way { PLAIN, BOUND, TRIALS, FOLD, BBC, RATES, WINNER, RUN, BEST, WAYS };

static const char *const regimes[] = {"equal", "spread", "one"};
static const char *const ways[] = {"plain", "bound",  "trials", "folds", "bbc",
                                   "rates", "winner", "run",    "best"};
static const double SHARED = .5, OF_CONFIG = .25, SEEDS = .05;

/* A search: its trials in order, what each and its configuration truly is. */
struct search {
    struct contest contest;
    double *objective, *network, *truth; /* [n] */
    size_t *config;
    char **wrong;
    bool repeated;
};

struct tally {
    double n, bias, within, above, width;
};

static struct search search_new(size_t most, size_t rows)
{
    struct search s = {0};

    s.objective = malloc(most * sizeof(double));
    s.network = malloc(most * sizeof(double));
    s.truth = malloc(most * sizeof(double));
    s.config = malloc(most * sizeof(size_t));
    s.wrong = malloc(most * sizeof(char *));
    s.contest = (struct contest){.objective = s.objective,
                                 .config = s.config,
                                 .wrong = (const char *const *)s.wrong,
                                 .n_rows = rows};
    return s;
}

static void search_free(struct search *s)
{
    for (size_t i = 0; i < s->contest.n; i++)
        free(s->wrong[i]);
    free(s->objective);
    free(s->network);
    free(s->truth);
    free(s->config);
    free(s->wrong);
}

static void search_add(struct search *s, size_t config, char *wrong,
                       double network, double truth)
{
    size_t i = s->contest.n++, n = 0;

    for (size_t row = 0; row < s->contest.n_rows; row++)
        n += wrong[row] == '1';
    s->objective[i] = (double)n / (double)s->contest.n_rows;
    s->config[i] = config;
    s->wrong[i] = wrong;
    s->network[i] = network;
    s->truth[i] = truth;
    if (config >= s->contest.n_configs)
        s->contest.n_configs = config + 1;
}

/* ---- simulated ---- */

static double threshold(enum regime regime, size_t config, struct rng *rng)
{
    double a = -1.2816, z = rng_normal(rng), u = rng_uniform(rng);

    if (regime == SPREAD)
        a += .1 + .25 * z + (u < .2 ? 1.5 * rng_uniform(rng) : 0);
    if (regime == ONE && config > 0)
        a += .33;
    return a;
}

static void run_trial(struct search *s, struct rng *rng, size_t config,
                      double a, const double *difficulty, const float *own)
{
    size_t rows = s->contest.n_rows;
    double here = a + SEEDS * rng_normal(rng);
    double rest = sqrt(1 - SHARED - OF_CONFIG);
    char *wrong = malloc(rows);

    for (size_t i = 0; i < rows; i++)
        wrong[i] = difficulty[i] + own[i] + rest * rng_normal(rng) + here > 0
                       ? '1'
                       : '0';
    search_add(s, config, wrong, normal_upper_tail(-here),
               normal_upper_tail(-a / sqrt(1 + SEEDS * SEEDS)));
}

/* The trial that is best among the configurations without repeats. */
static size_t next_best(const struct search *s, size_t trials)
{
    size_t best = trials;

    for (size_t i = 0; i < trials; i++) {
        bool again = false;
        for (size_t j = trials; j < s->contest.n; j++)
            again |= s->config[j] == s->config[i];
        if (!again && (best == trials || s->objective[i] < s->objective[best]))
            best = i;
    }
    return best;
}

static struct search simulate(enum regime regime, size_t rows, size_t trials,
                              size_t repeats, uint64_t seed)
{
    struct search s = search_new(trials + CHOSEN * repeats, rows);
    double *difficulty = malloc(rows * sizeof(double));
    double *a = malloc(trials * sizeof(double));
    float *own = malloc(trials * rows * sizeof(float));
    struct rng rng;

    rng_init(&rng, seed, 1);
    for (size_t i = 0; i < rows; i++)
        difficulty[i] = sqrt(SHARED) * rng_normal(&rng);
    for (size_t t = 0; t < trials; t++) {
        a[t] = threshold(regime, t, &rng);
        for (size_t i = 0; i < rows; i++)
            own[t * rows + i] = (float)(sqrt(OF_CONFIG) * rng_normal(&rng));
        run_trial(&s, &rng, t, a[t], difficulty, own + t * rows);
    }
    for (size_t k = 0; repeats > 0 && k < CHOSEN && k < trials; k++) {
        size_t t = next_best(&s, trials);
        for (size_t i = 0; i < repeats; i++)
            run_trial(&s, &rng, t, a[t], difficulty, own + t * rows);
    }
    s.repeated = repeats > 0;
    free(difficulty);
    free(a);
    free(own);
    return s;
}

/* As `simulate`, of objectives alone. */
static struct search simulate_seeds(enum regime regime, size_t trials,
                                    size_t repeats, uint64_t seed)
{
    struct search s = search_new(trials + CHOSEN * repeats, 0);
    struct contest *c = &s.contest;
    struct rng rng;

    rng_init(&rng, seed, 3);
    c->wrong = NULL;
    c->n_configs = trials;
    for (; c->n < trials + CHOSEN * repeats; c->n++) {
        size_t i = c->n, of = i;
        if (i >= trials)
            of = (i - trials) % repeats ? s.config[i - 1]
                                        : next_best(&s, trials);
        s.config[i] = of;
        s.truth[i] = i >= trials        ? s.truth[of]
                     : regime == SPREAD ? rng_normal(&rng)
                                        : (regime == ONE && i > 0) * 3;
        s.objective[i] = s.truth[i] + rng_normal(&rng);
        s.network[i] = s.truth[i] + rng_normal(&rng); /* another */
        s.wrong[i] = NULL;
    }
    s.repeated = true;
    return s;
}

/* ---- the ways ---- */

static void tally(struct tally *t, double value, struct interval ci,
                  double truth)
{
    t->n++;
    t->bias += value - truth;
    t->within += ci.low <= truth && truth <= ci.high;
    t->above += ci.low > truth;
    t->width += ci.high - ci.low;
}

/* share[config][row]: of its networks, how many are wrong; of those that have
 * repeats, where there are any. */
static float *shares(const struct search *s, const struct standing *standing)
{
    const struct contest *c = &s->contest;
    float *share = calloc(c->n_configs * c->n_rows, sizeof(float));

    for (size_t t = 0; t < c->n; t++) {
        float *at = share + s->config[t] * c->n_rows;
        float runs = (float)standing[s->config[t]].runs;
        for (size_t i = 0; i < c->n_rows; i++)
            at[i] += (float)(s->wrong[t][i] == '1') / runs;
    }
    return share;
}

/* Sums of the rows that count[i] times are drawn. */
static double sum_of(const float *share, const float *count, size_t rows)
{
    double sum = 0;

    for (size_t i = 0; i < rows; i++)
        sum += (double)(share[i] * count[i]);
    return sum;
}

static bool competes(const struct search *s, const struct standing *standing,
                     size_t config)
{
    return !s->repeated || standing[config].runs > 1;
}

static size_t best_by(const struct search *s, const struct standing *standing,
                      const float *share, const float *count)
{
    const struct contest *c = &s->contest;
    double least = INFINITY;
    size_t best = 0;

    for (size_t k = 0; k < c->n_configs; k++) {
        double sum = competes(s, standing, k)
                         ? sum_of(share + k * c->n_rows, count, c->n_rows)
                         : INFINITY;
        if (sum < least) {
            least = sum;
            best = k;
        }
    }
    return best;
}

static double bbc(const struct search *s, const struct standing *standing,
                  const float *share, struct rng *rng, struct interval *ci)
{
    size_t rows = s->contest.n_rows;
    float *count = malloc(rows * sizeof(float));
    double draw[BAGS], sum = 0;

    for (size_t b = 0; b < BAGS; b++) {
        double out = 0;
        size_t best;
        memset(count, 0, rows * sizeof(float));
        for (size_t i = 0; i < rows; i++)
            count[rng_below(rng, rows)]++;
        best = best_by(s, standing, share, count);
        for (size_t i = 0; i < rows; i++)
            out += count[i] = count[i] == 0;
        draw[b] = sum_of(share + best * rows, count, rows) / out;
        sum += draw[b] / BAGS;
    }
    *ci = interval_from_draws(draw, BAGS);
    free(count);
    return sum;
}

/* The mean over the parts of what the winner is worse in each than the best. */
static double of_folds(const struct search *s, const struct standing *standing,
                       const float *share, size_t winner)
{
    size_t rows = s->contest.n_rows;
    float *count = malloc(rows * sizeof(float));
    double sum = 0;

    for (size_t f = 0; f < FOLDS; f++) {
        size_t best;
        for (size_t i = 0; i < rows; i++)
            count[i] = i % FOLDS == f;
        best = best_by(s, standing, share, count);
        sum += sum_of(share + winner * rows, count, rows) -
               sum_of(share + best * rows, count, rows);
    }
    free(count);
    return sum / (double)rows;
}

static void corrected(struct tally *t, double error, double rows, double truth)
{
    tally(t, error, wilson(error * rows, rows), truth);
}

static void others(const struct search *s, const struct standing *standing,
                   const double *truth, uint64_t seed, struct tally *out)
{
    const struct contest *c = &s->contest;
    float *share = shares(s, standing),
          *all = malloc(c->n_rows * sizeof(float));
    double rows = (double)c->n_rows, e, n = (double)c->n_configs, value;
    struct interval ci;
    struct rng rng;
    size_t best;

    for (size_t i = 0; i < c->n_rows; i++)
        all[i] = 1;
    rng_init(&rng, seed, 2);
    best = best_by(s, standing, share, all);
    e = standing[best].mean;
    corrected(&out[PLAIN], e, rows, truth[best]);
    if (!s->repeated) {
        corrected(&out[BOUND], e + optimism_of_best(e, rows, n).value, rows,
                  truth[best]);
        value = optimism_of_trials(s->objective, c->n, rows, NAN).value;
        corrected(&out[TRIALS], e + value, rows, truth[best]);
    }
    value = of_folds(s, standing, share, best);
    corrected(&out[FOLD], e + value, rows, truth[best]);
    value = bbc(s, standing, share, &rng, &ci);
    tally(&out[BBC], value, ci, truth[best]);
    free(share);
    free(all);
}

static void judge(const struct search *s, uint64_t seed, struct tally *out)
{
    const struct contest *c = &s->contest;
    struct contest rates = *c;
    struct standing *standing = calloc(c->n_configs, sizeof(*standing));
    double *truth = calloc(c->n_configs, sizeof(*truth));
    struct winner w;
    size_t last = 0, top = 0, kept = 0;

    for (size_t i = 0; i < c->n; i++)
        truth[s->config[i]] = s->repeated ? s->truth[i] : s->network[i];
    rates.wrong = NULL;
    winner_find(&rates, seed, standing, &w);
    if (c->wrong)
        tally(&out[RATES], standing[w.best].score, standing[w.best].ci,
              truth[w.best]);
    winner_find(c, seed, standing, &w);
    tally(&out[WINNER], standing[w.best].score, standing[w.best].ci,
          truth[w.best]);
    for (size_t i = 0; i < c->n; i++)
        last = s->config[i] == w.best ? i : last;
    if (s->repeated)
        tally(&out[RUN], standing[w.best].score, standing[w.best].run,
              s->network[last]);
    for (size_t k = 0; k < c->n_configs; k++) {
        top = truth[k] < truth[top] ? k : top;
        kept += standing[k].p_value > .05;
    }
    out[BEST].n++;
    out[BEST].within += standing[top].p_value > .05;
    out[BEST].width += (double)kept;
    if (c->wrong)
        others(s, standing, truth, seed, out);
    free(standing);
    free(truth);
}

static void show(const char *what, const struct tally *sums)
{
    for (int i = 0; i < WAYS; i++) {
        const struct tally *t = &sums[i];
        if (t->n > 0)
            printf("%s,%s,%.4f,%.3f,%.3f,%.4f\n", what, ways[i], t->bias / t->n,
                   t->within / t->n, t->above / t->n, t->width / t->n);
    }
    fflush(stdout);
}

static void add_up(const struct tally *each, size_t n, struct tally *sums)
{
    for (size_t k = 0; k < n; k++)
        for (int i = 0; i < WAYS; i++) {
            const struct tally *t = &each[k * WAYS + (size_t)i];
            sums[i].n += t->n;
            sums[i].bias += t->bias;
            sums[i].within += t->within;
            sums[i].above += t->above;
            sums[i].width += t->width;
        }
}

static void measure(size_t searches, enum regime regime, size_t rows,
                    size_t trials, size_t repeats)
{
    struct tally *each = calloc(searches * WAYS, sizeof(*each));
    struct tally sums[WAYS] = {0};
    char what[100];

#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < searches; i++) {
        struct search s = rows ? simulate(regime, rows, trials, repeats, i + 1)
                               : simulate_seeds(regime, trials, repeats, i + 1);
        judge(&s, i + 1, each + i * WAYS);
        search_free(&s);
    }
    add_up(each, searches, sums);
    snprintf(what, sizeof(what), "%s,%zu,%zu,%zu", regimes[regime], rows,
             trials, repeats);
    show(what, sums);
    free(each);
}

/* ---- read ---- */

static int read_searches(void)
{
    static char line[LINE], wrong[LINE];
    struct tally sums[WAYS] = {0};
    struct search s = {0};
    long id, before = -1;
    double network, mean;
    size_t config;

    while (fgets(line, sizeof(line), stdin)) {
        if (sscanf(line, "%ld,%zu,%[01],%lf,%lf", &id, &config, wrong, &network,
                   &mean) != 5)
            continue;
        if (id != before) {
            if (s.contest.n)
                judge(&s, (uint64_t)id, sums);
            search_free(&s);
            s = search_new(1000, strlen(wrong));
        }
        before = id;
        s.repeated |= config < s.contest.n_configs;
        search_add(&s, config, strdup(wrong), network, mean);
    }
    if (s.contest.n)
        judge(&s, (uint64_t)before, sums);
    search_free(&s);
    puts("searches,method,bias,coverage,above,width");
    show("read", sums);
    return 0;
}

int main(int argc, char **argv)
{
    static const size_t rows[] = {100, 500, 2000}, trials[] = {10, 60, 200};
    size_t searches = argc > 1 ? strtoul(argv[1], NULL, 10) : 100;

    parallel_set_threads(0);
    if (argc > 1 && strcmp(argv[1], "--read") == 0)
        return read_searches();
    puts("regime,rows,trials,repeats,method,bias,coverage,above,width");
    if (argc > 2 && strcmp(argv[1], "--seeds") == 0) {
        for (int g = 0; g < REGIMES; g++)
            for (size_t again = 2; again <= 4; again++)
                for (int t = 0; t < 2; t++)
                    measure(strtoul(argv[2], NULL, 10), (enum regime)g, 0,
                            trials[t], again);
        return 0;
    }
    for (int g = 0; g < REGIMES; g++)
        for (int r = 0; r < 3; r++)
            for (int t = 0; t < 3; t++)
                for (size_t again = 0; again <= 3; again += 3) {
                    if (argc > 4 && (rows[r] != strtoul(argv[2], NULL, 10) ||
                                     trials[t] != strtoul(argv[3], NULL, 10) ||
                                     again != strtoul(argv[4], NULL, 10)))
                        continue;
                    measure(searches, (enum regime)g, rows[r], trials[t],
                            again);
                }
    return 0;
}
