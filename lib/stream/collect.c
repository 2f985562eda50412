#include "stream/collect.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/spread_draw.h"
#include "stats/wrong_chance.h"
#include "stream/slice_rows.h"

/* A row that may be drawn. */
struct candidate {
    size_t number; /* of the row in the stream, from 0 */
    size_t pred, rank;
    struct wrong_row known;
    double score;
};

/* weight[column][level] of the slices that carry extra error, else 0; number:
 * their groups, from 1. */
struct carriers {
    double **weight;
    size_t **group;
    const struct error_slice **slice; /* [n_groups - 1] */
    size_t n_columns, n_groups;
};

struct collecting {
    const struct shift_errors *errors;
    struct carriers carriers;
    bool labelled;           /* the candidates are */
    struct wrong_row *known; /* [n] labelled rows of the current part */
    unsigned char *wrong;
    size_t n, known_capacity, wrong_capacity;
    struct candidate *candidates; /* [n_candidates] */
    size_t n_candidates, capacity;
};

/* ---- slices that carry extra error ---- */

/* Not where rows that are easy became fewer: there is little to learn there. */
static bool is_hard(const struct shift_errors *e,
                    const struct error_slice *slice)
{
    return 2 * slice->extra.error[EXTRA_CURRENT] >
           e->total.error[EXTRA_REFERENCE] + e->total.error[EXTRA_CURRENT];
}

static bool is_carrier(const struct shift_errors *e,
                       const struct error_slice *slice)
{
    return slice->other == SLICE_NONE && slice->extra.excess.value > 0 &&
           slice->p_adjusted < SHIFT_ERRORS_LEVEL &&
           slice->counts.n[EXTRA_CURRENT] && is_hard(e, slice) &&
           e->columns[slice->column].at != SHIFT_LABEL;
}

static void carriers_init(struct carriers *c, const struct shift_errors *e)
{
    *c = (struct carriers){.n_columns = e->n_columns, .n_groups = 1};
    c->weight = mem_alloc(e->n_columns, sizeof(*c->weight));
    c->group = mem_alloc(e->n_columns, sizeof(*c->group));
    c->slice = mem_alloc(e->n_slices, sizeof(*c->slice));
    for (size_t i = 0; i < e->n_columns; i++) {
        size_t n_levels = e->columns[i].n_levels + 1;
        c->weight[i] = mem_zalloc(n_levels, sizeof(*c->weight[i]));
        c->group[i] = mem_zalloc(n_levels, sizeof(*c->group[i]));
    }
    for (size_t i = 0; i < e->n_slices; i++) {
        const struct error_slice *slice = &e->slices[i];
        if (!is_carrier(e, slice))
            continue;
        c->weight[slice->column][slice->level] =
            slice->extra.excess.value / slice->extra.share[EXTRA_CURRENT];
        c->slice[c->n_groups - 1] = slice;
        c->group[slice->column][slice->level] = c->n_groups++;
    }
}

static void carriers_release(struct carriers *c)
{
    for (size_t i = 0; i < c->n_columns; i++) {
        free(c->weight[i]);
        free(c->group[i]);
    }
    free(c->weight);
    free(c->group);
    free(c->slice);
}

/* Of the reader's row; 0: none. */
static size_t group_of(const struct collecting *c,
                       const struct prediction_reader *r)
{
    double most = 0;
    size_t group = 0;

    for (size_t i = 0; i < c->carriers.n_columns; i++) {
        const struct slice_column *column = &c->errors->columns[i];
        const double *weight = c->carriers.weight[i];
        struct csv_field cell = shift_errors_cell(column, r);
        size_t level =
            slice_column_heaviest(column, cell.text, cell.len, weight);
        if (level == SLICE_NONE || weight[level] <= most)
            continue;
        most = weight[level];
        group = c->carriers.group[i][level];
    }
    return group;
}

/* ---- rows in ---- */

static struct wrong_row known_of(const struct collecting *c,
                                 const struct prediction_reader *r)
{
    return (struct wrong_row){.unsure = r->row.p ? unsureness(r->row.p, r->n_p)
                                                 : 1 - r->row.prob,
                              .group = group_of(c, r)};
}

static void add_known(struct collecting *c, const struct prediction_reader *r)
{
    c->known =
        mem_grow(c->known, &c->known_capacity, c->n + 1, sizeof(*c->known));
    c->wrong = mem_grow(c->wrong, &c->wrong_capacity, c->n + 1, 1);
    c->known[c->n] = known_of(c, r);
    c->wrong[c->n++] = r->row.label != r->row.pred;
}

static void add_candidate(struct collecting *c,
                          const struct prediction_reader *r, size_t number)
{
    c->candidates = mem_grow(c->candidates, &c->capacity, c->n_candidates + 1,
                             sizeof(*c->candidates));
    c->candidates[c->n_candidates++] = (struct candidate){
        .number = number, .pred = r->row.pred, .known = known_of(c, r)};
}

static int read_rows(struct collecting *c, struct prediction_reader *r,
                     struct err *err)
{
    int got = prediction_reader_rewind(r, err);

    for (size_t number = 0;
         got == 0 && (got = prediction_reader_next(r, err)) == 1; number++) {
        bool current = r->row.label != CLASS_NONE &&
                       r->row.split == c->errors->part[EXTRA_CURRENT];
        if (current)
            add_known(c, r);
        if (c->labelled ? current : r->row.label == CLASS_NONE)
            add_candidate(c, r, number);
        got = 0;
    }
    return got;
}

/* ---- choice ---- */

static int compare(double a, double b)
{
    return (a > b) - (a < b);
}

/* A number, so that there is an order. */
static double unsure_of(const struct candidate *c)
{
    return isnan(c->known.unsure) ? -1 : c->known.unsure;
}

static int alike_together(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (x->known.group != y->known.group)
        return x->known.group < y->known.group ? -1 : 1;
    if (x->pred != y->pred)
        return x->pred < y->pred ? -1 : 1;
    if (compare(unsure_of(x), unsure_of(y)) != 0)
        return compare(unsure_of(x), unsure_of(y));
    return x->number < y->number ? -1 : 1;
}

static int highest_first(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    if (compare(x->score, y->score) != 0)
        return compare(y->score, x->score);
    return x->number < y->number ? -1 : 1;
}

static int by_number(const void *a, const void *b)
{
    const struct candidate *x = a, *y = b;

    return x->number < y->number ? -1 : 1;
}

static void give_scores(struct collecting *c)
{
    struct wrong_chance chance;

    wrong_chance_fit(&chance, c->known, c->wrong, c->n, c->carriers.n_groups);
    for (size_t i = 0; i < c->n_candidates; i++)
        c->candidates[i].score =
            wrong_chance_of(&chance, &c->candidates[i].known);
    wrong_chance_release(&chance);
}

/* Leaves those that are drawn, in the order of the stream, with their ranks. */
static void choose(struct collecting *c, const struct collect_options *options)
{
    size_t n = c->n_candidates, take = options->n < n ? options->n : n,
           *chosen = mem_alloc(take, sizeof(*chosen));
    double *weight = mem_alloc(n, sizeof(*weight));

    qsort(c->candidates, n, sizeof(*c->candidates), alike_together);
    for (size_t i = 0; i < n; i++)
        weight[i] = c->candidates[i].score * c->candidates[i].score;
    spread_draw(weight, n, take, options->seed, chosen);
    for (size_t i = 0; i < take; i++)
        c->candidates[i] = c->candidates[chosen[i]];
    c->n_candidates = take;
    qsort(c->candidates, take, sizeof(*c->candidates), highest_first);
    for (size_t i = 0; i < take; i++)
        c->candidates[i].rank = i;
    qsort(c->candidates, take, sizeof(*c->candidates), by_number);
    free(weight);
    free(chosen);
}

/* ---- rows out ---- */

static void start_rows(const struct prediction_reader *r, struct rows *rows)
{
    rows_init(rows, "id,rank,score,why,pred,prob");
    for (size_t i = 0; i < csv_reader_width(r->csv); i++)
        if (slice_is_kept(r, i))
            rows_add_column(rows, csv_reader_name(r->csv, i));
}

static int check_names(const struct prediction_reader *r, struct err *err)
{
    static const char *const own[] = {"rank", "score", "why"};

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        size_t column = csv_reader_find(r->csv, own[i]);
        if (column == CSV_NONE || !slice_is_kept(r, column))
            continue;
        err_set(err, ERR_DATA,
                "--collect has a column of this name itself: rename it");
        err_at(err, csv_reader_file(r->csv), 1);
        return err_at_column(err, own[i], csv_reader_field(r->csv, column));
    }
    return 0;
}

static void add_slice(const struct collecting *c,
                      const struct error_slice *slice, struct buf *out)
{
    const struct slice_column *column = &c->errors->columns[slice->column];

    slice_column_name(column, out);
    buf_add_char(out, ' ');
    slice_column_level(column, slice->level, out);
    buf_printf(out, ": error %.3g", slice->extra.error[EXTRA_CURRENT]);
    if (slice->counts.n[EXTRA_REFERENCE])
        buf_printf(out, " (was %.3g)", slice->extra.error[EXTRA_REFERENCE]);
    buf_printf(out, " in %.3g of the rows", slice->extra.share[EXTRA_CURRENT]);
    if (slice->counts.n[EXTRA_REFERENCE])
        buf_printf(out, " (was %.3g)", slice->extra.share[EXTRA_REFERENCE]);
    else
        buf_add_text(out, " (was none)");
}

/* The class that is likeliest but for the predicted one. */
static size_t second_class(const struct prediction_reader *r)
{
    size_t second = CLASS_NONE;

    for (size_t k = 0; k < r->n_p; k++)
        if (k != r->row.pred &&
            (second == CLASS_NONE || r->row.p[k] > r->row.p[second]))
            second = k;
    return second;
}

static void add_doubt(const struct prediction_reader *r, struct buf *out)
{
    size_t second = r->row.p ? second_class(r) : CLASS_NONE;

    if (isnan(r->row.prob))
        return;
    buf_add_text(out, out->len ? "; " : "");
    buf_printf(out, "%s %.3g", r->classes.text[r->row.pred], r->row.prob);
    if (second != CLASS_NONE)
        buf_printf(out, " or %s %.3g", r->classes.text[second],
                   (double)r->row.p[second]);
}

static void add_why(const struct collecting *c, const struct candidate *row,
                    const struct prediction_reader *r, struct rows *rows)
{
    struct buf why = {0};

    if (row->known.group)
        add_slice(c, c->carriers.slice[row->known.group - 1], &why);
    add_doubt(r, &why);
    rows_text(rows, why.len ? why.data : "");
    buf_release(&why);
}

static void add_cell(struct csv_field cell, struct rows *rows)
{
    char *text = mem_strndup(cell.text, cell.len);

    rows_text(rows, text);
    free(text);
}

static void add_row(const struct collecting *c, const struct candidate *row,
                    const struct prediction_reader *r, struct rows *rows)
{
    if (r->id == CSV_NONE)
        rows_count(rows, row->number + 1);
    else
        add_cell(csv_reader_cell(r->csv, r->id), rows);
    rows_count(rows, row->rank + 1);
    rows_number(rows, row->score);
    add_why(c, row, r, rows);
    rows_text(rows, r->classes.text[r->row.pred]);
    rows_number(rows, r->row.prob);
    for (size_t i = 0; i < csv_reader_width(r->csv); i++)
        if (slice_is_kept(r, i))
            add_cell(csv_reader_cell(r->csv, i), rows);
}

/* The rows stand in the order of the stream. */
static void sort_by_rank(const struct collecting *c, struct rows *rows)
{
    size_t width = rows->n_columns;
    char **sorted = mem_alloc(rows->n_cells, sizeof(*sorted));

    for (size_t i = 0; i < c->n_candidates; i++)
        for (size_t k = 0; k < width; k++)
            sorted[c->candidates[i].rank * width + k] =
                rows->cells[i * width + k];
    free(rows->cells);
    rows->cells = sorted;
    rows->capacity = rows->n_cells;
}

static int write_rows(const struct collecting *c, struct prediction_reader *r,
                      struct rows *rows, struct err *err)
{
    int got = prediction_reader_rewind(r, err);
    size_t next = 0;

    start_rows(r, rows);
    for (size_t number = 0; got == 0 && next < c->n_candidates &&
                            (got = prediction_reader_next(r, err)) == 1;
         number++) {
        if (number == c->candidates[next].number)
            add_row(c, &c->candidates[next++], r, rows);
        got = 0;
    }
    if (got == 0 && next)
        sort_by_rank(c, rows);
    return got;
}

/* ---- notes ---- */

static bool any_carries(const struct shift_errors *e)
{
    for (size_t i = 0; i < e->n_slices; i++)
        if (e->slices[i].p_adjusted < SHIFT_ERRORS_LEVEL)
            return true;
    return false;
}

static void note_choice(const struct collecting *c, size_t of,
                        const struct prediction_reader *r, struct buf *notes)
{
    const char *part = r->splits.text[c->errors->part[EXTRA_CURRENT]];

    if (c->labelled)
        buf_printf(notes,
                   "no row is without a label: a rehearsal among the rows of "
                   "'%s', whose labels say how often rows like them are "
                   "wrong\n",
                   part);
    buf_printf(notes, "%zu of %zu rows chosen", c->n_candidates, of);
    if (c->carriers.n_groups > 1)
        buf_printf(notes, ", by %zu slice%s that carr%s extra error, and",
                   c->carriers.n_groups - 1, plural(c->carriers.n_groups - 1),
                   c->carriers.n_groups == 2 ? "ies" : "y");
    else
        buf_add_text(notes,
                     any_carries(c->errors)
                         ? ": of the slices that carry extra error none is a "
                           "group (as of the label, of two columns, or easy);"
                         : ": no slice carries extra error for sure;");
    if (!r->n_p && r->prob == CSV_NONE)
        buf_add_text(notes, " at random: no p: columns and no prob (assay "
                            "eval --probs)\n");
    else
        buf_printf(notes,
                   " by how often rows of '%s' of which the model is as "
                   "unsure are wrong\n",
                   part);
}

static void collecting_release(struct collecting *c)
{
    carriers_release(&c->carriers);
    free(c->known);
    free(c->wrong);
    free(c->candidates);
}

int collect_rows(const struct shift_errors *errors,
                 const struct collect_options *options,
                 struct prediction_reader *r, struct rows *rows,
                 struct buf *notes, struct err *err)
{
    struct collecting c = {.errors = errors,
                           .labelled = errors->unlabelled == 0};
    size_t of;
    int status;

    if (check_names(r, err) != 0)
        return -1;
    carriers_init(&c.carriers, errors);
    status = read_rows(&c, r, err);
    if (status == 0) {
        of = c.n_candidates;
        give_scores(&c);
        choose(&c, options);
        note_choice(&c, of, r, notes);
        status = write_rows(&c, r, rows, err);
        if (status != 0)
            rows_release(rows);
    }
    collecting_release(&c);
    return status;
}
