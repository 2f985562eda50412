#include "stream/goal.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash_set.h"
#include "base/mem.h"
#include "base/num.h"

/* Blocks of the jackknife. */
enum { BLOCKS = 64 };

struct goal {
    const struct goal_options *options;
    unsigned set;
    size_t *columns; /* [n] of the annotators */
    size_t n;
    size_t *class; /* [n] of the current row */
    struct dict classes;
    struct judgements *judgements;
    size_t pattern;           /* of the row added last */
    struct clusters clusters; /* of rows that are judged */
    struct hash_set ids;      /* looked at, or for another file */
    struct score pair; /* rows judged by two or more: are they disputed? */
    struct annotators *fit;
};

const char *goal_option(const struct goal_options *o)
{
    return o->annotators.n ? "--annotators"
           : o->annotator  ? "--annotator"
           : o->from       ? "--goal-from"
                           : NULL;
}

/* ---- columns ---- */

static int find_columns(struct goal *g, const struct prediction_reader *from,
                        struct err *err)
{
    const struct goal_options *o = g->options;

    g->n = o->annotator ? 1 : o->annotators.n;
    g->columns = mem_zalloc(g->n, sizeof(*g->columns));
    g->class = mem_zalloc(g->n, sizeof(*g->class));
    for (size_t i = 0; i < g->n; i++) {
        const char *name = o->annotator ? o->annotator : o->annotators.items[i];
        if (csv_reader_require(from->csv, name, &g->columns[i], err) != 0)
            return -1;
    }
    return 0;
}

/* A person's error is a rate; one that judges all rows has the others too. */
static int check_metric(const struct goal_options *o, enum metric_kind metric,
                        struct err *err)
{
    bool several = o->annotators.n > 0;

    if (metric == METRIC_ERROR || (!several && !o->annotator) ||
        (!several && set_scores_reread(metric)))
        return 0;
    return err_set(err, ERR_USAGE,
                   "%s has no goal for --metric %s: people give no "
                   "probabilities%s",
                   goal_option(o), metric_kind_name(metric),
                   several ? " and no scores of classes" : "");
}

struct goal *goal_new(const struct goal_options *options,
                      const struct score_options *score, unsigned set,
                      const struct prediction_reader *from, struct err *err)
{
    struct goal *g = mem_zalloc(1, sizeof(*g));

    g->options = options;
    g->set = set;
    g->judgements = judgements_new(options->annotators.n, BLOCKS);
    score_init(&g->pair, SCORE_RATE, score->weight != NULL);
    if (check_metric(options, score->metric, err) == 0 &&
        find_columns(g, from, err) == 0)
        return g;
    goal_free(g);
    return NULL;
}

void goal_free(struct goal *g)
{
    if (!g)
        return;
    free(g->columns);
    free(g->class);
    dict_release(&g->classes);
    judgements_free(g->judgements);
    clusters_release(&g->clusters);
    hash_set_release(&g->ids);
    score_release(&g->pair);
    annotators_free(g->fit);
    free(g);
}

/* ---- rows ---- */

/* The label's class, and those that are judged: how many judgements. */
static size_t read_classes(struct goal *g, const struct prediction_reader *from,
                           size_t *label)
{
    const struct dict *names = &from->classes;
    size_t judged = 0;

    *label = dict_add(&g->classes, names->text[from->row.label],
                      names->len[from->row.label]);
    for (size_t a = 0; a < g->n; a++) {
        struct csv_field cell = csv_reader_cell(from->csv, g->columns[a]);
        g->class[a] = cell.len ? dict_add(&g->classes, cell.text, cell.len)
                               : JUDGED_NONE;
        judged += cell.len > 0;
    }
    return judged;
}

static bool is_disputed(const struct goal *g)
{
    size_t first = JUDGED_NONE;

    for (size_t a = 0; a < g->n; a++) {
        if (g->class[a] == JUDGED_NONE)
            continue;
        if (first != JUDGED_NONE && first != g->class[a])
            return true;
        first = g->class[a];
    }
    return false;
}

static void add_judged(struct goal *g, const struct row_units *units,
                       const struct row_unit *unit, size_t judged)
{
    bool disputed = is_disputed(g);
    size_t block = units->grouped ? (size_t)(unit->group >> 32)
                                  : g->judgements->n_rows;

    g->pattern =
        judgements_add(g->judgements, g->class, unit->weight, block % BLOCKS);
    if (judged < 2)
        return;
    score_add(&g->pair, 0, disputed, 0, unit->weight);
    if (units->grouped && unit->weight > 0)
        clusters_add(&g->clusters, unit->group, 0,
                     score_share(&g->pair, 0, disputed, 0, unit->weight),
                     unit->weight, disputed);
}

int goal_add(struct goal *g, struct set_scores *scores,
             const struct prediction_reader *from, struct err *err)
{
    bool several = g->options->annotators.n > 0;
    size_t label, judged;

    (void)err;
    if (g->options->from && from->id != CSV_NONE && !scores->second)
        hash_set_add(&g->ids, row_id_hash(from));
    g->pattern = SIZE_MAX;
    if (!g->n || (several && scores->second))
        return 0;
    if (scores->units.by_id && !hash_set_add(&g->ids, row_id_hash(from)))
        return 0;
    judged = read_classes(g, from, &label);
    if (several)
        add_judged(g, &scores->units, &scores->unit, judged);
    else if (judged)
        set_scores_count(scores, &scores->unit, g->set, label, g->class[0]);
    return 0;
}

void goal_again(struct goal *g)
{
    if (!g->options->from)
        hash_set_release(&g->ids);
}

/* ---- the estimates ---- */

static struct estimate between(double value, struct interval ci, double n)
{
    return (struct estimate){
        .value = value, .n = n, .variance = NAN, .bounded = true, .ci = ci};
}

static struct estimate of_pair(const struct goal *g,
                               const struct cluster_sums *groups)
{
    size_t k = g->classes.count < 2 ? 2 : g->classes.count;
    struct estimate d = score_estimate(&g->pair, groups);
    struct interval ci = {error_of_disagreement(d.ci.low, k),
                          error_of_disagreement(d.ci.high, k)};

    return between(error_of_disagreement(d.value, k), ci, d.n);
}

/* By how much a row is worth less if all rows of a group are alike. */
static double alike_rows(const struct goal *g,
                         const struct cluster_sums *groups)
{
    return groups ? groups->weights2 / g->pair.weight2 : 1;
}

static struct estimate of_several(struct goal *g,
                                  const struct cluster_sums *groups)
{
    struct annotators_options options = annotators_defaults();
    size_t k = g->classes.count < 2 ? 2 : g->classes.count;
    double n = (double)g->judgements->n_rows;
    struct interval ci;

    g->fit = annotators_fit(g->judgements, k, &options);
    ci = annotators_interval(g->judgements, g->fit, &options,
                             alike_rows(g, groups));
    if (!(g->pair.wrong > 0)) /* but for the smoothing */
        return between(0, (struct interval){0, ci.high}, n);
    return between(g->fit->mean_error, ci, n);
}

static int finish_annotators(struct goal *g, const struct set_scores *scores,
                             struct estimate *e, struct buf *note,
                             struct err *err)
{
    struct judgement_counts counts = judgements_count(g->judgements);
    struct cluster_sums groups, *used = NULL;

    if (!(g->pair.weight > 0))
        return err_set(err, ERR_DATA,
                       "--annotators: no row was judged by two of them");
    if (g->n > 2 && counts.persons < 3)
        return err_set(err, ERR_DATA,
                       "--annotators: %zu columns, but only two have "
                       "judgements: name these",
                       g->n);
    if (scores->units.grouped) {
        groups = clusters_sum(&g->clusters, 0, score_centre(&g->pair));
        used = &groups;
    }
    *e = g->n == 2 ? of_pair(g, used) : of_several(g, used);
    if (g->n == 2)
        buf_printf(note,
                   "one person's, from two who disagree about %.3g of the "
                   "rows (equal and independent errors assumed)",
                   score_centre(&g->pair));
    else
        buf_printf(note,
                   "one person's, the mean of %zu (Dawid & Skene 1979; "
                   "independent errors assumed)",
                   counts.persons);
    return 0;
}

static int finish_annotator(const struct goal *g,
                            const struct set_scores *scores, struct estimate *e,
                            struct buf *note, struct err *err)
{
    const char *name = g->options->annotator;

    *e = set_scores_estimate(scores, g->set);
    if (isnan(e->value))
        return err_set(err, ERR_DATA, "--annotator: no judgement in '%s'",
                       name);
    buf_printf(note, "one person's, '%s' against the label", name);
    return 0;
}

/* ---- another file ---- */

/* Held-out rows so far: used, and without a partner here. */
struct other {
    struct set_scores scores;
    size_t used, unknown;
};

static int add_other(struct goal *g, struct other *o,
                     const struct prediction_reader *r, struct err *err)
{
    const char *split = r->splits.text[r->row.split];
    bool match = g->ids.count && r->id != CSV_NONE;

    if (r->row.label == CLASS_NONE || strcmp(split, "train") == 0)
        return 0;
    if (match && !hash_set_has(&g->ids, row_id_hash(r))) {
        o->unknown += !o->scores.second;
        return 0;
    }
    o->used += !o->scores.second;
    return set_scores_add(&o->scores, r, 0, err);
}

static int read_other(struct goal *g, struct other *o,
                      const struct score_options *score,
                      struct prediction_reader *r, struct err *err)
{
    int got;

    if (set_scores_open(&o->scores, score, r, err) != 0)
        return -1;
    for (;;) {
        while ((got = prediction_reader_next(r, err)) == 1)
            if (add_other(g, o, r, err) != 0)
                return -1;
        if (got != 0)
            return -1;
        if (!set_scores_again(&o->scores))
            return 0;
        if (prediction_reader_rewind(r, err) != 0)
            return -1;
    }
}

static int finish_other(struct goal *g, const struct score_options *score,
                        struct estimate *e, struct buf *note, struct err *err)
{
    const struct goal_options *options = g->options;
    struct csv_options csv = *options->csv;
    char *paths[] = {(char *)(uintptr_t)options->from};
    struct prediction_reader r;
    struct other o = {0};
    int status;

    csv.reread = set_scores_reread(score->metric);
    if (prediction_reader_open(&r, paths, 1, &csv, options->columns, err) != 0)
        return -1;
    status = read_other(g, &o, score, &r, err);
    *e = status == 0 ? set_scores_estimate(&o.scores, 0) : estimate_none();
    if (status == 0 && !o.used) {
        status = err_set(err, ERR_DATA,
                         o.unknown ? "--goal-from: none of %zu held-out rows "
                                     "has an id that is here"
                                   : "--goal-from: no labelled row but of "
                                     "split 'train'",
                         o.unknown);
        err_at(err, options->from, 0);
    }
    buf_printf(note, "of %s, %zu held-out row%s", options->from, o.used,
               plural(o.used));
    if (g->ids.count && r.id != CSV_NONE)
        buf_printf(note, " whose id is here (%zu others left out)", o.unknown);
    if (csv_reader_skipped(r.csv))
        buf_printf(note, "; %zu bad record%s left out",
                   csv_reader_skipped(r.csv),
                   csv_reader_skipped(r.csv) == 1 ? "" : "s");
    set_scores_release(&o.scores);
    prediction_reader_close(&r);
    return status;
}

int goal_finish(struct goal *g, const struct score_options *score,
                const struct set_scores *scores, struct estimate *e,
                struct buf *note, struct err *err)
{
    if (g->options->annotators.n)
        return finish_annotators(g, scores, e, note, err);
    if (g->options->annotator)
        return finish_annotator(g, scores, e, note, err);
    return finish_other(g, score, e, note, err);
}

/* ---- the truth of a row ---- */

size_t goal_pattern(const struct goal *g)
{
    return g->pattern;
}

const struct annotators *goal_annotators(const struct goal *g)
{
    return g ? g->fit : NULL;
}

void goal_posterior(const struct goal *g, size_t pattern, double *p)
{
    annotators_of_pattern(g->fit, g->judgements, pattern, p);
}

size_t goal_class(const struct goal *g, const char *text, size_t len)
{
    return dict_find(&g->classes, text, len);
}
