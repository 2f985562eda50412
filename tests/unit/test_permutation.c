/* Permutation importance: what is moved, what a row counts, the interval. */

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "fixture.h"
#include "scratch.h"

#include "base/float_sort.h"
#include "base/mem.h"
#include "stats/influence.h"
#include "stats/permuted_loss.h"
#include "table/exchange.h"

/* ---- permutations ---- */

static void permutation_draw__moves_every_row(void **state)
{
    enum { N = 5, DRAWS = 20000 };
    size_t count[N][N] = {{0}}, from[N];
    struct rng rng;

    (void)state;
    rng_init(&rng, 1, RNG_PERMUTATION);
    for (int k = 0; k < DRAWS; k++) {
        bool taken[N] = {false};
        permutation_draw(&rng, from, N);
        for (size_t i = 0; i < N; i++) {
            assert_true(from[i] < N && !taken[from[i]]);
            taken[from[i]] = true;
            count[i][from[i]]++;
        }
    }
    for (size_t i = 0; i < N; i++)
        for (size_t j = 0; j < N; j++) /* 5000 each, standard deviation 61 */
            assert_between((double)count[i][j], i == j ? 0 : 4750,
                           i == j ? 0 : 5250);
    permutation_draw(&rng, from, 1);
    assert_int_equal(from[0], 0);
    permutation_draw(&rng, from, 2);
    assert_true(from[0] == 1 && from[1] == 0);
}

/* ---- the interval ---- */

static void permuted_loss__nothing_changed(void **state)
{
    static const double loss[] = {.5, .25, 1e9, 0};
    static const size_t from[] = {1, 2, 3, 0};
    struct permuted_loss p;
    struct interval ci;

    (void)state;
    permuted_loss_init(&p, 4);
    assert_true(isnan(permuted_loss_mean(&p)));
    assert_true(isnan(permuted_loss_interval(&p, 0).low));
    for (int r = 0; r < 3; r++)
        permuted_loss_add(&p, from, loss, loss, 0);
    ci = permuted_loss_interval(&p, 0);
    assert_true(permuted_loss_mean(&p) == 0 && ci.low == 0 && ci.high == 0);
    /* one row more: t(.975, 3) / 4 */
    ci = permuted_loss_interval(&p, 1);
    assert_near(ci.high, 3.182446305284263 / 4, 1e-9);
    permuted_loss_release(&p);
}

static void permuted_loss__by_hand(void **state)
{
    static const double none[4], first[] = {4, 0, 0, 0},
                                 second[] = {0, 4, 0, 0};
    struct permuted_loss p;
    struct interval ci;

    (void)state;
    permuted_loss_init(&p, 4);
    permuted_loss_add(&p, (const size_t[]){1, 2, 3, 0}, none, first, 1);
    for (int i = 0; i < 4; i++)
        assert_near(p.change[i], i < 2 ? 4 : 0, 0);
    ci = permuted_loss_interval(&p, 0); /* 16/3 - 4 */
    assert_near(permuted_loss_mean(&p), 1, 0);
    assert_near(ci.high, 1 + 3.182446305284263 * sqrt(4. / 3 / 4), 1e-9);
    permuted_loss_add(&p, (const size_t[]){2, 3, 0, 1}, none, second, 1);
    ci = permuted_loss_interval(&p, 0); /* changes 2 4 0 2: 8/3 - 24/7/2 */
    assert_near(ci.low, 1 - 3.182446305284263 * sqrt(20. / 21 / 4), 1e-9);
    /* rises that cancel leave no variance, and not less than none */
    permuted_loss_clear(&p);
    permuted_loss_add(&p, (const size_t[]){1, 0, 3, 2}, none,
                      (const double[]){3, -3, 1, -1}, 0);
    ci = permuted_loss_interval(&p, 0);
    assert_true(ci.low == 0 && ci.high == 0);
    permuted_loss_release(&p);
}

/* Rows of a logistic model with one weight b, and of a true weight. */
struct logistic {
    double b, weight;
};

static double chance(double weight, double x)
{
    return 1 / (1 + exp(-weight * x));
}

/* Log loss is ln(1 + exp(b x)) - y b x: its rise is b Cov(x, y). */
static double true_rise(const struct logistic *m)
{
    double sum = 0;

    for (double x = -8; x < 8; x += .01)
        sum += .01 * exp(-x * x / 2) / sqrt(2 * acos(-1)) * x *
               chance(m->weight, x);
    return m->b * sum;
}

static bool covered(struct rng *rng, const struct logistic *m, double truth,
                    int repeats)
{
    enum { N = 150 };
    double x[N], before[N], after[N], drop;
    struct permuted_loss p;
    struct interval ci;
    size_t from[N];
    bool y[N];

    for (size_t i = 0; i < N; i++) {
        x[i] = rng_normal(rng);
        y[i] = rng_uniform(rng) < chance(m->weight, x[i]);
        before[i] = log(1 + exp(m->b * x[i])) - y[i] * m->b * x[i];
    }
    permuted_loss_init(&p, N);
    for (int r = 0; r < repeats; r++) {
        permutation_draw(rng, from, N);
        drop = 0;
        for (size_t i = 0; i < N; i++) {
            double z = m->b * x[from[i]];
            after[i] = log(1 + exp(z)) - y[i] * z;
            drop += (after[i] - before[i]) / N;
        }
        permuted_loss_add(&p, from, before, after, drop);
    }
    ci = permuted_loss_interval(&p, 0);
    permuted_loss_release(&p);
    return ci.low <= truth && truth <= ci.high;
}

/* A strong feature, a weak one and one that only looked useful. */
static void permuted_loss__coverage(void **state)
{
    static const struct logistic models[] = {{1.5, 1.5}, {.6, .3}, {.4, 0}};
    enum { RUNS = 1000 };
    struct rng rng;

    (void)state;
    rng_init(&rng, 4, 99);
    for (int k = 0; k < 3; k++) {
        double truth = true_rise(&models[k]), many = 0, one = 0;
        for (int run = 0; run < RUNS; run++) {
            many += covered(&rng, &models[k], truth, 5);
            one += covered(&rng, &models[k], truth, 1);
        }
        print_message("permuted loss, rise %.3f: coverage %.3f (5), %.3f (1)\n",
                      truth, many / RUNS, one / RUNS);
        assert_between(many / RUNS, .93, .975);
        assert_between(one / RUNS, .93, .975);
    }
}

/* ---- influence ---- */

typedef void influence_of(const struct confusion *c, double *out);
typedef double metric_of(const struct confusion *c);

static double minus_f1(const struct confusion *c)
{
    return -confusion_macro_f1(c);
}

/* A row more of each cell moves the metric by influence / n, as weights go. */
static void check_influence(const struct confusion *c, influence_of *influence,
                            metric_of *metric)
{
    size_t k = c->n_classes;
    double *out = mem_alloc(k * k, sizeof(*out)), n = confusion_total(c);
    double mean = 0, step = 1e-4 * n;

    influence(c, out);
    for (size_t i = 0; i < k * k; i++) {
        struct confusion up = {0};
        mean += out[i] * c->count[i] / n;
        if (c->count[i] == 0)
            continue;
        confusion_grow(&up, k);
        memcpy(up.count, c->count, k * k * sizeof(*out));
        up.count[i] += step;
        assert_near((metric(&up) - metric(c)) / 1e-4, out[i],
                    3e-3 * fmax(1, fabs(out[i])));
        confusion_release(&up);
    }
    assert_near(mean, 0, 1e-12);
    free(out);
}

static void influence__is_the_derivative(void **state)
{
    static const double counts[] = {30, 5, 0, 0, 2, 9, 4, 0,
                                    7,  0, 3, 0, 0, 0, 0, 0};
    struct confusion c;
    double out[16];

    (void)state;
    confusion_init(&c, 4); /* the last class does not occur */
    memcpy(c.count, counts, sizeof(counts));
    check_influence(&c, influence_balanced_error, confusion_balanced_error);
    check_influence(&c, influence_macro_f1, minus_f1);
    influence_error(&c, out);
    for (size_t i = 0; i < 16; i++)
        assert_true(out[i] == (i / 4 != i % 4));
    confusion_release(&c);
}

/* ---- exchanging cells ---- */

static const char text[] = "a,b,c,t,u,label\n"
                           "1,10,x,red house,one two,p\n"
                           ",20,y,,three,q\n"
                           "3,30,x,blue sea blue,four five six,p\n"
                           "4,40,z,red sea,,q\n";

struct data {
    struct csv_reader *reader;
    struct schema schema;
    struct table table;
};

static void load(struct data *d, const char *csv, struct schema_request *q)
{
    struct buf notes = {0};
    struct err err = {0};

    memset(d, 0, sizeof(*d));
    q->ngrams = NGRAM_DEFAULTS;
    d->reader = scratch_reader(csv, true);
    if (schema_infer(&d->schema, d->reader, q, &notes, &err) != 0 ||
        csv_reader_rewind(d->reader, &err) != 0 ||
        table_init(&d->table, &d->schema, d->reader, &err) != 0 ||
        table_read(&d->table, d->reader, &err) != 0)
        fail_msg("%s", err.message);
    buf_release(&notes);
    schema_request_release(q);
}

static void unload(struct data *d)
{
    table_release(&d->table);
    schema_release(&d->schema);
    csv_reader_close(d->reader);
}

static void same_ngrams(const struct ngrams *a, const struct ngrams *b)
{
    assert_int_equal(a->n, b->n);
    assert_int_equal(a->entries, b->entries);
    assert_memory_equal(a->start, b->start, (a->n + 1) * sizeof(*a->start));
    assert_memory_equal(a->bucket, b->bucket, a->entries * sizeof(*a->bucket));
    assert_memory_equal(a->count, b->count, a->entries * sizeof(*a->count));
}

static void same_tokens(const struct table *a, const struct dict *words,
                        const struct table *b)
{
    assert_int_equal(a->tokens.n, b->tokens.n);
    assert_memory_equal(a->tokens.start, b->tokens.start,
                        (a->tokens.n + 1) * sizeof(size_t));
    for (size_t i = 0; i < a->tokens.entries; i++) {
        uint32_t x = a->tokens.token[i], y = b->tokens.token[i];
        if (x >= TOKEN_SEPARATOR || y >= TOKEN_SEPARATOR)
            assert_int_equal(x, y);
        else /* numbers are in the order of the rows */
            assert_string_equal(words->text[x], b->tokens.dict.text[y]);
    }
}

static void same_rows(const struct table *a, const struct table *b)
{
    for (size_t i = 0; i < a->n * a->n_numbers; i++)
        assert_near((double)a->numbers[i], (double)b->numbers[i], 0);
    for (size_t r = 0; r < a->n * a->n_categories; r++)
        assert_string_equal(a->dicts[0].text[a->levels[r]],
                            b->dicts[0].text[b->levels[r]]);
    for (size_t k = 0; k < a->n_texts; k++)
        same_ngrams(&a->texts[k], &b->texts[k]);
}

static const size_t turned[] = {2, 0, 3, 1};

/* `text` with the cells of one column turned, by hand. */
static void turn(char *to, size_t size, size_t column)
{
    static const char *const cells[4][6] = {
        {"1", "10", "x", "red house", "one two", "p"},
        {"", "20", "y", "", "three", "q"},
        {"3", "30", "x", "blue sea blue", "four five six", "p"},
        {"4", "40", "z", "red sea", "", "q"}};
    int at = snprintf(to, size, "a,b,c,t,u,label\n");

    for (size_t r = 0; r < 4; r++)
        for (size_t c = 0; c < 6; c++)
            at += snprintf(to + at, size - (size_t)at, "%s%c",
                           cells[c == column ? turned[r] : r][c],
                           c == 5 ? '\n' : ',');
}

static void ask(struct schema_request *q, bool tokens, size_t max_steps)
{
    *q = (struct schema_request){.max_steps = max_steps};
    list_add(&q->types, "t=text");
    list_add(&q->types, "u=text");
    if (tokens) {
        q->sequential = true;
        q->tokens = TOKENS_WORD;
        list_add(&q->features, "t");
        list_add(&q->features, "u");
    } else {
        list_add(&q->types, "a=number");
        list_add(&q->types, "b=number");
        list_add(&q->types, "c=category");
    }
}

/* Exchanging is reading what was exchanged in the file. */
static void exchange__as_in_the_file(void **state)
{
    struct schema_request q;
    struct data d, other;
    struct exchange x;
    char moved[400];

    (void)state;
    for (size_t column = 0; column < 5; column++) {
        ask(&q, false, 0);
        load(&d, text, &q);
        assert_true(exchange_can(&d.schema.columns[column]));
        turn(moved, sizeof(moved), column);
        ask(&q, false, 0);
        load(&other, moved, &q);
        exchange_begin(&x, &d.table, column);
        exchange_apply(&x, NULL);
        exchange_apply(&x, turned);
        for (size_t i = 0; i < 4; i++) /* shifts are those of the first row */
            for (size_t k = 0; k < 2; k++)
                d.table.numbers[2 * i + k] +=
                    (float)(d.schema.columns[k].shift -
                            other.schema.columns[k].shift);
        same_rows(&d.table, &other.table);
        unload(&other);
        exchange_end(&x);
        unload(&d);
    }
}

static void exchange_end__puts_back(void **state)
{
    struct schema_request q;
    struct data d, other;
    struct exchange x;

    (void)state;
    ask(&q, false, 0);
    load(&d, text, &q);
    ask(&q, false, 0);
    load(&other, text, &q);
    for (size_t column = 0; column < 5; column++) {
        exchange_begin(&x, &d.table, column);
        exchange_apply(&x, turned);
        exchange_end(&x);
        same_rows(&d.table, &other.table);
    }
    unload(&d);
    unload(&other);
}

static void exchange__tokens_of_one_column(void **state)
{
    struct schema_request q;
    struct data d, other;
    struct exchange x;
    char moved[400];

    (void)state;
    for (size_t column = 3; column < 5; column++)
        for (size_t max_steps = 0; max_steps < 8; max_steps++) {
            ask(&q, true, 0);
            load(&d, text, &q);
            d.schema.max_steps = max_steps;
            turn(moved, sizeof(moved), column);
            ask(&q, true, max_steps);
            load(&other, moved, &q);
            exchange_begin(&x, &d.table, column);
            exchange_apply(&x, turned);
            same_tokens(&d.table, &x.tokens.dict, &other.table);
            exchange_apply(&x, turned);
            same_tokens(&d.table, &x.tokens.dict, &other.table);
            exchange_end(&x);
            unload(&d);
            unload(&other);
        }
}

/* ---- sorting ---- */

static int by_value(const void *a, const void *b)
{
    float x = *(const float *)a, y = *(const float *)b;

    return (x > y) - (x < y);
}

static void float_sort__as_qsort(void **state)
{
    static const size_t sizes[] = {0, 1, 2, 63, 64, 65, 1000, 30000};
    float *a = mem_alloc(30000, sizeof(*a)), *b = mem_alloc(30000, sizeof(*b));
    uint32_t *scratch = mem_alloc(30000, sizeof(*scratch));
    struct rng rng;

    (void)state;
    rng_init(&rng, 2, 99);
    for (size_t k = 0; k < 8; k++)
        for (int kind = 0; kind < 3; kind++) {
            size_t n = sizes[k];
            for (size_t i = 0; i < n; i++)
                a[i] = kind == 0   ? (float)rng_uniform(&rng)
                       : kind == 1 ? (float)exp(30 * rng_normal(&rng)) *
                                         (i % 3 ? 1 : -1)
                                   : (float)rng_below(&rng, 7) - 3;
            if (n > 4) {
                a[0] = INFINITY;
                a[3] = -INFINITY;
                a[4] = 1e-42F;
            }
            memcpy(b, a, n * sizeof(*a));
            float_sort(a, scratch, n);
            if (n)
                qsort(b, n, sizeof(*b), by_value);
            for (size_t i = 0; i < n; i++)
                assert_true(a[i] == b[i]);
        }
    free(a);
    free(b);
    free(scratch);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(permutation_draw__moves_every_row),
        cmocka_unit_test(permuted_loss__nothing_changed),
        cmocka_unit_test(permuted_loss__by_hand),
        cmocka_unit_test(permuted_loss__coverage),
        cmocka_unit_test(influence__is_the_derivative),
        cmocka_unit_test(exchange__as_in_the_file),
        cmocka_unit_test(exchange_end__puts_back),
        cmocka_unit_test(exchange__tokens_of_one_column),
        cmocka_unit_test(float_sort__as_qsort),
    };

    return cmocka_run_group_tests(tests, NULL, scratch_remove);
}
