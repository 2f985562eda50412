#include "stats/label_issues.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "fixture.h"

#include "base/mem.h"
#include "base/rng.h"
#include "csv/reader.h"
#include "stats/label_noise.h"

#define ROWS TEST_DATA "/issues/rows.txt"
#define MNIST TEST_DATA "/issues/mnist_test_probs.csv.gz"
#define VOTES TEST_DATA "/issues/mnist_test_mturk.csv.gz"

/* ---- data ---- */

/* Labels and probabilities; flags of a row: 1 << label_prune, where known. */
struct rows {
    char name[20];
    size_t n, classes;
    size_t *label;
    int *flags;
    float *p;          /* [n][classes] */
    double *threshold; /* [classes] */
    size_t *joint;     /* [classes][classes] */
    double noise[6];   /* rate, low, high, wrong, low, high */
};

static void rows_free(struct rows *r)
{
    free(r->label);
    free(r->flags);
    free(r->p);
    free(r->threshold);
    free(r->joint);
}

static void rows_alloc(struct rows *r)
{
    r->label = mem_alloc(r->n, sizeof *r->label);
    r->flags = mem_zalloc(r->n, sizeof *r->flags);
    r->p = mem_alloc(r->n, r->classes * sizeof *r->p);
    r->threshold = mem_alloc(r->classes, sizeof *r->threshold);
    r->joint = mem_alloc(r->classes, r->classes * sizeof *r->joint);
}

static void must(int got, int wanted)
{
    if (got != wanted)
        fail_msg("%s: cannot be read", ROWS);
}

/* The next case of rows.txt; false at the end. */
static bool next_case(FILE *file, struct rows *r)
{
    if (fscanf(file, " case %19s %zu %zu", r->name, &r->n, &r->classes) != 3)
        return false;
    rows_alloc(r);
    must(fscanf(file, " threshold"), 0);
    for (size_t k = 0; k < r->classes; k++)
        must(fscanf(file, "%lf", &r->threshold[k]), 1);
    must(fscanf(file, " joint"), 0);
    for (size_t c = 0; c < r->classes * r->classes; c++)
        must(fscanf(file, "%zu", &r->joint[c]), 1);
    must(fscanf(file, " noise"), 0);
    for (size_t i = 0; i < 6; i++)
        must(fscanf(file, "%lf", &r->noise[i]), 1);
    for (size_t i = 0; i < r->n; i++) {
        must(fscanf(file, "%zu %d", &r->label[i], &r->flags[i]), 2);
        for (size_t k = 0; k < r->classes; k++)
            must(fscanf(file, "%f", &r->p[i * r->classes + k]), 1);
    }
    return true;
}

/* Columns by position: index, label, then the probabilities. */
static void read_mnist(struct rows *r)
{
    char *paths[] = {MNIST};
    struct csv_options options = {0};
    struct err err = {0};
    struct csv_reader *csv = csv_reader_open(paths, 1, &options, &err);

    assert_non_null(csv);
    *r = (struct rows){.n = 10000, .classes = 10};
    rows_alloc(r);
    for (size_t i = 0; i < r->n; i++) {
        assert_int_equal(csv_reader_next(csv, &err), 1);
        r->label[i] = strtoul(csv_reader_fields(csv)[1].text, NULL, 10);
        for (size_t k = 0; k < 10; k++)
            r->p[i * 10 + k] = strtof(csv_reader_fields(csv)[2 + k].text, NULL);
    }
    csv_reader_close(csv);
}

/* wrong[row]: fewer than 3 voters were for the given label. */
static void read_votes(unsigned char *wrong)
{
    char *paths[] = {VOTES};
    struct csv_options options = {0};
    struct err err = {0};
    struct csv_reader *csv = csv_reader_open(paths, 1, &options, &err);
    size_t given;

    assert_non_null(csv);
    assert_int_equal(csv_reader_require(csv, "votes_given", &given, &err), 0);
    while (csv_reader_next(csv, &err) == 1) {
        const struct csv_field *f = csv_reader_fields(csv);
        wrong[strtoul(f[0].text, NULL, 10)] = strtoul(f[given].text, NULL, 10) <
                                              3;
    }
    csv_reader_close(csv);
}

/* All passes; *passes says how many it took. */
static struct label_issues *judge(const struct rows *r, enum label_prune how,
                                  int *passes)
{
    struct label_issues *li = label_issues_new(r->classes, how);

    for (size_t i = 0; i < r->n; i++)
        label_issues_learn(li, r->label[i], &r->p[i * r->classes]);
    for (size_t i = 0; i < r->n; i++)
        label_issues_judge(li, r->label[i], &r->p[i * r->classes]);
    *passes = 2;
    if (!label_issues_prune(li))
        return li;
    for (size_t i = 0; i < r->n; i++)
        label_issues_settle(li, r->label[i], &r->p[i * r->classes]);
    ++*passes;
    return li;
}

/* ---- tests ---- */

static const int bits[] = {1, 2, 3, 4, 8};

/* The rows listed are those that have all bits; each stands there once. */
static void assert_listed(const struct rows *r, enum label_prune how,
                          int *third)
{
    const struct label_issue *list;
    int passes, wanted = bits[how];
    struct label_issues *li = judge(r, how, &passes);
    size_t n = label_issues_list(li, SCORE_MARGIN, &list), should = 0;

    *third += passes == 3;
    for (size_t i = 0; i < r->n; i++)
        should += (r->flags[i] & wanted) == wanted;
    for (size_t i = 0; i < n; i++)
        if ((r->flags[list[i].row] & wanted) != wanted)
            fail_msg("%s, %d: row %zu", r->name, (int)how, list[i].row);
    assert_int_equal(n, should);
    for (size_t i = 1; i < n; i++) {
        double a = label_score(SCORE_MARGIN, list[i - 1].prob_given,
                               list[i - 1].prob_suggested);
        double b = label_score(SCORE_MARGIN, list[i].prob_given,
                               list[i].prob_suggested);
        assert_true(a < b || (a == b && list[i - 1].row < list[i].row));
    }
    label_issues_free(li);
}

static void label_issues__as_numpy(void **state)
{
    FILE *file = fixture_open(ROWS);
    struct rows r;
    int cases = 0, third = 0, passes;

    (void)state;
    for (; next_case(file, &r); cases++) {
        struct label_issues *li = judge(&r, PRUNE_NOISE_RATE, &passes);
        for (size_t k = 0; k < r.classes; k++) {
            assert_near(label_issues_threshold(li, k), r.threshold[k], 1e-6);
            for (size_t j = 0; j < r.classes; j++)
                assert_int_equal(label_issues_joint(li, k, j),
                                 r.joint[k * r.classes + j]);
        }
        label_issues_free(li);
        for (int how = PRUNE_NOISE_RATE; how <= PRUNE_ARGMAX; how++)
            assert_listed(&r, (enum label_prune)how, &third);
        rows_free(&r);
    }
    fclose(file);
    assert_int_equal(cases, 7);
    assert_between(third, 2, 12); /* both ways to the end were taken */
}

static struct label_noise_estimate estimate(const struct rows *r)
{
    struct label_noise *noise = label_noise_new(r->classes);
    struct label_noise_estimate result;
    const struct label_issue *list;
    int passes;
    struct label_issues *li = judge(r, PRUNE_NOISE_RATE, &passes);
    size_t n = label_issues_list(li, SCORE_SELF, &list);

    for (size_t i = 0; i < r->n; i++)
        label_noise_add(noise, r->label[i], &r->p[i * r->classes]);
    result = label_noise_estimate(noise, list, n);
    label_noise_free(noise);
    label_issues_free(li);
    return result;
}

static void label_noise__as_numpy(void **state)
{
    FILE *file = fixture_open(ROWS);
    struct rows r;

    (void)state;
    while (next_case(file, &r)) {
        struct label_noise_estimate e = estimate(&r);
        assert_near(e.rate, r.noise[0], 1e-8);
        assert_near(e.rate_ci.low, r.noise[1], 1e-8);
        assert_near(e.rate_ci.high, r.noise[2], 1e-8);
        assert_near(e.wrong, r.noise[3], 1e-8);
        assert_near(e.wrong_ci.low, r.noise[4], 1e-8);
        assert_near(e.wrong_ci.high, r.noise[5], 1e-8);
        rows_free(&r);
    }
    fclose(file);
}

/* Labels of two overlapping normal classes, a share of them flipped, and the
 * right probabilities of the labels.  Returns how many were flipped. */
static size_t flip(struct rows *r, double share, struct rng *rng)
{
    size_t flipped = 0;

    for (size_t i = 0; i < r->n; i++) {
        size_t truth = (size_t)rng_below(rng, 2);
        double x = rng_normal(rng) + (truth ? 2 : -2);
        double clean = 1 / (1 + exp(-4 * x));
        bool wrong = rng_uniform(rng) < share;
        r->label[i] = truth ^ (size_t)wrong;
        r->p[2 * i + 1] = (float)(clean * (1 - share) + (1 - clean) * share);
        r->p[2 * i] = 1 - r->p[2 * i + 1];
        flipped += wrong;
    }
    return flipped;
}

/* A few of the runs that label_noise.h tells of. */
static void label_noise__covers(void **state)
{
    static const double share[] = {.02, .1, .3};
    struct rows r = {.n = 1000, .classes = 2};
    struct rng rng;
    double truth, width;
    int covered;

    (void)state;
    rows_alloc(&r);
    rng_init(&rng, 1, RNG_BOOTSTRAP);
    for (size_t s = 0; s < 3; s++) {
        covered = 0;
        width = 0;
        for (int run = 0; run < 60; run++) {
            struct label_noise_estimate e;
            truth = (double)flip(&r, share[s], &rng) / (double)r.n;
            e = estimate(&r);
            covered += e.rate_ci.low <= truth && truth <= e.rate_ci.high;
            width += (e.rate_ci.high - e.rate_ci.low) / 60;
        }
        assert_between(covered, 55, 60);
        assert_between(width, .02, .05 + share[s] / 2);
    }
    rows_free(&r);
}

static void label_noise__small(void **state)
{
    static const float sure[] = {1, 0};
    struct label_noise *noise = label_noise_new(2);
    struct label_noise_estimate e = label_noise_estimate(noise, NULL, 0);

    (void)state;
    assert_true(isnan(e.rate) && isnan(e.rate_ci.low) && isnan(e.wrong));
    for (int i = 0; i < 20; i++)
        label_noise_add(noise, 0, sure);
    e = label_noise_estimate(noise, NULL, 0);
    assert_near(e.rate, 0, 0);
    assert_near(e.rate_ci.low, 0, 0);
    assert_near(e.rate_ci.high, wilson(0, 20).high, 1e-12);
    assert_near(e.wrong_ci.high, 0, 0);
    assert_near(e.anchor_rows, 20, 0);
    label_noise_free(noise);
    label_noise_free(NULL);
}

static void label_issues__mnist(void **state)
{
    static const size_t listed[] = {15, 15, 15, 15, 87};
    static const size_t confirmed[] = {7, 7, 7, 7, 15};
    unsigned char wrong[10000] = {0};
    struct rows r;
    int passes;

    (void)state;
    read_mnist(&r);
    read_votes(wrong);
    for (int how = PRUNE_NOISE_RATE; how <= PRUNE_ARGMAX; how++) {
        struct label_issues *li = judge(&r, (enum label_prune)how, &passes);
        const struct label_issue *list;
        size_t n = label_issues_list(li, SCORE_SELF, &list), right = 0;
        for (size_t i = 0; i < n; i++)
            right += wrong[list[i].row];
        assert_int_equal(passes, 2);
        assert_int_equal(n, listed[how]);
        assert_int_equal(right, confirmed[how]);
        label_issues_free(li);
    }
    rows_free(&r);
}

struct scored {
    double score;
    size_t row;
};

static int lowest_first(const void *a, const void *b)
{
    double x = ((const struct scored *)a)->score;
    double y = ((const struct scored *)b)->score;

    return (x > y) - (x < y);
}

/* Of a ranking of all rows; no two scores are the same among the first. */
static double average_precision(const struct rows *r, enum label_score how,
                                const unsigned char *wrong)
{
    struct scored *all = mem_alloc(r->n, sizeof *all);
    double found = 0, sum = 0;

    for (size_t i = 0; i < r->n; i++) {
        const float *p = &r->p[i * r->classes];
        double other = 0;
        for (size_t k = 0; k < r->classes; k++)
            if (k != r->label[i])
                other = fmax(other, p[k]);
        all[i] = (struct scored){label_score(how, p[r->label[i]], other), i};
    }
    qsort(all, r->n, sizeof *all, lowest_first);
    for (size_t i = 0; i < r->n; i++)
        if (wrong[all[i].row])
            sum += ++found / (double)(i + 1);
    free(all);
    return sum / found;
}

static void label_score__mnist(void **state)
{
    unsigned char wrong[10000] = {0};
    struct rows r;

    (void)state;
    read_mnist(&r);
    read_votes(wrong);
    assert_near(average_precision(&r, SCORE_SELF, wrong), .5038, 1e-4);
    assert_near(average_precision(&r, SCORE_MARGIN, wrong), .5071, 1e-4);
    rows_free(&r);
}

static void label_issues__small(void **state)
{
    static const float one[] = {1}, sure[] = {.9f, .1f}, not [] = {.2f, .8f};
    const struct label_issue *list;
    struct label_issues *li = label_issues_new(1, PRUNE_BOTH);

    (void)state;
    label_issues_learn(li, 0, one);
    assert_false(label_issues_judge(li, 0, one));
    assert_false(label_issues_prune(li));
    assert_int_equal(label_issues_list(li, SCORE_SELF, &list), 0);
    label_issues_free(li);

    li = label_issues_new(2, PRUNE_NOISE_RATE); /* no row */
    assert_false(label_issues_prune(li));
    assert_int_equal(label_issues_list(li, SCORE_SELF, &list), 0);
    label_issues_free(li);

    /* One label: nothing else can reach its threshold. */
    li = label_issues_new(2, PRUNE_NOISE_RATE);
    label_issues_learn(li, 0, sure);
    label_issues_learn(li, 0, not );
    assert_false(label_issues_judge(li, 0, sure));
    assert_true(label_issues_judge(li, 0, not ));
    assert_false(label_issues_prune(li));
    assert_int_equal(label_issues_list(li, SCORE_SELF, &list), 0);
    assert_near(label_issues_threshold(li, 0), .55, 1e-6);
    assert_true(isnan(label_issues_threshold(li, 1)));
    label_issues_free(li);
    label_issues_free(NULL);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(label_issues__as_numpy),
        cmocka_unit_test(label_issues__mnist),
        cmocka_unit_test(label_score__mnist),
        cmocka_unit_test(label_issues__small),
        cmocka_unit_test(label_noise__as_numpy),
        cmocka_unit_test(label_noise__covers),
        cmocka_unit_test(label_noise__small),
    };

    return cmocka_run_group_tests_name("label_issues", tests, NULL, NULL);
}
