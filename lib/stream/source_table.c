#include "stream/source_table.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"
#include "stream/by_row.h"
#include "stream/learning_sums.h"
#include "stream/part_chance.h"
#include "stream/source.h"
#include "stream/trial_log.h"

struct source_sums {
    struct source_options options;
    struct set_scores scores;
    struct goal *goal; /* NULL: a number */
    size_t others;     /* rows of other splits */
    size_t rows;
    size_t train_size, smaller; /* the largest, and rows of others */
    struct part_sums parts;
    struct part_chance chance;
    size_t pattern;                 /* of the row's judgements, or SIZE_MAX */
    struct learning_sums *learning; /* NULL: one size */
};

bool source_table_reread(const struct source_options *options)
{
    return set_scores_reread(options->score.metric);
}

static void end(void *sums)
{
    struct source_sums *s = sums;

    if (!s)
        return;
    set_scores_release(&s->scores);
    goal_free(s->goal);
    part_end(&s->parts);
    part_chance_release(&s->chance);
    learning_end(s->learning);
    free(s);
}

/* Empty scores and goal. */
static int begin_gaps(struct source_sums *s,
                      const struct prediction_reader *from, struct err *err)
{
    const struct source_options *o = &s->options;

    if (set_scores_open(&s->scores, &o->score, from, err) != 0)
        return -1;
    if (!goal_option(&o->from))
        return 0;
    s->goal = goal_new(&o->from, &o->score, SPLIT_GOAL, from, err);
    return s->goal ? 0 : -1;
}

static void *begin(const void *options, const struct prediction_reader *from,
                   struct err *err)
{
    struct source_sums *s = mem_zalloc(1, sizeof(*s));
    struct learning_options learning = {0};
    struct err ignored = {0};

    s->options = *(const struct source_options *)options;
    learning.seed = s->options.seed;
    if (from->train_size != CSV_NONE && from->id != CSV_NONE &&
        s->options.score.metric == METRIC_ERROR)
        s->learning = learning_begin(&learning, from, &ignored);
    if (part_begin(&s->parts, &s->options.parts, from, err) == 0 &&
        begin_gaps(s, from, err) == 0)
        return s;
    end(s);
    return NULL;
}

/*
 * Whether the row is of a model with the largest training set so far: 1 or 0;
 * one with a larger set starts all counts anew (-1 where it cannot).
 */
static int is_largest(struct source_sums *s,
                      const struct prediction_reader *from, struct err *err)
{
    size_t train_size = from->row.train_size;

    if (s->train_size && learning_same_size(from, s->train_size, train_size))
        return 1;
    if (train_size < s->train_size) {
        s->smaller += !s->scores.second;
        return 0;
    }
    if (train_size == s->train_size)
        return 1;
    if (s->rows) {
        set_scores_release(&s->scores);
        goal_free(s->goal);
        s->goal = NULL;
        part_chance_release(&s->chance);
        if (begin_gaps(s, from, err) != 0)
            return -1;
    }
    s->smaller += s->rows;
    s->rows = 0;
    s->train_size = train_size;
    return 1;
}

/* The curve is by the way: rows that it cannot be made of end it, not us. */
static void add_to_curve(struct source_sums *s,
                         const struct prediction_reader *from)
{
    struct err ignored = {0};

    if (!s->learning || s->scores.second ||
        learning_add(s->learning, from, &ignored) == 0)
        return;
    learning_end(s->learning);
    s->learning = NULL;
}

static int add_to_gaps(struct source_sums *s,
                       const struct prediction_reader *from, struct err *err)
{
    int which = source_split(from->splits.text[from->row.split]);

    int largest;

    if (which < 0) {
        s->others += !s->scores.second;
        return 0;
    }
    add_to_curve(s, from);
    largest = is_largest(s, from, err);
    if (largest <= 0)
        return largest;
    s->rows += !s->scores.second;
    if (set_scores_add(&s->scores, from, (unsigned)which, err) != 0)
        return -1;
    if (!s->goal)
        return 0;
    if (goal_add(s->goal, &s->scores, from, err) != 0)
        return -1;
    s->pattern = goal_pattern(s->goal);
    return 0;
}

static int add_to_parts(struct source_sums *s,
                        const struct prediction_reader *from, struct err *err)
{
    if (part_add(&s->parts, from, err) != 0)
        return -1;
    if (s->pattern != SIZE_MAX && s->parts.replicas &&
        s->parts.replicas->row != CSV_NONE)
        part_chance_set(&s->chance, s->parts.replicas->row, s->pattern);
    return 0;
}

/* Bias and variance take one pass. */
static int add(void *sums, const struct prediction_reader *from,
               struct err *err)
{
    struct source_sums *s = sums;

    s->pattern = SIZE_MAX;
    if (add_to_gaps(s, from, err) != 0)
        return -1;
    return s->scores.second ? 0 : add_to_parts(s, from, err);
}

static bool again(void *sums)
{
    struct source_sums *s = sums;

    if (!set_scores_again(&s->scores))
        return false;
    if (s->goal)
        goal_again(s->goal);
    return true;
}

/* ---- optimism ---- */

static bool is_mean(enum metric_kind metric)
{
    return metric == METRIC_LOG_LOSS || metric == METRIC_BRIER;
}

/* The rows of equal weight that an error is worth: sd² = e (1 - e) / rows. */
static double worth(const struct estimate *e)
{
    return e->variance > 0 ? e->value * (1 - e->value) / e->variance : e->n;
}

static void bound_optimism(struct sources *out, const struct estimate *val,
                           enum metric_kind metric)
{
    out->optimism = is_mean(metric)
                        ? optimism_of_mean(sqrt(val->variance), out->trials)
                        : optimism_of_best(val->value, worth(val), out->trials);
    out->optimism_note = "at most: if all trials are equally good and their "
                         "luck is independent";
}

static int read_optimism(struct sources *out, const struct estimate *val,
                         const struct source_options *o, struct buf *notes,
                         struct err *err)
{
    bool loss = o->score.metric == METRIC_LOG_LOSS;
    struct trial_log log;

    if (!loss && o->score.metric != METRIC_ERROR)
        return err_set(err, ERR_USAGE,
                       "--trial-log has errors and log losses, no %s",
                       metric_kind_name(o->score.metric));
    if (trial_log_read(&log, o->trial_log, loss ? "val_loss" : "val_error",
                       err) != 0)
        return -1;
    if (log.torn)
        buf_printf(notes, "%s: the last line is torn and left out\n",
                   o->trial_log);
    if (log.others)
        buf_printf(notes, "%s: %zu trial%s not done\n", o->trial_log,
                   log.others, log.others == 1 ? " is" : "s are");
    out->trials = (double)log.n;
    out->optimism = optimism_of_trials(log.value, log.n, worth(val),
                                       loss ? sqrt(val->variance) : NAN);
    out->optimism_note = "from how much the trials differ; low and high: if "
                         "all trials are alike, if none are";
    trial_log_release(&log);
    return 0;
}

static int add_optimism(struct sources *out, const struct source_options *o,
                        struct buf *notes, struct err *err)
{
    const char *option = o->tuned ? "--tuned" : "--trial-log";
    const struct estimate *val;

    if (!o->tuned && !o->trial_log)
        return 0;
    out->tuned_on = source_tuned_on(out->part);
    if (out->tuned_on == SPLIT_COUNT)
        return err_set(err, ERR_DATA,
                       "%s: no row of split val, trainval or testval", option);
    val = &out->part[out->tuned_on];
    if (!(val->n > 0) || !isfinite(val->variance))
        return err_set(err, ERR_DATA, "%s: the noise of %s is not known",
                       option, split_name(out->tuned_on));
    if (o->trial_log)
        return read_optimism(out, val, o, notes, err);
    out->trials = (double)o->tuned;
    bound_optimism(out, val, o->score.metric);
    return 0;
}

/* ---- rows ---- */

static const char *metric_note(enum metric_kind metric)
{
    return metric == METRIC_ERROR      ? ""
           : metric == METRIC_MACRO_F1 ? "1 - macro_f1"
                                       : metric_kind_name(metric);
}

static void set_goal(struct sources *out, const struct source_options *o)
{
    bool f1 = o->score.metric == METRIC_MACRO_F1;

    out->goal = estimate_exact(f1 && o->has_goal ? 1 - o->goal : o->goal,
                               !is_mean(o->score.metric));
    out->goal_note = o->has_goal ? metric_note(o->score.metric) : "assumed";
}

static int make_rows(struct rows *rows, struct sources *out,
                     const struct source_options *o,
                     const double (*covariance)[SPLIT_COUNT], struct buf *notes,
                     struct err *err)
{
    bool any = false;

    out->metric = metric_note(o->score.metric);
    for (int i = 0; i < SPLIT_COUNT; i++)
        any |= !isnan(out->part[i].value);
    if (!any)
        return err_set(err, ERR_DATA, "no labelled row of a known split");
    if (add_optimism(out, o, notes, err) != 0)
        return -1;
    gaps_compare(&out->goal, out->part, covariance, &out->gaps);
    source_rows(rows, out);
    return 0;
}

/* Of the parts; noise where several persons judged. */
static int make_parts(struct source_sums *s,
                      const struct prediction_reader *from, struct rows *rows,
                      struct buf *notes, part_maker *make, struct err *err)
{
    const struct replica_sums *replicas = s->parts.replicas;
    double *chance = NULL;
    int status;

    if (s->goal && replicas)
        chance =
            part_chance_make(&s->chance, replicas->ids.count, s->goal, from);
    s->parts.chance = chance;
    status = make(&s->parts, from, rows, notes, err);
    s->parts.chance = NULL;
    free(chance);
    return status;
}

/* An option that a table of errors has nothing for, or NULL. */
static const char *without_rows(const struct source_options *o)
{
    const char *goal = goal_option(&o->from);

    return goal                              ? goal
           : o->score.weight                 ? "--weight"
           : o->score.group                  ? "--group"
           : o->score.metric != METRIC_ERROR ? "--metric"
                                             : NULL;
}

int source_table_rows(struct rows *rows, const struct source_options *o,
                      const struct split_errors part[SPLIT_COUNT],
                      struct buf *notes, struct err *err)
{
    const char *option = without_rows(o);
    struct sources out = {0};

    if (option)
        return err_set(err, ERR_DATA,
                       "%s needs predictions, not a table of errors", option);
    for (int i = 0; i < SPLIT_COUNT; i++)
        out.part[i] = part[i].present ? estimate_rate(part[i].errors, part[i].n)
                                      : estimate_none();
    set_goal(&out, o);
    if (make_rows(rows, &out, o, NULL, notes, err) != 0)
        return -1;
    source_advice(rows, &out, o->known);
    return 0;
}

static void note_rows(const struct source_sums *s, struct buf *notes)
{
    if (s->others)
        buf_printf(notes,
                   "%zu row%s left out: the split is not train, trainval, "
                   "val, testval or test\n",
                   s->others, plural(s->others));
    if (s->smaller)
        buf_printf(notes,
                   "%zu row%s of smaller training sets than %zu left out of "
                   "the gaps\n",
                   s->smaller, plural(s->smaller), s->train_size);
    if (s->scores.units.by_id)
        buf_add_text(notes, "predictions of several models: errors are those "
                            "of one model on average; rows of one id count as "
                            "one group\n");
    if (s->scores.units.unmatched)
        buf_add_text(notes, "warning: predictions of several models without "
                            "an id: a row counts once for each, so intervals "
                            "are too narrow\n");
}

/* A split without any weight has no score, and would be gone unsaid. */
static void note_weightless(const struct set_scores *scores, struct buf *notes)
{
    for (int i = 0; i < SPLIT_COUNT; i++)
        if (scores->set[i].n > 0 && isnan(score_value(&scores->set[i])))
            buf_printf(notes,
                       "warning: split '%s' left out: all its rows have a "
                       "weight of 0\n",
                       split_name((enum split)i));
}

/* The sets' scores and the goal. */
static int gather(struct source_sums *s, struct sources *out,
                  double covariance[SPLIT_COUNT][SPLIT_COUNT], struct buf *note,
                  struct err *err)
{
    for (unsigned i = 0; i < SPLIT_COUNT; i++) {
        out->part[i] = set_scores_estimate(&s->scores, i);
        for (unsigned k = 0; k < SPLIT_COUNT; k++)
            covariance[i][k] = set_scores_covariance(&s->scores, i, k);
    }
    set_goal(out, &s->options);
    if (!s->goal)
        return 0;
    if (goal_finish(s->goal, &s->options.score, &s->scores, &out->goal, note,
                    err) != 0)
        return -1;
    out->goal_note = note->data;
    return 0;
}

/* The advice, with what the learning curve says. */
static void add_advice(struct source_sums *s, const struct sources *out,
                       struct rows *rows)
{
    struct learning_curve error, gap;
    struct advice_case known = {0};
    struct buf of_curve = {0};
    struct err ignored = {0};

    if (s->options.known)
        known = *s->options.known;
    if (!s->smaller || !s->learning ||
        learning_curves(s->learning, &error, &gap, &of_curve, &ignored) != 0) {
        source_advice(rows, out, s->options.known);
    } else {
        known.error = &error;
        known.gap = &gap;
        source_advice(rows, out, &known);
        learning_curve_release(&error);
        learning_curve_release(&gap);
    }
    buf_release(&of_curve);
}

static int rows_of(void *sums, const struct prediction_reader *from,
                   struct rows *rows, struct buf *notes, struct err *err)
{
    struct source_sums *s = sums;
    double covariance[SPLIT_COUNT][SPLIT_COUNT];
    struct sources out = {0};
    struct buf note = {0};
    int status;

    note_rows(s, notes);
    note_weightless(&s->scores, notes);
    status = gather(s, &out, covariance, &note, err);
    if (status == 0)
        status = make_rows(rows, &out, &s->options, covariance, notes, err);
    if (status == 0)
        status = make_parts(s, from, rows, notes, part_rows, err);
    if (status == 0)
        add_advice(s, &out, rows);
    buf_release(&note);
    return status;
}

static int rows_by_row(void *sums, const struct prediction_reader *from,
                       struct rows *rows, struct buf *notes, struct err *err)
{
    struct source_sums *s = sums;
    double covariance[SPLIT_COUNT][SPLIT_COUNT];
    struct sources out = {0};
    struct buf note = {0};
    int status = gather(s, &out, covariance, &note, err);

    if (status == 0)
        status = make_parts(s, from, rows, notes, by_row_rows, err);
    buf_release(&note);
    return status;
}

const struct prediction_table source_table = {
    "kind,name,class", "value", begin, add, again, rows_of, NULL, end};
const struct prediction_table by_row_table = {"id",  "loss",      begin, add,
                                              again, rows_by_row, NULL,  end};
