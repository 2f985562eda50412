/*
 * How often the intervals of the gaps hold the true ones.
 *
 *     gap_coverage RUNS [METRIC]
 *
 * Train 1000 rows, trainval, testval and test 200 each, of 4 classes, each set
 * somewhat more often wrong than the one before.  Writes metric,rows,error (of
 * train) and, for each gap, coverage,below,above.  rows: `plain`; `rare` (a
 * class of 5 % of the rows); `weights` (log-normal, more on wrong
 * rows); `groups` (of 5 rows, intraclass correlation about .3); `replicas` (5
 * models of the same rows, correlation about .6).  With `goal`, the goal is
 * itself estimated on 300 rows.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "stats/gaps.h"
#include "stats/score.h"

enum { CLASSES = 4, GOAL = SPLIT_COUNT, SETS };
enum shape { PLAIN, RARE, WEIGHTS, GROUPS, REPLICAS, GOALS, SHAPES };
enum metric { ERROR, LOG_LOSS, BRIER, MACRO_F1, BALANCED, METRICS };

static const char *const shape_names[] = {"plain",  "rare",     "weights",
                                          "groups", "replicas", "goal"};
static const char *const metric_names[] = {"error", "log_loss", "brier",
                                           "macro_f1", "balanced_error"};
static const enum score_kind kinds[] = {SCORE_RATE, SCORE_MEAN, SCORE_MEAN,
                                        SCORE_MACRO_F1, SCORE_BALANCED};

struct scene {
    enum metric metric;
    enum shape shape;
    double margin[SETS]; /* of the true class's logit */
    size_t rows[SETS];
};

struct row {
    size_t label, pred;
    double value, weight;
};

/* Logits normal about the margin; a group shares a part of them. */
static struct row draw_row(const struct scene *s, struct rng *rng, int set,
                           size_t label, const double *shared, double share)
{
    double p[CLASSES], most = -INFINITY, sum = 0, brier = 0;
    struct row row = {.label = label, .weight = 1};

    for (size_t k = 0; k < CLASSES; k++) {
        p[k] = sqrt(share) * shared[k] + sqrt(1 - share) * rng_normal(rng);
        p[k] = 1.5 * p[k] + (k == label ? s->margin[set] : 0);
        row.pred = p[k] > most ? k : row.pred;
        most = fmax(most, p[k]);
    }
    for (size_t k = 0; k < CLASSES; k++)
        sum += p[k] = exp(p[k] - most);
    for (size_t k = 0; k < CLASSES; k++) {
        double d = p[k] / sum - (k == label);
        brier += d * d;
    }
    row.value = s->metric == BRIER ? brier : -log(p[label] / sum);
    if (s->shape == WEIGHTS)
        row.weight = exp(.5 * rng_normal(rng)) * (row.pred != label ? 1.3 : 1);
    return row;
}

static size_t draw_label(const struct scene *s, struct rng *rng)
{
    double u = rng_uniform(rng);

    if (s->shape == RARE)
        return u < .05 ? 3 : u < .2 ? 2 : u < .5 ? 1 : 0;
    return (size_t)(u * CLASSES);
}

struct sample {
    struct score score[SETS];
    struct clusters clusters;
    bool second;
};

static void add(struct sample *to, const struct row *r, int set, uint64_t group,
                bool grouped)
{
    struct score *score = &to->score[set];
    bool late = score->kind == SCORE_MACRO_F1 || score->kind == SCORE_BALANCED;

    if (!to->second)
        score_add(score, r->label, r->pred, r->value, r->weight);
    if (grouped && to->second == late)
        clusters_add(&to->clusters, group, (unsigned)set,
                     score_share(score, r->label, r->pred, r->value, r->weight),
                     r->weight, r->label != r->pred);
}

static void draw_set(const struct scene *s, struct sample *to, struct rng *rng,
                     int set, size_t rows)
{
    bool grouped = s->shape == GROUPS || s->shape == REPLICAS;
    size_t size = grouped ? 5 : 1;
    double share = s->shape == GROUPS ? .35 : s->shape == REPLICAS ? .75 : 0;

    for (size_t g = 0; g < rows / size; g++) {
        uint64_t name = hash_bytes(&g, sizeof(g)) + (uint64_t)set * 8;
        size_t label = draw_label(s, rng);
        double shared[CLASSES];
        for (size_t k = 0; k < CLASSES; k++)
            shared[k] = rng_normal(rng);
        for (size_t i = 0; i < size; i++) {
            struct row r;
            if (s->shape == GROUPS)
                label = draw_label(s, rng);
            r = draw_row(s, rng, set, label, shared, share);
            add(to, &r, set, name, grouped);
        }
    }
}

static void draw_all(const struct scene *s, struct sample *to, uint64_t seed,
                     const size_t *rows)
{
    for (int pass = 0; pass < 2; pass++) {
        struct rng rng;
        rng_init(&rng, seed, 1);
        to->second = pass == 1;
        for (int i = 0; i < SETS; i++)
            draw_set(s, to, &rng, i, rows[i]);
        for (int i = 0; i < SETS; i++)
            score_close(&to->score[i]);
    }
}

static void sample_init(struct sample *to, const struct scene *s)
{
    memset(to, 0, sizeof(*to));
    for (int i = 0; i < SETS; i++)
        score_init(&to->score[i], kinds[s->metric], s->shape == WEIGHTS);
}

static void sample_release(struct sample *to)
{
    for (int i = 0; i < SETS; i++)
        score_release(&to->score[i]);
    clusters_release(&to->clusters);
}

static void measure(const struct scene *s, const double *truth, uint64_t seed,
                    struct gaps *gaps)
{
    bool grouped = s->shape == GROUPS || s->shape == REPLICAS;
    struct estimate part[SETS];
    struct sample sample;

    sample_init(&sample, s);
    draw_all(s, &sample, seed, s->rows);
    for (int i = 0; i < SETS; i++) {
        struct cluster_sums sums = clusters_sum(&sample.clusters, (unsigned)i,
                                                score_centre(&sample.score[i]));
        part[i] = score_estimate(&sample.score[i], grouped ? &sums : NULL);
    }
    if (s->shape != GOALS)
        part[GOAL] = estimate_exact(truth[GOAL], part[0].bounded);
    gaps_compare(&part[GOAL], part, NULL, gaps);
    sample_release(&sample);
}

/* The scores of very many rows. */
static void find_truth(const struct scene *s, double *truth)
{
    static const size_t many[SETS] = {400000, 400000, 0,
                                      400000, 400000, 400000};
    struct scene plain = *s;
    struct sample sample;

    if (s->shape == GROUPS || s->shape == REPLICAS)
        plain.shape = PLAIN;
    sample_init(&sample, &plain);
    draw_all(&plain, &sample, 99, many);
    for (int i = 0; i < SETS; i++)
        truth[i] = score_value(&sample.score[i]);
    sample_release(&sample);
}

static void show(const struct scene *s, size_t runs)
{
    struct gaps *gaps = malloc(runs * sizeof(*gaps));
    double truth[SETS];

    find_truth(s, truth);
#pragma omp parallel for schedule(dynamic)
    for (size_t i = 0; i < runs; i++)
        measure(s, truth, i + 1, &gaps[i]);
    printf("%s,%s,%.2f", metric_names[s->metric], shape_names[s->shape],
           truth[0]);
    for (int k = 0; k < GAP_COUNT; k++) {
        double below = 0, above = 0;
        for (size_t i = 0; i < runs; i++) {
            const struct gap *g = &gaps[i].gap[k];
            double t = truth[g->to] - truth[g->from];
            below += g->ci.high < t;
            above += g->ci.low > t;
        }
        printf(",%.3f,%.3f,%.3f", 1 - (below + above) / (double)runs,
               below / (double)runs, above / (double)runs);
    }
    putchar('\n');
    fflush(stdout);
    free(gaps);
}

int main(int argc, char **argv)
{
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 2000;
    static const double margins[][SETS] = {{4.4, 3.9, 0, 3.4, 3.3, 5},
                                           {2.4, 1.7, 0, 1.2, 1.1, 3}};
    static const size_t rows[SETS] = {1000, 200, 0, 200, 200, 300};
    struct scene s;

    parallel_set_threads(0);
    puts("metric,rows,error,under,below,above,over,below,above,shift,below,"
         "above,val,below,above");
    memcpy(s.rows, rows, sizeof(rows));
    for (int shape = 0; shape < SHAPES; shape++)
        for (int metric = 0; metric < METRICS; metric++)
            for (int m = 0; m < 2; m++) {
                if (argc > 2 && strcmp(argv[2], metric_names[metric]) != 0)
                    continue;
                s.shape = (enum shape)shape;
                s.metric = (enum metric)metric;
                memcpy(s.margin, margins[m], sizeof(s.margin));
                show(&s, runs);
            }
    return 0;
}
