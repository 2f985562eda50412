/* Statistics of two sets of rows that a classifier is to tell apart. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#define FIXTURE_VALUES "tests/data/shift/domain_values.txt"

#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "fixture.h"
#include "stats/auroc_drop.h"
#include "stats/domain_classifier.h"
#include "stats/domain_gram.h"
#include "stats/domain_ratio.h"

enum { ROWS = 65, WIDTH = 5 };

/* The rows of make_domain.py. */
struct sample {
    float x[ROWS][2], score[ROWS], second[ROWS];
    bool current[ROWS];
};

static void read_sample(struct sample *s)
{
    FILE *file = fixture_open("tests/data/shift/domain_rows.txt");

    for (size_t i = 0; i < ROWS; i++) {
        int set;
        assert_int_equal(fscanf(file, "%d %f %f %f %f", &set, &s->x[i][0],
                                &s->x[i][1], &s->score[i], &s->second[i]),
                         5);
        s->current[i] = set == 1;
    }
    fclose(file);
}

/* ---- by other implementations ---- */

static void auroc_drop__paired_delong(void **state)
{
    struct sample s;
    double a[ROWS] = {0}, b[ROWS] = {0};
    struct interval ci;

    (void)state;
    read_sample(&s);
    auroc_placements(s.score, s.current, ROWS, .5, a);
    auroc_placements(s.score, s.current, ROWS, .5, a);
    auroc_placements(s.second, s.current, ROWS, 1, b);
    assert_near(auroc_drop(a, b, s.current, ROWS, &ci), expected("drop"), 1e-9);
    assert_interval(ci, "drop", 1e-9);
}

static void domain_ratio__logistic_fit(void **state)
{
    struct sample s;
    struct domain_ratio r;

    (void)state;
    read_sample(&s);
    r = domain_ratio_fit(s.score, s.current, ROWS);
    assert_near(r.slope, expected("ratio.slope"), 1e-4);
    assert_near(r.intercept, expected("ratio.intercept"), 1e-4);
    for (size_t i = 0; i < ROWS; i++)
        s.score[i] = -s.score[i];
    r = domain_ratio_fit(s.score, s.current, ROWS);
    assert_near(r.slope, 0, 0);
    assert_near(r.log_loss, log(2), 1e-12);
}

static void domain_gram__weighted_covariance(void **state)
{
    struct sample s;
    struct domain_gram g;
    uint8_t group[ROWS];
    double weight[2], mean[2], covariance[4];

    (void)state;
    read_sample(&s);
    for (size_t i = 0; i < ROWS; i++)
        group[i] = s.current[i];
    domain_gram_init(&g, s.x[0], ROWS, 2, group, 2);
    for (size_t k = 0; k < 2; k++)
        weight[k] = .5 / g.n[k];
    domain_gram_moments(&g, weight, mean, covariance);
    domain_gram_release(&g);
    assert_near(mean[0], expected("mean.0"), 1e-6);
    assert_near(mean[1], expected("mean.1"), 1e-6);
    assert_near(covariance[0], expected("cov.00"), 1e-6);
    assert_near(covariance[2], expected("cov.10"), 1e-6);
    assert_near(covariance[3], expected("cov.11"), 1e-6);
}

static void domain_tail__pearson(void **state)
{
    (void)state;
    assert_near(domain_tail(&(struct domain_shape){3, 2, .7}, 9),
                expected("tail.skewed"), 1e-9);
    assert_near(domain_tail(&(struct domain_shape){3, 2, 1.4}, 25),
                expected("tail.far"), 1e-12);
    assert_near(domain_tail(&(struct domain_shape){3, 2, 0}, 5),
                expected("tail.normal"), 1e-9);
    assert_near(domain_tail(&(struct domain_shape){3, 0, 0}, 5), 1, 0);
}

/* Of one column, against scipy's 400,000 permutations: .0021 is beyond the
 * tenth most extreme, .070 among those counted. */
static void domain_permute__one_column(void **state)
{
    struct sample s;
    float x[ROWS];

    (void)state;
    read_sample(&s);
    for (size_t c = 0; c < 2; c++) {
        struct domain_rows rows = {x, ROWS, 1, 1, s.current};
        double p = expected(c ? "p.1" : "p.0"), mean = 0;
        for (size_t i = 0; i < ROWS; i++)
            x[i] = s.x[i][c];
        for (uint64_t seed = 0; seed < 10; seed++)
            mean += domain_permute(&rows, seed).p / 10;
        assert_between(mean, p / 1.3, p * 1.3);
    }
}

/* ---- by simulation ---- */

/* Normal rows, the second set's moved by `shift` in column 0. */
static void draw_rows(struct rng *rng, float *x, size_t n, size_t m,
                      double shift, bool *current)
{
    for (size_t i = 0; i < n + m; i++) {
        current[i] = i >= n;
        for (size_t c = 0; c < WIDTH; c++)
            x[i * WIDTH + c] = (float)rng_normal(rng);
        x[i * WIDTH] += current[i] ? (float)shift : 0;
    }
}

/* How often p < .05. */
static double rejected(size_t n, size_t m, double shift, size_t runs)
{
    float *x = mem_alloc((n + m) * WIDTH, sizeof(*x));
    bool *current = mem_alloc(n + m, sizeof(*current));
    struct rng rng;
    double count = 0;

    rng_init(&rng, 17, RNG_SYNTH);
    for (size_t run = 0; run < runs; run++) {
        struct domain_rows rows = {x, n + m, WIDTH, 3, current};
        draw_rows(&rng, x, n, m, shift, current);
        count += domain_permute(&rows, run).p < .05;
    }
    free(x);
    free(current);
    return count / (double)runs;
}

/* Of 120 runs at .05, .01 to .1 in 98 of 100. */
static void domain_permute__rate_without_a_difference(void **state)
{
    (void)state;
    assert_between(rejected(40, 40, 0, 120), .01, .1);
    assert_between(rejected(150, 30, 0, 120), .01, .1);
    assert_between(rejected(50, 50, .9, 20), .9, 1);
}

/* Groups of rows: a difference that 4,500 rows a side show. */
static void domain_permute__many_rows(void **state)
{
    enum { N = 4500 };
    float *x = mem_alloc(2 * N * WIDTH, sizeof(*x));
    bool *current = mem_alloc(2 * N, sizeof(*current));
    struct domain_rows rows = {x, 2 * N, WIDTH, WIDTH, current};
    struct domain_permutation p;
    struct rng rng;

    (void)state;
    rng_init(&rng, 5, RNG_SYNTH);
    draw_rows(&rng, x, N, N, .15, current);
    p = domain_permute(&rows, 1);
    assert_true(p.p < 1e-6);
    assert_true(p.noise < .2);
    assert_between(p.detectable, .01, .03);
    free(x);
    free(current);
}

/* The gradient of the penalised likelihood over the rows of other folds. */
static double steepest(const struct domain_rows *rows,
                       const struct domain_classifier *c, size_t fold,
                       double ridge)
{
    double count[2] = {0}, g[WIDTH + 1] = {0}, most = 0;

    for (size_t i = 0; i < rows->n; i++)
        count[rows->current[i]] += c->fold[i] != fold;
    for (size_t i = 0; i < rows->n; i++) {
        const float *x = rows->x + i * WIDTH;
        double odds = (double)domain_score(c, fold, x);
        double off = ((rows->current[i] ? 1 : 0) - 1 / (1 + exp(-odds))) / 2 /
                     count[rows->current[i]];
        for (size_t k = 0; k <= WIDTH && c->fold[i] != fold; k++)
            g[k] += k < WIDTH ? off * (double)x[k] : off;
    }
    for (size_t k = 0; k <= WIDTH; k++) {
        if (k < WIDTH)
            g[k] -= ridge / 4 * (double)c->weight[fold * WIDTH + k];
        most = fmax(most, fabs(g[k]));
    }
    return most;
}

static void domain_classify__reaches_the_maximum(void **state)
{
    enum { N = 120, M = 60 };
    float x[(N + M) * WIDTH];
    bool current[N + M];
    struct domain_rows rows = {x, N + M, WIDTH, WIDTH, current};
    struct domain_classifier c;
    struct rng rng;
    size_t of[DOMAIN_FOLDS] = {0};

    (void)state;
    rng_init(&rng, 8, RNG_SYNTH);
    draw_rows(&rng, x, N, M, 1, current);
    domain_classify(&rows, &(struct domain_fit){1e-9, NULL, 300, 1}, &c);
    for (size_t fold = 0; fold < DOMAIN_FOLDS; fold++)
        assert_true(steepest(&rows, &c, fold, 0) < 1e-4);
    for (size_t i = 0; i < N + M; i++) {
        assert_near((double)c.score[i],
                    (double)domain_score(&c, c.fold[i], x + i * WIDTH), 1e-6);
        of[c.fold[i]]++;
    }
    for (size_t fold = 0; fold < DOMAIN_FOLDS; fold++)
        assert_int_equal(of[fold], (N + M) / DOMAIN_FOLDS);
    domain_classifier_release(&c);
}

/* A column that is the only one to differ is the only one used. */
static void domain_classify__leaves_columns_out(void **state)
{
    enum { N = 400 };
    float *x = mem_alloc(2 * N * WIDTH, sizeof(*x));
    bool *current = mem_alloc(2 * N, sizeof(*current));
    struct domain_rows rows = {x, 2 * N, WIDTH, WIDTH, current};
    struct domain_permutation p;
    struct domain_classifier c;
    struct rng rng;

    (void)state;
    rng_init(&rng, 11, RNG_SYNTH);
    draw_rows(&rng, x, N, N, 1, current);
    p = domain_permute(&rows, 1);
    domain_classify(&rows,
                    &(struct domain_fit){DOMAIN_RIDGE, p.by_chance, 5, 1}, &c);
    assert_true(c.weight[0] > .5F);
    for (size_t k = 1; k < WIDTH; k++)
        assert_near((double)c.weight[k], 0, .2);
    domain_classifier_release(&c);
    free(x);
    free(current);
}

static void domain_permute__threads(void **state)
{
    struct sample s;
    struct domain_rows rows = {s.x[0], ROWS, 2, 1, s.current};
    struct domain_permutation one, more;
    struct domain_classifier a, b;
    struct domain_fit fit = {.1, NULL, 5, 1};

    (void)state;
    read_sample(&s);
    one = domain_permute(&rows, 2);
    domain_classify(&rows, &fit, &a);
    parallel_set_threads(3);
    more = domain_permute(&rows, 2);
    domain_classify(&rows, &fit, &b);
    parallel_set_threads(1);
    assert_memory_equal(&one, &more, sizeof(one));
    assert_memory_equal(a.score, b.score, ROWS * sizeof(*a.score));
    domain_classifier_release(&a);
    domain_classifier_release(&b);
}

/* ---- weights ---- */

static void domain_ratio__clipped(void **state)
{
    enum { N = 2000 };
    float score[N], weight[N];
    struct domain_ratio r = {1, -1, 0};
    struct domain_clip c;
    double sum = 0;

    (void)state;
    for (size_t i = 0; i < N; i++)
        score[i] = (float)i / N;
    score[7] = 1e6F;
    c = domain_ratio_weights(&r, score, N, weight);
    for (size_t i = 0; i < N; i++) {
        sum += (double)weight[i];
        assert_true((double)weight[i] <= c.clip * (1 + 1e-6));
    }
    assert_near(sum, N, 1e-5);
    assert_between((double)c.clipped, 1, N * (1 - DOMAIN_CLIP) + 1);
    assert_between(c.effective, .9 * N, N);
    r.slope = 0;
    c = domain_ratio_weights(&r, score, N, weight);
    assert_near(c.effective, N, 1e-6);
    assert_int_equal(c.clipped, 0);
    assert_near(c.covered, exp(-1), 1e-6);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(auroc_drop__paired_delong),
        cmocka_unit_test(domain_ratio__logistic_fit),
        cmocka_unit_test(domain_gram__weighted_covariance),
        cmocka_unit_test(domain_tail__pearson),
        cmocka_unit_test(domain_permute__one_column),
        cmocka_unit_test(domain_permute__rate_without_a_difference),
        cmocka_unit_test(domain_permute__many_rows),
        cmocka_unit_test(domain_classify__reaches_the_maximum),
        cmocka_unit_test(domain_classify__leaves_columns_out),
        cmocka_unit_test(domain_permute__threads),
        cmocka_unit_test(domain_ratio__clipped),
    };

    parallel_set_threads(1);
    return cmocka_run_group_tests_name("domain_stats", tests, NULL, NULL);
}
