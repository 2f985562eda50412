#include "stream/coverage_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/coverage.h"

enum { CURVE_POINTS = 20 };

static const char columns[] = "threshold,coverage,error,low,high,n";

/* [n] rows; splits are numbered as in the reader. */
struct coverage_sums {
    struct coverage_options options;
    float *confidence;
    unsigned char *correct;
    uint32_t *split;
    size_t left_out; /* rows without a label or a probability */
    size_t n, capacity, correct_capacity, split_capacity;
    struct coverage_point last; /* of the rows that were written */
};

static void *begin(const void *options, const struct prediction_reader *r,
                   struct err *err)
{
    struct coverage_sums *s = mem_zalloc(1, sizeof(*s));

    s->options = *(const struct coverage_options *)options;
    (void)r;
    (void)err;
    return s;
}

static int add(void *sums, const struct prediction_reader *r, struct err *err)
{
    struct coverage_sums *s = sums;

    (void)err;
    if (r->row.label == CLASS_NONE || isnan(r->row.prob)) {
        s->left_out++;
        return 0;
    }
    s->confidence =
        mem_grow(s->confidence, &s->capacity, s->n + 1, sizeof(*s->confidence));
    s->correct = mem_grow(s->correct, &s->correct_capacity, s->n + 1, 1);
    s->split =
        mem_grow(s->split, &s->split_capacity, s->n + 1, sizeof(*s->split));
    s->confidence[s->n] = (float)r->row.prob;
    s->correct[s->n] = r->row.label == r->row.pred;
    s->split[s->n++] = (uint32_t)r->row.split;
    return 0;
}

static void end(void *sums)
{
    struct coverage_sums *s = sums;

    if (!s)
        return;
    free(s->confidence);
    free(s->correct);
    free(s->split);
    free(s);
}

/* Drops the rows of one split, or (keep) all others; false: none are left. */
static bool select_rows(struct coverage_sums *s, size_t split, bool keep)
{
    size_t n = 0, kept = 0;

    for (size_t i = 0; i < s->n; i++)
        n += (s->split[i] == split) == keep;
    if (n == 0)
        return false;
    for (size_t i = 0; i < s->n; i++)
        if ((s->split[i] == split) == keep) {
            s->confidence[kept] = s->confidence[i];
            s->correct[kept] = s->correct[i];
            s->split[kept++] = s->split[i];
        }
    s->n = kept;
    return true;
}

static const char *choose(struct coverage_sums *s,
                          const struct prediction_reader *r)
{
    size_t test = dict_find(&r->splits, "test", 4),
           train = dict_find(&r->splits, "train", 5);

    if (test != DICT_NONE && select_rows(s, test, true))
        return "of 'test'";
    if (train == DICT_NONE)
        return "in all";
    return select_rows(s, train, false) ? "that are not 'train'"
                                        : "of 'train': too good to be true";
}

static void add_point(struct rows *rows, const struct coverage_point *p)
{
    rows_float(rows, (float)p->threshold);
    rows_number(rows, p->coverage);
    rows_number(rows, p->error);
    rows_number(rows, p->ci.low);
    rows_number(rows, p->ci.high);
    rows_number(rows, p->n);
}

static void add_answer(struct coverage_sums *s, double goal, struct rows *rows,
                       struct buf *notes)
{
    struct coverage_point best = {
        .threshold = NAN, .error = NAN, .ci = interval_unknown()};
    struct coverage_point seen;

    if (coverage_for_goal(s->confidence, s->correct, s->n, goal, &best) == 0)
        buf_printf(notes,
                   "%.1f %% of rows can be decided unattended: their error is "
                   "at most %g with 95 %% confidence\n",
                   100 * best.coverage, goal);
    else
        buf_printf(notes,
                   "no share of %s %zu row%s can be promised an error of at "
                   "most %g\n",
                   s->n == 1 ? "this" : "these", s->n, plural(s->n), goal);
    if (coverage_for_goal_observed(s->confidence, s->correct, s->n, goal,
                                   &seen) == 0)
        buf_printf(notes,
                   "without that confidence it is %.1f %% (threshold %.4g), "
                   "chosen on the rows it is judged by\n",
                   100 * seen.coverage, seen.threshold);
    s->last = best;
    add_point(rows, &best);
}

static int coverage_rows(void *sums, const struct prediction_reader *r,
                         struct rows *rows, struct buf *notes, struct err *err)
{
    struct coverage_sums *s = sums;
    struct coverage_point points[CURVE_POINTS];
    size_t n;

    if (s->n == 0) {
        err_set(err, ERR_DATA, "no row has a label and a probability");
        return err_at(err, csv_reader_file(r->csv), 0);
    }
    if (!s->options.all) {
        const char *which = choose(s, r);
        buf_printf(notes, "%zu row%s %s\n", s->n, plural(s->n), which);
    }
    if (s->left_out)
        buf_printf(notes,
                   "%zu row%s without a label or a probability left "
                   "out: coverage is of the others\n",
                   s->left_out, plural(s->left_out));
    rows_init(rows, columns);
    if (s->options.has_goal) {
        add_answer(s, s->options.goal, rows, notes);
        return 0;
    }
    n = coverage_curve(s->confidence, s->correct, s->n, points, CURVE_POINTS);
    for (size_t i = 0; i < n; i++)
        add_point(rows, &points[i]);
    s->last = points[n - 1];
    return 0;
}

/* The last row as `name,value`: coverage>=.5. */
static void gate_rows(void *sums, const struct prediction_reader *r,
                      struct rows *gates)
{
    const struct coverage_sums *s = sums;
    struct rows last;

    (void)r;
    rows_init(&last, columns);
    add_point(&last, &s->last);
    rows_init(gates, "name,value");
    for (size_t c = 0; c < last.n_columns; c++) {
        rows_text(gates, last.columns[c]);
        rows_text(gates, rows_cell(&last, 0, c));
    }
    rows_release(&last);
}

const struct prediction_table coverage_table = {
    "name", "value", begin, add, NULL, coverage_rows, gate_rows, end};
