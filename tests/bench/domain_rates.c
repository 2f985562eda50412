/*
 * domain_rates KIND SHIFT N M RUNS [SEED [MORE]]: how often domain_compare
 * (analysis/domain.h) finds a difference between N and M rows, and what it says
 * of it.
 *
 *   KIND   normal correlated heavy integers levels mixed titles
 *   SHIFT  of the second set: of the mean of column 0 where that is a number
 *          (deviations), of a level's share of column 0 (from .1), of a word's
 *          share; or "rotated": the correlation of columns 0 and 1 is .5 in
 *          one set and -.5 in the other
 *
 * Writes the share of p < .05, < .01, < .001; means of auroc, of its interval's
 * ends, of accuracy and detectable; how often the interval holds .5, and the
 * mean auroc; how often column 0 is the first of those that gave it away; and
 * milliseconds of CPU a run.  With MORE: how often the interval holds the AUROC
 * that the run's classifiers have with so many rows more of either set.
 */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

#include "analysis/domain.h"
#include "analysis/domain_sets.h"
#include "base/mem.h"
#include "base/parallel.h"
#include "base/rng.h"
#include "stats/auroc.h"

enum { COLUMNS = 20, WORDS = 2000 };

struct setting {
    const char *kind;
    double shift;
    bool rotated;
    size_t n, m, more; /* rows: the sets', then twice `more` */
};

/* Whether a row is of the second kind. */
static bool is_second(const struct setting *s, size_t row)
{
    return (row >= s->n && row < s->n + s->m) || row >= s->n + s->m + s->more;
}

/* ---- a table ---- */

static bool is(const struct setting *s, const char *kind)
{
    return strcmp(s->kind, kind) == 0;
}

static void name_columns(const struct setting *s, struct schema *schema)
{
    schema->n = is(s, "titles") ? 1 : COLUMNS;
    schema->columns = mem_zalloc(schema->n, sizeof(*schema->columns));
    for (size_t c = 0; c < schema->n; c++)
        schema->columns[c].type = is(s, "titles") ? TYPE_TEXT
                                  : is(s, "levels") || (is(s, "mixed") && c % 2)
                                      ? TYPE_CATEGORY
                                      : TYPE_NUMBER;
}

static struct table *new_table(const struct setting *s, struct schema *schema)
{
    struct table *t = mem_zalloc(1, sizeof(*t));
    char level[20];

    name_columns(s, schema);
    t->schema = schema;
    t->n = s->n + s->m + 2 * s->more;
    for (size_t c = 0; c < schema->n; c++) {
        t->n_numbers += schema->columns[c].type == TYPE_NUMBER;
        t->n_categories += schema->columns[c].type == TYPE_CATEGORY;
        t->n_texts += schema->columns[c].type == TYPE_TEXT;
    }
    t->numbers = mem_zalloc(t->n * t->n_numbers, sizeof(*t->numbers));
    t->levels = mem_zalloc(t->n * t->n_categories, sizeof(*t->levels));
    t->dicts = mem_zalloc(t->n_categories, sizeof(*t->dicts));
    t->texts = mem_zalloc(t->n_texts, sizeof(*t->texts));
    for (size_t c = 0; c < t->n_categories; c++)
        for (int l = 0; l < 50; l++) {
            int len = snprintf(level, sizeof(level), "%d", l);
            dict_add(&t->dicts[c], level, (size_t)len);
        }
    return t;
}

static void free_table(struct table *t, struct schema *schema)
{
    for (size_t c = 0; c < t->n_categories; c++)
        dict_release(&t->dicts[c]);
    for (size_t c = 0; c < t->n_texts; c++)
        ngrams_release(&t->texts[c]);
    free(t->numbers);
    free(t->levels);
    free(t->dicts);
    free(t->texts);
    free(t);
    free(schema->columns);
}

/* ---- rows ---- */

static double number(const struct setting *s, struct rng *rng, double common)
{
    double z = rng_normal(rng);

    if (is(s, "correlated"))
        return sqrt(.8) * common + sqrt(.2) * z;
    if (is(s, "heavy"))
        return z / fabs(rng_normal(rng)); /* Cauchy's */
    return is(s, "integers") ? floor(z) : z;
}

static void fill_numbers(const struct setting *s, struct table *t, size_t row,
                         struct rng *rng)
{
    float *x = t->numbers + row * t->n_numbers;
    bool second = is_second(s, row);
    double common = rng_normal(rng);

    for (size_t c = 0; c < t->n_numbers; c++)
        x[c] = (float)number(s, rng, common);
    if (s->rotated)
        x[1] = (float)((second ? -.5 : .5) * (double)x[0] +
                       sqrt(.75) * (double)x[1]);
    else if (second && t->n_numbers)
        x[0] += (float)s->shift;
}

/* Level 0 of column 0 has .1; the others fall off like 1 / (l + 2). */
static void fill_levels(const struct setting *s, struct table *t, size_t row,
                        struct rng *rng)
{
    for (size_t c = 0; c < t->n_categories; c++) {
        bool shifted = is_second(s, row) && c == 0 && t->n_numbers == 0;
        double first = .1 + (shifted ? s->shift : 0), u = rng_uniform(rng);
        size_t levels = c % 3 == 0 ? 50 : c % 3 == 1 ? 2 : 8, l = 0;
        if (u >= first)
            l = 1 + (size_t)((double)(levels - 1) * pow(rng_uniform(rng), 2.5));
        t->levels[row * t->n_categories + c] =
            (uint32_t)(l < levels ? l : levels - 1);
    }
}

/* Words of two to four syllables, the commoner the lower their number. */
static void add_word(struct buf *text, size_t word)
{
    static const char *const syllable[] = {"ba", "ter", "in",  "lo", "se",
                                           "mu", "dan", "ri",  "et", "on",
                                           "al", "pe",  "sto", "vi", "gra"};
    size_t x = word * 2654435761u % 4294967291u, n = 2 + x % 3;

    for (size_t i = 0; i < n; i++, x /= 15)
        buf_add_text(text, syllable[x / 3 % 15]);
    buf_add_char(text, ' ');
}

static void fill_titles(const struct setting *s, struct table *t, size_t row,
                        struct rng *rng)
{
    size_t words = 3 + rng_below(rng, 9);
    double share = is_second(s, row) ? .02 + s->shift : .02;
    struct buf text = {0};

    for (size_t w = 0; w < words; w++)
        add_word(&text, (size_t)(exp(rng_uniform(rng) * log(WORDS + 1.)) - 1));
    if (rng_uniform(rng) < share)
        buf_add_text(&text, "history");
    ngrams_add(&t->texts[0], &NGRAM_DEFAULTS, text.data, text.len);
    buf_release(&text);
}

static void fill(const struct setting *s, struct table *t, uint64_t seed)
{
    struct rng rng;

    rng_init(&rng, seed, RNG_SYNTH);
    for (size_t row = 0; row < t->n; row++) {
        fill_numbers(s, t, row, &rng);
        fill_levels(s, t, row, &rng);
        if (t->n_texts)
            fill_titles(s, t, row, &rng);
    }
}

/* ---- what is said ---- */

struct tally {
    double runs, below[3], auroc, low, high, accuracy, detectable, first, holds;
    double *area, *ends; /* [runs], [2 runs] */
};

static void add(struct tally *t, const struct domain_test *test)
{
    static const double level[] = {.05, .01, .001};
    size_t run = (size_t)t->runs++;

    for (size_t k = 0; k < 3; k++)
        t->below[k] += test->p < level[k];
    t->area[run] = test->auroc;
    t->ends[2 * run] = test->auroc_ci.low;
    t->ends[2 * run + 1] = test->auroc_ci.high;
    t->auroc += test->auroc;
    t->low += test->auroc_ci.low;
    t->high += test->auroc_ci.high;
    t->accuracy += test->accuracy;
    t->detectable += test->detectable;
    t->first += test->n_columns && test->columns[0].column == 0;
}

static double coverage(const struct tally *t, double of)
{
    double holds = 0;

    for (size_t i = 0; i < (size_t)t->runs; i++)
        holds += t->ends[2 * i] <= of && of <= t->ends[2 * i + 1];
    return holds / t->runs;
}

static void report(const struct setting *s, const struct tally *t)
{
    struct rusage used;
    double seconds, n = t->runs;

    getrusage(RUSAGE_SELF, &used);
    seconds = (double)used.ru_utime.tv_sec +
              1e-6 * (double)used.ru_utime.tv_usec;
    printf("%-10s %s%.3f %zu %zu: p<.05 %.3f .01 %.4f .001 %.4f  auroc %.4f "
           "[%.4f, %.4f] accuracy %.3f detectable %.4f  holds .5 %.3f mean "
           "%.3f true %.3f  first %.2f  %.0f ms\n",
           s->kind, s->rotated ? "rotated " : "", s->shift, s->n, s->m,
           t->below[0] / n, t->below[1] / n, t->below[2] / n, t->auroc / n,
           t->low / n, t->high / n, t->accuracy / n, t->detectable / n,
           coverage(t, .5), coverage(t, t->auroc / n), t->holds / n,
           t->first / n, 1000 * seconds / n);
}

/* The AUROC, on average of the folds, of the classifiers that domain_compare
 * has with this seed. */
static double true_auroc(const struct setting *s, const struct table *t,
                         const struct row_set set[2], uint64_t seed)
{
    struct domain_sets sets;
    struct domain_permutation p;
    struct domain_classifier c;
    float *score = mem_alloc(2 * s->more, sizeof(*score)), *x;
    double sum = 0;

    domain_sets_init(&sets, t, &set[0], &set[1], DOMAIN_ALL, seed);
    p = domain_permute(&sets.rows, seed);
    domain_classify(&sets.rows,
                    &(struct domain_fit){DOMAIN_RIDGE, p.by_chance, 5, seed},
                    &c);
    x = mem_alloc(sets.rows.width, sizeof(*x));
    for (size_t fold = 0; fold < DOMAIN_FOLDS; fold++) {
        struct auroc area = {0};
        for (size_t i = 0; i < 2 * s->more; i++) {
            domain_features_of(sets.features, s->n + s->m + i, x);
            score[i] = domain_score(&c, fold, x);
        }
        (void)auroc_delong(score + s->more, s->more, score, s->more, &area);
        sum += area.area / DOMAIN_FOLDS;
    }
    domain_classifier_release(&c);
    domain_sets_release(&sets);
    free(score);
    free(x);
    return sum;
}

static void run(const struct setting *s, uint64_t seed, struct tally *tally)
{
    struct schema schema = {0};
    struct table *t = new_table(s, &schema);
    struct row_set set[2] = {{mem_alloc(s->n, sizeof(size_t)), s->n},
                             {mem_alloc(s->m, sizeof(size_t)), s->m}};
    struct domain_test test;

    fill(s, t, seed);
    for (size_t i = 0; i < s->n + s->m; i++)
        set[i >= s->n].row[i < s->n ? i : i - s->n] = i;
    domain_compare(t, &set[0], &set[1], DOMAIN_ALL, seed, &test);
    add(tally, &test);
    if (s->more) {
        double truth = true_auroc(s, t, set, seed);
        tally->holds += test.auroc_ci.low <= truth &&
                        truth <= test.auroc_ci.high;
    }
    domain_test_release(&test);
    free(set[0].row);
    free(set[1].row);
    free_table(t, &schema);
}

int main(int argc, char **argv)
{
    struct setting s;
    struct tally tally = {0};
    long runs, seed = argc > 6 ? strtol(argv[6], NULL, 10) : 1;

    if (argc < 6) {
        fprintf(stderr, "domain_rates KIND SHIFT N M RUNS [SEED [MORE]]\n");
        return 2;
    }
    s = (struct setting){argv[1],
                         strtod(argv[2], NULL),
                         strcmp(argv[2], "rotated") == 0,
                         (size_t)strtol(argv[3], NULL, 10),
                         (size_t)strtol(argv[4], NULL, 10),
                         argc > 7 ? (size_t)strtol(argv[7], NULL, 10) : 0};
    runs = strtol(argv[5], NULL, 10);
    parallel_set_threads(0);
    tally.area = mem_alloc((size_t)runs, sizeof(double));
    tally.ends = mem_alloc((size_t)runs, 2 * sizeof(double));
    for (long i = 0; i < runs; i++)
        run(&s, (uint64_t)(seed + i), &tally);
    report(&s, &tally);
    free(tally.area);
    free(tally.ends);
    return 0;
}
