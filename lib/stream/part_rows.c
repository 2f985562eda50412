#include "stream/part_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stream/metric.h"

enum { DIGITS = 15 };

bool part_decomposition(enum metric_kind metric,
                        enum decomposition *decomposition)
{
    if (metric == METRIC_BRIER)
        *decomposition = PARTS_BRIER;
    else if (metric == METRIC_LOG_LOSS)
        *decomposition = PARTS_LOG_LOSS;
    return metric == METRIC_ERROR || metric == METRIC_BRIER ||
           metric == METRIC_LOG_LOSS;
}

int part_begin(struct part_sums *s, const struct part_options *options,
               const struct prediction_reader *from, struct err *err)
{
    memset(s, 0, sizeof(*s));
    s->options = options;
    if (options->none || (from->replica == CSV_NONE && !options->asked))
        return 0;
    s->replicas = replica_sums_new(&options->replicas, from, &s->why);
    if (s->replicas || !options->asked)
        return 0;
    *err = s->why;
    return -1;
}

int part_add(struct part_sums *s, const struct prediction_reader *from,
             struct err *err)
{
    return s->replicas ? replica_sums_add(s->replicas, from, err) : 0;
}

void part_end(struct part_sums *s)
{
    replica_sums_free(s->replicas);
    memset(s, 0, sizeof(*s));
}

/* ---- which rows ---- */

/* "val, test pooled". */
static void add_splits(const struct replica_sums *s,
                       const struct prediction_reader *from, struct buf *notes)
{
    size_t *order = mem_alloc(from->splits.count, sizeof(*order)), n = 0;

    split_order(&from->splits, order);
    for (size_t i = 0; i < from->splits.count; i++)
        if (order[i] < s->n_splits && s->splits[order[i]])
            buf_printf(notes, "%s%s", n++ ? ", " : "",
                       from->splits.text[order[i]]);
    if (n > 1)
        buf_add_text(notes, " pooled");
    free(order);
}

static void add_notes(const struct replica_sums *s,
                      const struct prediction_reader *from,
                      const struct replica_rows *made, struct buf *notes)
{
    buf_printf(notes, "bias and variance are of %zu row%s of ", made->n,
               plural(made->n));
    add_splits(s, from, notes);
    buf_printf(notes, ", %zu replicas\n", s->n_replicas);
    if (s->has_sizes)
        buf_add_text(notes, "of each row the models of the largest "
                            "train_size only\n");
    if (made->few)
        buf_printf(notes, "%zu row%s with fewer than two replicas left out\n",
                   made->few, plural(made->few));
    if (made->partial)
        buf_printf(notes,
                   "%zu row%s not predicted by all replicas: each row counts "
                   "once, with its own\n",
                   made->partial, plural(made->partial));
}

int part_make(struct part_sums *s, const struct prediction_reader *from,
              struct replica_rows *made, struct buf *notes, struct err *err)
{
    const struct list *on = s->options->replicas.on;

    if (on && prediction_check_on(from, on, err) != 0)
        return -1;
    replica_rows_make(s->replicas, from, s->chance, made);
    if (made->n) {
        add_notes(s->replicas, from, made, notes);
        return 0;
    }
    replica_rows_release(made);
    err_set(err, ERR_DATA, "no bias and variance: %s",
            s->replicas->ids.count ? "no row has two replicas"
                                   : "no labelled row is held out");
    return err_at(err, csv_reader_file(from->csv), 0);
}

/* ---- rows ---- */

/* What is written of one set of rows. */
struct part_set {
    const struct part_options *options;
    const char *class;
    size_t n_replicas;
    bool has_chance;
};

/* A difference of equals is 0, whatever its last bit says. */
static double tidy(double value)
{
    return fabs(value) < 1e-15 ? 0 : num_round(value, DIGITS);
}

static void add_row(struct rows *rows, const struct part_set *set,
                    const char *name, double value, struct interval ci,
                    size_t n, const char *note)
{
    rows_text(rows, "part");
    rows_text(rows, name);
    rows_text(rows, set->class);
    rows_number(rows, tidy(value));
    rows_number(rows, tidy(ci.low));
    rows_number(rows, tidy(ci.high));
    if (n)
        rows_count(rows, n);
    else
        rows_text(rows, "");
    rows_text(rows, note);
}

static void describe(struct buf *note, const struct part_set *set,
                     enum part part)
{
    static const char *const by[] = {"Domingos", "Kohavi-Wolpert", "Brier",
                                     "Heskes"};
    static const char *const saved_by[] = {
        "saved by a vote", "", "saved by their mean", "saved by their mean"};
    enum decomposition how = set->options->replicas.decomposition;

    if (*set->class)
        return;
    if (part == PART_LOSS)
        buf_printf(note, "%s, %zu replicas", by[how], set->n_replicas);
    else if (part == PART_NOISE)
        buf_add_text(note, "of the labels");
    else if (part == PART_BIAS && !set->has_chance)
        buf_add_text(note, "includes noise");
    else if (part == PART_NET_VARIANCE && !set->has_chance)
        buf_add_text(note, saved_by[how]);
    else if (part >= PART_EXTRA && how == PARTS_DOMINGOS)
        buf_printf(note, "vote %s", part == PART_EXTRA ? "right" : "wrong");
    else if (part >= PART_EXTRA)
        buf_add_text(note, "for few replicas");
}

static void add_part(struct rows *rows, const struct part_set *set,
                     const struct parts *parts, enum part part)
{
    struct buf note = {0};

    buf_add_text(&note, "");
    describe(&note, set, part);
    if (isinf(parts->value[part]))
        buf_printf(&note, "%s%zu row%s inf; %.4g without", note.len ? "; " : "",
                   parts->infinite, parts->infinite == 1 ? " is" : "s are",
                   parts->without[part]);
    add_row(rows, set, part_name(set->options->replicas.decomposition, part),
            parts->value[part], parts->ci[part], parts->n,
            note.len ? note.data : "");
    buf_release(&note);
}

static void add_goal(struct rows *rows, const struct part_set *set)
{
    add_row(rows, set, "noise", set->options->goal, interval_unknown(), 0,
            "the goal: already in bias");
}

static void add_set(struct rows *rows, const struct part_set *set,
                    const struct row_parts *row, size_t n)
{
    struct parts parts;

    parts_measure(row, n, set->options->replicas.decomposition,
                  set->options->seed, &parts);
    for (int k = 0; k < PART_COUNT; k++) {
        enum part part = (enum part)k;
        if (!part_name(set->options->replicas.decomposition, part))
            continue;
        if (part != PART_NOISE || set->has_chance)
            add_part(rows, set, &parts, part);
        else if (set->options->has_goal && !*set->class)
            add_goal(rows, set);
    }
}

static void add_classes(struct rows *rows, struct part_set set,
                        const struct replica_sums *s,
                        const struct prediction_reader *from,
                        const struct replica_rows *made)
{
    size_t *order = mem_alloc(from->classes.count, sizeof(*order));
    struct row_parts *row = mem_alloc(made->n, sizeof(*row));

    dict_sorted(&from->classes, order);
    for (size_t c = 0; c < from->classes.count; c++) {
        size_t n = 0;
        for (size_t i = 0; i < made->n; i++)
            if (s->label[made->number[i]] == order[c])
                row[n++] = made->parts[i];
        set.class = from->classes.text[order[c]];
        if (n)
            add_set(rows, &set, row, n);
    }
    free(row);
    free(order);
}

/* Without parts the gaps are still there, unless parts were asked for. */
static int do_without(const struct part_sums *s, struct buf *notes,
                      struct err *err)
{
    if (s->options->asked) {
        *err = s->why;
        return -1;
    }
    if (*s->why.message)
        buf_printf(notes, "%s\n", s->why.message);
    return 0;
}

int part_rows(struct part_sums *s, const struct prediction_reader *from,
              struct rows *rows, struct buf *notes, struct err *err)
{
    struct part_set set = {.options = s->options, .class = ""};
    struct replica_rows made;

    if (!s->replicas || part_make(s, from, &made, notes, &s->why) != 0)
        return do_without(s, notes, err);
    set.n_replicas = s->replicas->n_replicas;
    set.has_chance = s->chance != NULL;
    add_set(rows, &set, made.parts, made.n);
    if (s->options->by_class)
        add_classes(rows, set, s->replicas, from, &made);
    replica_rows_release(&made);
    return 0;
}
