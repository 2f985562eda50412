/*
 * part_coverage RUNS: how often the intervals of stats/bias_variance.h hold the
 * mean over all rows, for rows of three classes of which 5 % have a label that
 * is not the most probable one.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "stats/bias_variance.h"

enum { CLASSES = 3, ALL_ROWS = 400000 };

/* Replicas: how many; error: how often one is wrong. */
struct setting {
    enum decomposition decomposition;
    int replicas;
    double error;
    size_t rows;
};

static const double chance[CLASSES] = {.95, .04, .01};

/* Jöhnk 1964: beta(a, b). */
static double draw_beta(struct rng *rng, double a, double b)
{
    double x, y;

    do {
        x = pow(rng_uniform(rng), 1 / a);
        y = pow(rng_uniform(rng), 1 / b);
    } while (!(x + y > 0 && x + y <= 1));
    return x / (x + y);
}

/* right, and of the rest the share that goes to the class named first. */
static void vote(struct rng *rng, const struct setting *s, double right,
                 double first, const struct parts_truth *truth,
                 struct row_parts *out)
{
    double votes[CLASSES] = {0};

    for (int r = 0; r < s->replicas; r++) {
        double u = rng_uniform(rng);
        votes[u < right ? 0 : (u - right) / (1 - right) < first ? 1 : 2]++;
    }
    if (s->decomposition == PARTS_DOMINGOS)
        parts_domingos(votes, CLASSES, truth, out);
    else
        parts_kohavi_wolpert(votes, CLASSES, truth, out);
}

static void forecast(struct rng *rng, const struct setting *s, double right,
                     double first, const struct parts_truth *truth,
                     struct row_parts *out)
{
    double sum[CLASSES] = {0}, log_sum[CLASSES] = {0}, squares = 0;
    double centre = .7 * log((right + .002) / (1 - right + .002));

    for (int r = 0; r < s->replicas; r++) {
        double p = 1 / (1 + exp(-centre - .8 * rng_normal(rng)));
        double each[CLASSES] = {p, (1 - p) * first, (1 - p) * (1 - first)};
        for (int k = 0; k < CLASSES; k++) {
            sum[k] += each[k];
            squares += each[k] * each[k];
            log_sum[k] += log(each[k]);
        }
    }
    if (s->decomposition == PARTS_BRIER)
        parts_brier(sum, squares, s->replicas, CLASSES, truth, out);
    else
        parts_log_loss(log_sum, s->replicas, CLASSES, truth, out);
}

static void make_row(struct rng *rng, const struct setting *s,
                     struct row_parts *out)
{
    double right = draw_beta(rng, 1 - s->error, s->error);
    double first = draw_beta(rng, 3, 1), u = rng_uniform(rng);
    struct parts_truth truth = {u < chance[0]               ? 0
                                : u < chance[0] + chance[1] ? 1
                                                            : 2,
                                chance};

    if (s->decomposition <= PARTS_KOHAVI_WOLPERT)
        vote(rng, s, right, first, &truth, out);
    else
        forecast(rng, s, right, first, &truth, out);
}

static void measure(const struct setting *s, size_t runs)
{
    double mean[PART_COUNT] = {0}, held[PART_COUNT] = {0};
    struct row_parts *row = mem_alloc(s->rows, sizeof(*row));
    struct parts parts;
    struct rng rng;

    rng_init(&rng, 77, 1);
    for (int i = 0; i < ALL_ROWS; i++) {
        make_row(&rng, s, row);
        for (int k = 0; k < PART_COUNT; k++)
            mean[k] += row->value[k] / ALL_ROWS;
    }
    for (size_t run = 0; run < runs; run++) {
        for (size_t i = 0; i < s->rows; i++)
            make_row(&rng, s, &row[i]);
        parts_measure(row, s->rows, s->decomposition, run, &parts);
        for (int k = 0; k < PART_COUNT; k++)
            held[k] += parts.ci[k].low <= mean[k] &&
                       mean[k] <= parts.ci[k].high;
    }
    printf("%d,%d,%g,%zu", s->decomposition, s->replicas, s->error, s->rows);
    for (int k = 0; k < PART_COUNT; k++)
        printf(",%.3f", held[k] / (double)runs);
    putchar('\n');
    free(row);
}

int main(int argc, char **argv)
{
    static const int replicas[] = {5, 20, 10};
    static const double error[] = {.1, .05, .3};
    size_t runs = argc > 1 ? strtoul(argv[1], NULL, 10) : 1000;

    parallel_set_threads(1);
    printf("decomposition,replicas,error,rows,loss,noise,bias,variance,"
           "net_variance,extra,other_extra\n");
    for (int d = PARTS_DOMINGOS; d <= PARTS_LOG_LOSS; d++)
        for (int i = 0; i < (d == PARTS_DOMINGOS ? 3 : 1); i++)
            for (size_t n = 50; n <= 200; n *= 2) {
                struct setting s = {(enum decomposition)d, replicas[i],
                                    error[i], n};
                measure(&s, runs);
            }
    return 0;
}
