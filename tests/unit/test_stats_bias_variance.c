#include "stats/bias_variance.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/parallel.h"
#include "base/rng.h"

#define ROWS_FILE TEST_DATA "/replicas/replica_rows.txt"

enum { CLASSES = 4, RULES = 4, TRUTHS = 3, KNOWN_ROWS = 40 };

/* A line of replica_rows.txt. */
struct known {
    size_t label;
    double replicas, votes[CLASSES], sum[CLASSES], squares, log_sum[CLASSES],
        chance[CLASSES], parts[RULES][TRUTHS][PART_COUNT];
};

static void read_numbers(FILE *file, double *out, size_t n)
{
    for (size_t i = 0; i < n; i++)
        assert_int_equal(fscanf(file, "%lf", &out[i]), 1);
}

static void read_known(FILE *file, struct known *k)
{
    assert_int_equal(fscanf(file, "%zu", &k->label), 1);
    read_numbers(file, &k->replicas, 1);
    read_numbers(file, k->votes, CLASSES);
    read_numbers(file, k->sum, CLASSES);
    read_numbers(file, &k->squares, 1);
    read_numbers(file, k->log_sum, CLASSES);
    read_numbers(file, k->chance, CLASSES);
    read_numbers(file, &k->parts[0][0][0], (size_t)RULES * TRUTHS * PART_COUNT);
}

static void split(const struct known *k, enum decomposition rule,
                  const struct parts_truth *truth, struct row_parts *out)
{
    if (rule == PARTS_DOMINGOS)
        parts_domingos(k->votes, CLASSES, truth, out);
    else if (rule == PARTS_KOHAVI_WOLPERT)
        parts_kohavi_wolpert(k->votes, CLASSES, truth, out);
    else if (rule == PARTS_BRIER)
        parts_brier(k->sum, k->squares, k->replicas, CLASSES, truth, out);
    else
        parts_log_loss(k->log_sum, k->replicas, CLASSES, truth, out);
}

static double left_over(const double *value)
{
    return value[PART_LOSS] - value[PART_NOISE] - value[PART_BIAS] -
           value[PART_NET_VARIANCE];
}

/* Every part of every rule, against an implementation by definition. */
static void parts__known_rows(void **state)
{
    FILE *file = fixture_open(ROWS_FILE);
    struct row_parts got;
    struct known k;

    (void)state;
    for (int i = 0; i < KNOWN_ROWS; i++) {
        read_known(file, &k);
        for (int rule = 0; rule < RULES; rule++) {
            const struct parts_truth truth[TRUTHS] = {
                {k.label, NULL},
                {k.label, k.chance},
                {PARTS_NO_LABEL, k.chance}};
            for (int t = 0; t < TRUTHS; t++) {
                split(&k, (enum decomposition)rule, &truth[t], &got);
                for (int p = 0; p < PART_COUNT; p++)
                    assert_near(got.value[p], k.parts[rule][t][p], 1e-9);
                assert_near(left_over(got.value), 0, 1e-12);
            }
        }
    }
    fclose(file);
}

/* ---- the example: three classes, five replicas ---- */

enum { STARRED_ROWS = 6 };

static void starred(enum decomposition rule, struct parts *out)
{
    static const size_t label[STARRED_ROWS] = {0, 1, 2, 0, 1, 2};
    static const char *const said[] = {"012120", "012120", "011101", "022011",
                                       "112012"};
    struct row_parts row[STARRED_ROWS];

    for (size_t i = 0; i < STARRED_ROWS; i++) {
        struct parts_truth truth = {label[i], NULL};
        double votes[3] = {0};
        for (size_t r = 0; r < 5; r++)
            votes[said[r][i] - '0']++;
        if (rule == PARTS_DOMINGOS)
            parts_domingos(votes, 3, &truth, &row[i]);
        else
            parts_kohavi_wolpert(votes, 3, &truth, &row[i]);
    }
    parts_measure(row, STARRED_ROWS, rule, 1, out);
}

static void parts_measure__starred(void **state)
{
    struct parts p;

    (void)state;
    starred(PARTS_DOMINGOS, &p);
    assert_near(p.value[PART_LOSS], .433333, 1e-6);
    assert_near(p.value[PART_BIAS], .333333, 1e-6);
    assert_near(p.value[PART_EXTRA], .2, 1e-12);
    assert_near(p.value[PART_OTHER_EXTRA], .166667, 1e-6);
    assert_near(p.value[PART_EXTRA] - p.value[PART_NET_VARIANCE], .1, 1e-12);
    assert_near(left_over(p.value), 0, 1e-12);
    starred(PARTS_KOHAVI_WOLPERT, &p);
    assert_near(p.value[PART_BIAS], .206667, 1e-6);
    assert_near(p.value[PART_VARIANCE], .226667, 1e-6);
    assert_near(p.value[PART_EXTRA] + p.value[PART_OTHER_EXTRA], .433333, 1e-6);
    assert_near(p.value[PART_OTHER_EXTRA], .226667 * 5 / 4, 1e-5);
}

/* ---- corners ---- */

static void parts__ties_and_unknown_labels(void **state)
{
    const double votes[] = {2, 2, 1};
    struct parts_truth second = {1, NULL}, unknown = {7, NULL};
    struct row_parts row;

    (void)state;
    parts_domingos(votes, 3, &second, &row);
    assert_int_equal(row.main, 0);
    assert_near(row.value[PART_BIAS], 1, 0);
    assert_near(row.value[PART_NET_VARIANCE], -.4, 1e-12);
    parts_domingos(votes, 3, &unknown, &row);
    assert_near(row.value[PART_LOSS], 1, 0);
    assert_near(row.value[PART_NET_VARIANCE], 0, 0);
    assert_false(signbit(row.value[PART_NET_VARIANCE]));
    parts_kohavi_wolpert(votes, 3, &unknown, &row);
    assert_near(row.value[PART_LOSS], 1, 1e-12);
    assert_near(left_over(row.value), 0, 1e-12);
}

static void parts_log_loss__zeros(void **state)
{
    const double some[] = {-INFINITY, 2 * log(.5)},
                 none[] = {-INFINITY, -INFINITY};
    struct parts_truth first = {0, NULL}, second = {1, NULL}, other = {5, NULL};
    struct row_parts row[3];
    struct parts p;

    (void)state;
    parts_log_loss(some, 2, 2, &second, &row[0]); /* p_m is 0 and 1 */
    assert_near(row[0].value[PART_LOSS], log(2), 1e-12);
    assert_near(row[0].value[PART_BIAS], 0, 1e-12);
    assert_near(row[0].value[PART_VARIANCE], log(2), 1e-12);
    parts_log_loss(some, 2, 2, &first, &row[1]);
    assert_true(isinf(row[1].value[PART_LOSS]));
    assert_true(isinf(row[1].value[PART_BIAS]));
    assert_near(row[1].value[PART_VARIANCE], log(2), 1e-12);
    parts_measure(row, 2, PARTS_LOG_LOSS, 1, &p);
    assert_int_equal(p.infinite, 1);
    assert_true(isinf(p.value[PART_LOSS]) && isnan(p.ci[PART_LOSS].low));
    assert_near(p.without[PART_LOSS], log(2), 1e-12);
    assert_near(p.value[PART_VARIANCE], log(2), 1e-12);
    parts_log_loss(none, 2, 2, &first, &row[2]);
    assert_true(isinf(row[2].value[PART_VARIANCE]));
    assert_true(isinf(row[2].value[PART_BIAS]));
    parts_log_loss(some, 2, 2, &other, &row[2]);
    assert_true(isinf(row[2].value[PART_LOSS]));
}

static void parts_measure__one_row(void **state)
{
    const double votes[] = {3, 0};
    struct parts_truth truth = {0, NULL};
    struct row_parts row;
    struct parts p;

    (void)state;
    parts_domingos(votes, 2, &truth, &row);
    parts_measure(&row, 1, PARTS_DOMINGOS, 1, &p);
    assert_near(p.value[PART_BIAS], 0, 0);
    assert_near(p.ci[PART_BIAS].low, 0, 1e-12);
    assert_near(p.ci[PART_BIAS].high, wilson(0, 1).high, 1e-12);
    assert_near(p.ci[PART_NET_VARIANCE].low, -wilson(0, 1).high, 1e-12);
}

/* ---- two Gaussians: P(y = 1 | x) is known ---- */

enum { TRAIN = 60, REPLICAS = 200, POINTS = 400 };

static double truth_at(double x)
{
    return 1 / (1 + exp(-2 * x)); /* classes at -1 and 1, variance 1 */
}

static double point(struct rng *rng, int *class)
{
    *class = rng_below(rng, 2) != 0;
    return rng_normal(rng) + (*class ? 1 : -1);
}

/* Where a bootstrap sample's two classes meet: half way between their means. */
static double boundary(struct rng *rng, const double *x, const int *class)
{
    double sum[2] = {0}, n[2] = {1e-9, 1e-9};

    for (int i = 0; i < TRAIN; i++) {
        size_t at = rng_below(rng, TRAIN);
        sum[class[at]] += x[at];
        n[class[at]]++;
    }
    return (sum[0] / n[0] + sum[1] / n[1]) / 2;
}

/* Parts of all points, once of a label that is drawn and once of all draws;
 * noise as Domingos' theorem for two classes has it, (2 P(y_D = y*) - 1) N. */
static void two_gaussians(struct row_parts drawn[POINTS],
                          struct row_parts all[POINTS], double *best,
                          double *noise)
{
    double x[TRAIN], edge[REPLICAS];
    int class[TRAIN], label;
    struct rng rng;

    rng_init(&rng, 5, 1);
    *best = *noise = 0;
    for (int i = 0; i < TRAIN; i++)
        x[i] = point(&rng, &class[i]);
    for (int r = 0; r < REPLICAS; r++)
        edge[r] = boundary(&rng, x, class);
    for (int i = 0; i < POINTS; i++) {
        double at = point(&rng, &label), votes[2] = {0}, chance[2];
        struct parts_truth one = {(size_t)label, chance},
                           every = {PARTS_NO_LABEL, chance};
        for (int r = 0; r < REPLICAS; r++)
            votes[at > edge[r]]++;
        chance[1] = truth_at(at);
        chance[0] = 1 - chance[1];
        *best += fmin(chance[0], chance[1]) / POINTS;
        *noise += (2 * votes[at > 0] / REPLICAS - 1) *
                  fmin(chance[0], chance[1]) / POINTS;
        parts_domingos(votes, 2, &one, &drawn[i]);
        parts_domingos(votes, 2, &every, &all[i]);
    }
}

static void parts_measure__known_best_error(void **state)
{
    static struct row_parts drawn[POINTS], all[POINTS];
    struct parts a, b;
    double best, noise;

    (void)state;
    two_gaussians(drawn, all, &best, &noise);
    parts_measure(drawn, POINTS, PARTS_DOMINGOS, 1, &a);
    parts_measure(all, POINTS, PARTS_DOMINGOS, 1, &b);
    assert_near(left_over(a.value), 0, 1e-9);
    assert_near(left_over(b.value), 0, 1e-9);
    assert_near(a.value[PART_BIAS], b.value[PART_BIAS], 0);
    assert_near(a.value[PART_NET_VARIANCE], b.value[PART_NET_VARIANCE], 0);
    assert_between(best, .13, .18); /* .1587 over all points */
    assert_near(b.value[PART_NOISE], noise, 1e-9);
    assert_true(b.value[PART_NOISE] < best);
    assert_between(b.value[PART_NOISE], a.ci[PART_NOISE].low,
                   a.ci[PART_NOISE].high);
    assert_true(b.value[PART_BIAS] > 0 && b.value[PART_NET_VARIANCE] > 0);
}

/* ---- intervals ---- */

/* A row of 5 replicas that are right with probability beta(1/2, 9/2) away. */
static void random_row(struct rng *rng, struct row_parts *row)
{
    struct parts_truth truth = {0, NULL};
    double votes[3] = {0}, right = 1 - pow(rng_uniform(rng), 9);

    for (int r = 0; r < 5; r++)
        votes[rng_uniform(rng) < right ? 0 : rng_uniform(rng) < .8 ? 1 : 2]++;
    parts_domingos(votes, 3, &truth, row);
}

static void parts_measure__coverage(void **state)
{
    enum { RUNS = 150, ROWS = 60, MANY = 200000 };
    double mean[PART_COUNT] = {0}, held[PART_COUNT] = {0};
    struct row_parts row[ROWS];
    struct rng rng;
    struct parts p;

    (void)state;
    rng_init(&rng, 11, 1);
    for (int i = 0; i < MANY; i++) {
        random_row(&rng, &row[0]);
        for (int k = 0; k < PART_COUNT; k++)
            mean[k] += row[0].value[k] / MANY;
    }
    for (int run = 0; run < RUNS; run++) {
        for (int i = 0; i < ROWS; i++)
            random_row(&rng, &row[i]);
        parts_measure(row, ROWS, PARTS_DOMINGOS, (uint64_t)run, &p);
        for (int k = 0; k < PART_COUNT; k++)
            held[k] += p.ci[k].low <= mean[k] && mean[k] <= p.ci[k].high;
    }
    for (int k = 0; k < PART_COUNT; k++)
        assert_between(held[k] / RUNS, .9, k == PART_NOISE ? 1 : .995);
}

/* The draws are the same at any number of threads, of few cells or many. */
static void parts_measure__threads(void **state)
{
    enum { ROWS = 300 };
    struct row_parts row[ROWS];
    struct parts one, three;
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 1);
    for (int i = 0; i < ROWS; i++)
        random_row(&rng, &row[i]);
    for (int many = 0; many < 2; many++) {
        for (int i = 0; many && i < ROWS; i++)
            row[i].value[PART_LOSS] += i * 1e-6;
        parallel_set_threads(1);
        parts_measure(row, ROWS, PARTS_DOMINGOS, 7, &one);
        parallel_set_threads(3);
        parts_measure(row, ROWS, PARTS_DOMINGOS, 7, &three);
        assert_memory_equal(&one, &three, sizeof(one));
        parts_measure(row, ROWS, PARTS_DOMINGOS, 8, &three);
        assert_memory_not_equal(&one, &three, sizeof(one));
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(parts__known_rows),
        cmocka_unit_test(parts_measure__starred),
        cmocka_unit_test(parts__ties_and_unknown_labels),
        cmocka_unit_test(parts_log_loss__zeros),
        cmocka_unit_test(parts_measure__one_row),
        cmocka_unit_test(parts_measure__known_best_error),
        cmocka_unit_test(parts_measure__coverage),
        cmocka_unit_test(parts_measure__threads)};

    return cmocka_run_group_tests_name("bias_variance", tests, NULL, NULL);
}
