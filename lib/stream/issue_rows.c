#include "stream/issue_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/label_noise.h"
#include "stream/top_losses.h"

const char *const issue_prune_names[] = {"noise_rate",   "class",  "both",
                                         "off_diagonal", "argmax", NULL};
const char *const issue_score_names[] = {"self", "margin", NULL};

enum pass { LEARN, JUDGE, SETTLE, DONE };

/* Cells of the rows that may be issues, one after the other, each with its
 * NUL. */
struct kept_cells {
    struct buf text;
    size_t *start; /* [n] where a row begins */
    size_t n, capacity;
};

struct issue_sums {
    struct issue_options options;
    enum pass pass;
    struct label_issues *issues;
    struct label_noise *noise;
    struct kept_cells cells;
    size_t *shown; /* [n_shown] columns: those that were kept */
    size_t n_shown;
    size_t rows, unknown; /* of the first pass; with a label without p: */
    size_t first_unknown; /* its class */
};

/* ---- begin, end ---- */

static bool has_role(const struct prediction_reader *from, size_t column)
{
    return column == from->id || column == from->split ||
           column == from->label || column == from->pred ||
           column == from->prob || column == from->loss ||
           column == from->fold || column == from->replica ||
           column == from->train_size;
}

static void find_shown(struct issue_sums *s,
                       const struct prediction_reader *from)
{
    size_t width = csv_reader_width(from->csv);

    s->shown = mem_alloc(width, sizeof(*s->shown));
    for (size_t i = 0; i < width; i++)
        if (!has_role(from, i) && top_is_kept(csv_reader_name(from->csv, i)))
            s->shown[s->n_shown++] = i;
}

/* Kept columns stand beside those of the table. */
static int check_names(const struct prediction_reader *from, struct err *err)
{
    static const char *const own[] = {"suggested", "score", "prob_label",
                                      "prob_suggested"};
    size_t column;

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        if ((column = csv_reader_find(from->csv, own[i])) == CSV_NONE ||
            has_role(from, column))
            continue;
        err_set(err, ERR_DATA,
                "--label-issues has a column of this name itself: rename it");
        err_at(err, csv_reader_file(from->csv), 1);
        return err_at_column(err, own[i], csv_reader_field(from->csv, column));
    }
    return 0;
}

static void *issues_begin(const void *options,
                          const struct prediction_reader *from, struct err *err)
{
    struct issue_sums *s;

    if (!from->n_p) {
        err_set(err, ERR_DATA,
                "--label-issues needs p: columns of a model that has not seen "
                "the row: assay train --folds 5 --predict --probs");
        err_at(err, csv_reader_file(from->csv), 0);
        return NULL;
    }
    if (check_names(from, err) != 0)
        return NULL;
    s = mem_zalloc(1, sizeof(*s));
    s->options = *(const struct issue_options *)options;
    s->issues = label_issues_new(from->n_p, s->options.prune);
    s->noise = label_noise_new(from->n_p);
    find_shown(s, from);
    return s;
}

static void issues_end(void *sums)
{
    struct issue_sums *s = sums;

    if (!s)
        return;
    label_issues_free(s->issues);
    label_noise_free(s->noise);
    buf_release(&s->cells.text);
    free(s->cells.start);
    free(s->shown);
    free(s);
}

/* ---- adding ---- */

static void add_cell(struct buf *text, const struct prediction_reader *from,
                     size_t column)
{
    const struct csv_field *cell = &csv_reader_fields(from->csv)[column];

    buf_add(text, cell->text, cell->len);
    buf_add_char(text, '\0');
}

/* What the row is found by: its id, or its number from 1. */
static void add_name(struct buf *text, const struct prediction_reader *from)
{
    if (from->id != CSV_NONE)
        add_cell(text, from, from->id);
    else
        buf_printf(text, "%zu%c", csv_reader_records(from->csv), '\0');
}

static void keep_cells(struct issue_sums *s,
                       const struct prediction_reader *from)
{
    struct kept_cells *c = &s->cells;

    c->start = mem_grow(c->start, &c->capacity, c->n + 1, sizeof(*c->start));
    c->start[c->n++] = c->text.len;
    add_name(&c->text, from);
    for (size_t i = 0; i < s->n_shown; i++)
        add_cell(&c->text, from, s->shown[i]);
}

/* A model is sure of the labels that it was trained with, right or wrong. */
static int refuse_seen(const struct issue_sums *s,
                       const struct prediction_reader *from, struct err *err)
{
    const struct csv_field *fields = csv_reader_fields(from->csv);

    if (s->options.out_of_fold || from->split == CSV_NONE ||
        strcmp(fields[from->split].text, "train") != 0 ||
        (from->fold != CSV_NONE && fields[from->fold].len))
        return 0;
    err_set(err, ERR_DATA,
            "the model has seen this row, so it cannot judge the label: assay "
            "train --folds 5 --predict --probs, or --out-of-fold if it has "
            "not");
    return csv_reader_blame(from->csv, from->split, err);
}

static void learn(struct issue_sums *s, const struct prediction_reader *from)
{
    if (from->row.label < from->n_p) {
        label_issues_learn(s->issues, from->row.label, from->row.p);
        s->rows++;
    } else if (!s->unknown++) {
        s->first_unknown = from->row.label;
    }
}

static int judge(struct issue_sums *s, const struct prediction_reader *from,
                 struct err *err)
{
    if (refuse_seen(s, from, err) != 0)
        return -1;
    label_noise_add(s->noise, from->row.label, from->row.p);
    if (label_issues_judge(s->issues, from->row.label, from->row.p))
        keep_cells(s, from);
    return 0;
}

static int issues_add(void *sums, const struct prediction_reader *from,
                      struct err *err)
{
    struct issue_sums *s = sums;

    if (s->pass == LEARN)
        learn(s, from);
    else if (from->row.label >= from->n_p)
        return 0;
    else if (s->pass == JUDGE)
        return judge(s, from, err);
    else
        label_issues_settle(s->issues, from->row.label, from->row.p);
    return 0;
}

static bool issues_again(void *sums)
{
    struct issue_sums *s = sums;

    if (s->pass == LEARN)
        s->pass = JUDGE;
    else if (s->pass == JUDGE && label_issues_prune(s->issues))
        s->pass = SETTLE;
    else
        s->pass = DONE;
    return s->pass != DONE;
}

/* ---- rows ---- */

/* A margin is no more exact than the probabilities, floats, are. */
static void add_score(const struct issue_sums *s,
                      const struct label_issue *issue, struct rows *rows)
{
    enum { DIGITS = 6 };

    if (s->options.score == SCORE_SELF)
        rows_float(rows, issue->prob_given);
    else
        rows_number(rows, num_round(label_score(SCORE_MARGIN, issue->prob_given,
                                                issue->prob_suggested),
                                    DIGITS));
}

static void add_issue(const struct issue_sums *s,
                      const struct prediction_reader *from,
                      const struct label_issue *issue, struct rows *rows)
{
    const char *cell = &s->cells.text.data[s->cells.start[issue->kept]];

    rows_text(rows, cell);
    rows_text(rows, from->classes.text[issue->given]);
    rows_text(rows, from->classes.text[issue->suggested]);
    add_score(s, issue, rows);
    rows_float(rows, issue->prob_given);
    rows_float(rows, issue->prob_suggested);
    for (size_t i = 0; i < s->n_shown; i++) {
        cell += strlen(cell) + 1;
        rows_text(rows, cell);
    }
}

static void note_unknown(const struct issue_sums *s,
                         const struct prediction_reader *from,
                         struct buf *notes)
{
    char quoted[ERR_QUOTE_SIZE];

    if (!s->unknown)
        return;
    err_quote(quoted, sizeof(quoted), from->classes.text[s->first_unknown],
              from->classes.len[s->first_unknown]);
    buf_printf(notes,
               "%zu row%s left out: label%s without a p: column (%s%s), of "
               "which the model knows nothing\n",
               s->unknown, plural(s->unknown), plural(s->unknown), quoted,
               from->classes.count > from->n_p + 1 ? ", ..." : "");
}

static void note_estimate(const struct issue_sums *s, size_t n,
                          const struct label_noise_estimate *e,
                          struct buf *notes)
{
    if (n)
        buf_printf(notes,
                   "about %.0f of these %zu labels are wrong (%.0f to %.0f)\n",
                   e->wrong, n, floor(e->wrong_ci.low), ceil(e->wrong_ci.high));
    buf_printf(
        notes,
        "about %.3g %% of all %zu labels are wrong (%.3g to %.3g %%): of "
        "the %.0f rows that the model is surest of %.0f have another "
        "label\n",
        100 * e->rate, s->rows, 100 * e->rate_ci.low, 100 * e->rate_ci.high,
        e->anchor_rows, e->anchor_wrong);
}

static int issues_rows(void *sums, const struct prediction_reader *from,
                       struct rows *rows, struct buf *notes, struct err *err)
{
    struct issue_sums *s = sums;
    const struct label_issue *list;
    size_t n = label_issues_list(s->issues, s->options.score, &list);
    struct label_noise_estimate noise = label_noise_estimate(s->noise, list, n);

    if (!s->rows) {
        err_set(err, ERR_DATA, "no row has a label with a p: column");
        return err_at(err, csv_reader_file(from->csv), 0);
    }
    rows_init(rows, "id,label,suggested,score,prob_label,prob_suggested");
    for (size_t i = 0; i < s->n_shown; i++)
        rows_add_column(rows, csv_reader_name(from->csv, s->shown[i]));
    for (size_t i = 0; i < n; i++)
        add_issue(s, from, &list[i], rows);
    note_unknown(s, from, notes);
    note_estimate(s, n, &noise, notes);
    return 0;
}

static void add_gate(struct rows *rows, const char *name, double value,
                     struct interval ci)
{
    rows_text(rows, name);
    rows_number(rows, value);
    rows_number(rows, ci.low);
    rows_number(rows, ci.high);
}

static void issues_gate_rows(void *sums, const struct prediction_reader *from,
                             struct rows *rows)
{
    struct issue_sums *s = sums;
    const struct label_issue *list;
    size_t n = label_issues_list(s->issues, s->options.score, &list);
    struct label_noise_estimate noise = label_noise_estimate(s->noise, list, n);

    (void)from;
    rows_init(rows, "name,value,low,high");
    add_gate(rows, "issues", (double)n, interval_unknown());
    add_gate(rows, "wrong", noise.wrong, noise.wrong_ci);
    add_gate(rows, "noise_rate", noise.rate, noise.rate_ci);
}

const struct prediction_table issue_table = {
    "name",       "value",     issues_begin,     issues_add,
    issues_again, issues_rows, issues_gate_rows, issues_end};
