#include "analysis/data_checks.h"

#include <math.h>
#include <stdlib.h>

#include "analysis/features.h"
#include "base/mem.h"
#include "stats/one_column.h"

enum { MOST_ROWS = 20000 };

/*
 * How a column tells: a value for each class, as a copy of the label does; more
 * values; a number by where it lies; a word for each class; all words.
 */
enum way { BY_COPY, BY_LEVELS, BY_NUMBER, BY_A_WORD, BY_WORDS };

/*
 * The skill at whose lower limit it warns, and fails.  One column may well tell
 * much, but one value a class is a copy's; all words of a text may tell all, so
 * that does not fail.
 */
static const struct limits {
    double warn, fail;
    bool in_line; /* fine where another column tells nearly as much */
    const char *test;
} limits[] = {
    {.6, .75, false,
     "one value for each class: held-out mean recall above chance"},
    {.85, .95, true, "its values: held-out mean recall above chance"},
    {.93, .98, true, "its groups by size: held-out mean recall above chance"},
    {.85, .95, false,
     "one word for each class: held-out mean recall above "
     "chance"},
    {.95, INFINITY, true, "its words: held-out mean recall above chance"}};

/* A third of the errors of the next best column, or less. */
static const double OUT_OF_LINE = 3, FLAWLESS = .9;

struct told {
    enum way way;
    struct one_column by;
};

/* Rows from all over the file, at steps that follow no period of it. */
struct sample {
    size_t n, *row;  /* [n] */
    uint32_t *label; /* [n] */
};

static void sample_init(struct sample *s, const struct table *t)
{
    s->n = t->n < MOST_ROWS ? t->n : MOST_ROWS;
    s->row = mem_alloc(s->n, sizeof(*s->row));
    s->label = mem_alloc(s->n, sizeof(*s->label));
    for (size_t i = 0; i < s->n; i++) {
        double golden = (double)i * .61803398874989485,
               at = (double)i + golden - floor(golden);
        s->row[i] = s->n == t->n ? i
                                 : (size_t)(at * (double)t->n / (double)s->n);
        s->label[i] = t->labelled[s->row[i]] ? t->label[s->row[i]]
                                             : ONE_COLUMN_NONE;
    }
}

static void sample_release(struct sample *s)
{
    free(s->row);
    free(s->label);
}

static struct told by_levels(const struct table *t, const struct feature *f,
                             const struct sample *s)
{
    uint32_t *level = mem_alloc(s->n, sizeof(*level));
    struct told told;

    for (size_t i = 0; i < s->n; i++)
        level[i] = t->levels[s->row[i] * t->n_categories + f->place];
    told.by = one_column_levels(level, s->n, t->dicts[f->place].count,
                                f->missing_level, s->label, t->labels.count);
    told.way = told.by.one_to_one ? BY_COPY : BY_LEVELS;
    free(level);
    return told;
}

static struct told by_number(const struct table *t, const struct feature *f,
                             const struct sample *s)
{
    float *value = mem_alloc(s->n, sizeof(*value));
    struct told told;

    for (size_t i = 0; i < s->n; i++)
        value[i] = t->numbers[s->row[i] * t->n_numbers + f->place];
    told.by = one_column_numbers(value, s->n, s->label, t->labels.count);
    told.way = told.by.one_to_one                           ? BY_COPY
               : f->column->distinct <= 2 * told.by.classes ? BY_LEVELS
                                                            : BY_NUMBER;
    free(value);
    return told;
}

static struct told by_words(const struct table *t, const struct feature *f,
                            const struct sample *s)
{
    const struct ngrams *g = &t->texts[f->place];
    size_t *start = mem_alloc(s->n + 1, sizeof(*start)), n = 0, capacity = 0;
    uint32_t *word = NULL;
    struct one_column all, few;
    bool a_word;

    for (size_t i = 0; i < s->n; i++) {
        size_t row = s->row[i];
        start[i] = n;
        word = mem_grow(word, &capacity, n + g->start[row + 1] - g->start[row],
                        sizeof(*word));
        for (size_t e = g->start[row]; e < g->start[row + 1]; e++)
            if (g->bucket[e] < NGRAM_GROUP)
                word[n++] = g->bucket[e];
    }
    start[s->n] = n;
    one_column_words(start, word, s->n, s->label, t->labels.count, &all, &few);
    free(start);
    free(word);
    a_word = few.ci.low >= limits[BY_A_WORD].warn;
    return (struct told){a_word ? BY_A_WORD : BY_WORDS, a_word ? few : all};
}

static struct told tell(const struct table *t, const struct feature *f,
                        const struct sample *s)
{
    return f->column->type == TYPE_NUMBER     ? by_number(t, f, s)
           : f->column->type == TYPE_CATEGORY ? by_levels(t, f, s)
                                              : by_words(t, f, s);
}

/* Whether another column tells nearly as much, or there is no other. */
static bool is_in_line(const struct told *told, size_t n, size_t at)
{
    double next = 0;

    for (size_t i = 0; i < n; i++)
        if (i != at)
            next = fmax(next, told[i].by.skill);
    return n < 2 || OUT_OF_LINE * (1 - told[at].by.skill) > 1 - next;
}

static enum finding_status status_of(const struct told *told, size_t n,
                                     size_t at)
{
    const struct limits *l = &limits[told[at].way];
    const struct one_column *by = &told[at].by;
    bool fails =
        by->ci.low >= l->fail ||
        (told[at].way == BY_NUMBER && !by->wrong && by->ci.low >= FLAWLESS);

    if (!fails && !(by->ci.low >= l->warn))
        return FINDING_OK;
    if (l->in_line && is_in_line(told, n, at))
        return FINDING_OK;
    return fails ? FINDING_FAIL : FINDING_WARN;
}

static struct finding finding_about(const struct feature *f,
                                    const struct told *told,
                                    enum finding_status status)
{
    struct finding g = finding_of("giveaway", f->column->name, status);

    g.value = isnan(told->by.skill) ? NAN : fmax(told->by.skill, 0);
    g.limit = limits[told->way].warn;
    g.effect = g.value;
    g.ci = told->by.ci;
    g.n_current = (double)told->by.rows;
    g.test = limits[told->way].test;
    if (status == FINDING_FAIL)
        g.advice = "it all but names the label: is it known before the label "
                   "is? else --exclude it";
    else if (status == FINDING_WARN)
        g.advice = "it alone tells most of the label: is it known before the "
                   "label is? else --exclude it";
    return g;
}

static void judge(const struct features *all, const struct told *told,
                  struct findings *findings)
{
    struct finding ok =
        finding_of("giveaway", "all columns", FINDING_UNDECIDED);
    struct findings found = {0};
    size_t most = all->n;

    for (size_t i = 0; i < all->n; i++) {
        enum finding_status status = status_of(told, all->n, i);
        struct finding f = finding_about(&all->at[i], &told[i], status);
        if (!isnan(told[i].by.skill) &&
            (most == all->n || told[i].by.skill > told[most].by.skill))
            most = i;
        if (status != FINDING_OK)
            findings_add(&found, &f);
    }
    ok.test = "classes of ten rows or more: fewer than two";
    if (most < all->n)
        ok = finding_about(&all->at[most], &told[most], FINDING_OK);
    findings_add_worst(findings, &found, "columns", &ok);
}

void check_giveaway(const struct table *t, struct findings *findings)
{
    struct features all;
    struct sample s;
    struct told *told;

    features_init(&all, t);
    if (all.n && t->n) {
        sample_init(&s, t);
        told = mem_alloc(all.n, sizeof(*told));
#pragma omp parallel for schedule(dynamic)
        for (size_t i = 0; i < all.n; i++)
            told[i] = tell(t, &all.at[i], &s);
        judge(&all, told, findings);
        free(told);
        sample_release(&s);
    }
    features_release(&all);
}
