/* What no column shows by itself: words, and all columns together. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "analysis/domain.h"
#include "analysis/shift_tests.h"
#include "base/mem.h"
#include "stats/estimate.h"
#include "stats/number_shift.h"

/* Effects below these are small: a share of words, AUROC - .5, and MMD. */
static const double SMALL_SHARE = .02, SMALL_AREA = .05, SMALL_MEAN = .05;

/* Columns that cost less AUROC tell nothing. */
static const double TELLING_DROP = .005;

enum { MOST_COLUMNS = 3, MOST_ROWS = 5 };

/* ---- words ---- */

/*
 * The share of a row's words that the reference has not: of its own rows, that
 * no other row of it has.  NaN without words.
 */
static float strange_words(const struct ngrams *g, size_t row,
                           const uint8_t *rows, uint8_t own)
{
    double words = 0, strange = 0;

    for (size_t e = g->start[row]; e < g->start[row + 1]; e++) {
        if (g->bucket[e] >= NGRAM_GROUP)
            continue;
        words += (double)g->count[e];
        if (rows[g->bucket[e] % PROFILE_WORDS] <= own)
            strange += (double)g->count[e];
    }
    return words > 0 ? (float)(strange / words) : NAN;
}

static struct quantiles *strange_of(const struct ngrams *g,
                                    const struct row_set *set,
                                    const uint8_t *rows, uint8_t own)
{
    struct quantiles *q = quantiles_new(0, 1);

    for (size_t i = 0; i < set->n; i++) {
        float share = strange_words(g, set->row[i], rows, own);
        quantiles_add(q, &share, 1);
    }
    return q;
}

static void say_shares(struct buf *say, const struct distribution *a,
                       const struct distribution *b)
{
    buf_printf(say, "%.3g %% of words are new, %.3g %% would be expected",
               100 * moments_mean(&b->moments),
               100 * moments_mean(&a->moments));
}

/* words: the texts' single words, as the vocabulary has them. */
static void test_words(const struct shift_question *q,
                       const struct shift_sample *s, const struct ngrams *words,
                       const char *column, const struct profile_item *known,
                       struct shift_tests *tests)
{
    struct finding f = finding_of("words", "", FINDING_OK);
    struct quantiles *of_a =
                         strange_of(words, &s->reference, known->words.rows, 1),
                     *of_b =
                         strange_of(words, &s->current, known->words.rows, 0);
    struct distribution a = quantiles_view(of_a), b = quantiles_view(of_b);
    struct number_shift r = number_shift_test(&a, &b);
    struct estimate ea = estimate_none(), eb = estimate_none();
    struct buf say = {0};
    char *subject = shift_subject(q, column);

    if (!isnan(r.p)) {
        f.subject = subject;
        f.value = moments_mean(&b.moments);
        f.limit = SMALL_SHARE;
        f.p = r.p;
        f.effect = f.value - moments_mean(&a.moments);
        ea.value = moments_mean(&a.moments);
        ea.ci = moments_interval(&a.moments);
        eb.value = f.value;
        eb.ci = moments_interval(&b.moments);
        f.ci = estimate_difference(&eb, &ea, 0);
        f.test = "Kolmogorov-Smirnov of the shares of words that the reference "
                 "has not; value, effect: mean share, difference";
        f.n_reference = a.total;
        f.n_current = b.total;
        say_shares(&say, &a, &b);
        f.advice = say.data;
        shift_tests_add(tests, &f, r.p_low, r.p_high);
    }
    buf_release(&say);
    free(subject);
    quantiles_free(of_a);
    quantiles_free(of_b);
}

/* ---- classifiers ---- */

static void say_columns(struct buf *say, const struct shift_sample *s,
                        const struct domain_test *t)
{
    for (size_t k = 0; k < t->n_columns && k < MOST_COLUMNS; k++) {
        if (!(t->columns[k].ci.low > 0) || t->columns[k].drop < TELLING_DROP)
            break;
        buf_printf(say, "%s%s (%.2g)", k ? ", " : "told apart by ",
                   s->schema.columns[t->columns[k].column].name,
                   t->columns[k].drop);
    }
}

/* The current rows with the largest scores. */
static void say_rows(struct buf *say, const struct shift_question *q,
                     const struct shift_sample *s, const struct domain_test *t)
{
    const float *score = t->score + s->reference.n;
    bool *taken = mem_zalloc(s->current.n + 1, sizeof(*taken));

    for (size_t k = 0; k < MOST_ROWS && k < s->current.n; k++) {
        size_t best = s->current.n;
        for (size_t i = 0; i < s->current.n; i++)
            if (!taken[i] && (best == s->current.n || score[i] > score[best]))
                best = i;
        taken[best] = true;
        buf_printf(say, "%s%s",
                   k          ? ", "
                   : say->len ? "; least like the reference: "
                              : "least like the reference: ",
                   q->current->sample.row[best].id);
    }
    free(taken);
}

/* only: a column of text, or all. */
static void test_domain(const struct shift_question *q,
                        const struct shift_sample *s, size_t only,
                        struct shift_tests *tests)
{
    bool all = only == DOMAIN_ALL;
    struct finding f = finding_of(all ? "together" : "text", "", FINDING_OK);
    char *subject =
        shift_subject(q, all ? "classifier" : s->schema.columns[only].name);
    struct domain_test t;
    struct buf say = {0};

    domain_compare(&s->table, &s->reference, &s->current, only, q->seed, &t);
    if (!isnan(t.p)) {
        f.subject = subject;
        f.value = t.auroc;
        f.limit = SMALL_AREA;
        f.p = t.p;
        f.effect = t.auroc - .5;
        f.ci = (struct interval){t.auroc_ci.low - .5, t.auroc_ci.high - .5};
        f.detectable = t.detectable;
        f.test = t.test;
        f.n_reference = (double)s->reference.n;
        f.n_current = (double)s->current.n;
        if (all)
            say_columns(&say, s, &t);
        if (t.score)
            say_rows(&say, q, s, &t);
        f.advice = say.len ? say.data : "";
        shift_tests_add(tests, &f, t.p, t.p);
    }
    buf_release(&say);
    free(subject);
    domain_test_release(&t);
}

static void test_means(const struct shift_question *q,
                       struct shift_tests *tests)
{
    struct finding f = finding_of("together", "", FINDING_OK);
    const struct feature_sums *a = &q->reference->features,
                              *b = &q->current->features;
    struct mean_shift r = mean_shift_test(a, b);
    char *subject = shift_subject(q, "features");

    if (!isnan(r.p)) {
        f.subject = subject;
        f.value = r.mmd2;
        f.limit = SMALL_MEAN;
        f.p = r.p;
        f.effect = r.effect;
        f.ci = r.ci;
        f.detectable = r.detectable;
        f.test = "means of random features; value: MMD squared; effect: MMD";
        f.n_reference = a->n;
        f.n_current = b->n;
        shift_tests_add(tests, &f, r.p, r.p);
    }
    free(subject);
}

/* The texts of the sample as single words. */
static void count_words(const struct shift_sample *s, size_t cell,
                        const struct shift_question *q, struct ngrams *words)
{
    const struct ngram_sizes single = {1, 1, 0, 0};
    const struct profile *of[2] = {q->reference, q->current};

    for (size_t side = 0; side < 2; side++)
        for (size_t i = 0; i < of[side]->sample.n; i++) {
            const char *text = of[side]->sample.row[i].cells[cell];
            size_t len = strlen(text);
            if (schema_missing(&s->schema, text, len))
                len = 0;
            ngrams_add(words, &single, text, len);
        }
}

static bool has_words(const struct profile_item *item)
{
    return item && item->words.rows;
}

void shift_together(const struct shift_question *q,
                    const struct shift_sample *s, struct shift_tests *tests)
{
    size_t cell = 0, features = 0;

    for (size_t i = 0; i < s->schema.n; i++) {
        const struct column *c = &s->schema.columns[i];
        features += c->role == ROLE_FEATURE;
        if (q->frame->schema.columns[i].role == ROLE_UNUSED)
            continue;
        if (c->role == ROLE_FEATURE && c->type == TYPE_TEXT) {
            const struct profile_item *known =
                profile_find(q->reference, "words", c->name);
            struct ngrams words = {0};
            if (has_words(known)) {
                count_words(s, cell, q, &words);
                test_words(q, s, &words, c->name, known, tests);
            }
            ngrams_release(&words);
            test_domain(q, s, i, tests);
        }
        cell++;
    }
    if (features > 1)
        test_domain(q, s, DOMAIN_ALL, tests);
    if (features > 1)
        test_means(q, tests);
}
