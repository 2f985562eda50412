#include "stream/slice_rows.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stream/slice_columns.h"
#include "stream/top_losses.h"

static const double WEAK = .05;

struct slice_sums {
    bool all, second_pass;
    size_t least;
    struct slice_column *columns; /* [n_columns] */
    size_t n_columns;
    unsigned char *wrong; /* [n] */
    size_t n, capacity, errors;
    struct buf notes;
    struct slices slices;
};

static void end(void *sums)
{
    struct slice_sums *s = sums;

    if (!s)
        return;
    for (size_t i = 0; i < s->n_columns; i++)
        slice_column_release(&s->columns[i]);
    slices_release(&s->slices);
    buf_release(&s->notes);
    free(s->columns);
    free(s->wrong);
    free(s);
}

/* ---- columns ---- */

static void add_column(struct slice_sums *s, const struct prediction_reader *r,
                       size_t at)
{
    s->columns = mem_resize(s->columns, s->n_columns + 1, sizeof(*s->columns));
    s->columns[s->n_columns++] = (struct slice_column){
        .at = at, .name = csv_reader_name(r->csv, at), .is_number = true};
}

bool slice_is_kept(const struct prediction_reader *r, size_t at)
{
    const size_t own[] = {r->id,   r->split, r->label,   r->pred,      r->prob,
                          r->loss, r->fold,  r->replica, r->train_size};

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        if (own[i] == at)
            return false;
    return top_is_kept(csv_reader_name(r->csv, at));
}

static int find_kept(struct slice_sums *s, const struct prediction_reader *r,
                     struct err *err)
{
    for (size_t i = 0; i < csv_reader_width(r->csv); i++)
        if (slice_is_kept(r, i))
            add_column(s, r, i);
    if (s->n_columns)
        return 0;
    err_set(err, ERR_DATA,
            "--slices: no column besides those of all predictions; to keep "
            "some of the data: assay eval --keep A,B");
    return err_at(err, csv_reader_file(r->csv), 0);
}

static int find_named(struct slice_sums *s, const struct prediction_reader *r,
                      const struct list *names, struct err *err)
{
    for (size_t i = 0; i < names->n; i++) {
        size_t at;
        if (csv_reader_require(r->csv, names->items[i], &at, err) != 0)
            return -1;
        add_column(s, r, at);
    }
    return 0;
}

static void *begin(const void *options, const struct prediction_reader *r,
                   struct err *err)
{
    const struct slice_options *o = options;
    struct slice_sums *s = mem_zalloc(1, sizeof(*s));

    s->all = o->columns.n == 1 && strcmp(o->columns.items[0], "auto") == 0;
    s->least = o->least;
    if ((s->all ? find_kept(s, r, err) : find_named(s, r, &o->columns, err)) ==
        0)
        return s;
    end(s);
    return NULL;
}

/* ---- rows in ---- */

static void add_wrong(struct slice_sums *s, bool wrong)
{
    s->wrong = mem_grow(s->wrong, &s->capacity, s->n + 1, 1);
    s->wrong[s->n++] = wrong;
    s->errors += wrong;
}

static int add(void *sums, const struct prediction_reader *r, struct err *err)
{
    struct slice_sums *s = sums;
    bool wrong = r->row.label != r->row.pred;

    if (s->second_pass)
        add_wrong(s, wrong);
    for (size_t i = 0; i < s->n_columns; i++) {
        struct slice_column *c = &s->columns[i];
        struct csv_field cell = csv_reader_cell(r->csv, c->at);
        if (s->second_pass)
            slice_column_take(c, cell.text, cell.len, wrong);
        else
            slice_column_see(c, cell.text, cell.len);
    }
    (void)err;
    return 0;
}

static bool again(void *sums)
{
    struct slice_sums *s = sums;
    size_t n = 0;

    if (s->second_pass)
        return false;
    for (size_t i = 0; i < s->n_columns; i++) {
        struct slice_column *c = &s->columns[i];
        const char *why;
        slice_column_decide(c, s->least);
        why = slice_column_useless(c, !s->all);
        if (why) {
            slice_column_note(c, why, &s->notes);
            slice_column_release(c);
        } else {
            s->columns[n++] = *c;
        }
    }
    s->n_columns = n;
    s->second_pass = true;
    return true;
}

/* ---- slices out ---- */

static void find_slices(struct slice_sums *s)
{
    slices_init(&s->slices, s->n, s->errors, s->least);
    for (size_t b = 0; b < s->n_columns; b++) {
        struct slice_column *of_b = &s->columns[b];
        struct slice_codes codes = {of_b->code, of_b->n_levels};
        slice_column_add(of_b, b, s->wrong, &s->slices);
        if (!of_b->n_levels)
            slice_column_note(of_b, "no word is in enough rows", &s->notes);
        for (size_t a = 0; a < b && of_b->kind != SLICE_WORDS; a++) {
            const struct slice_column *of_a = &s->columns[a];
            if (of_a->kind != SLICE_WORDS)
                slices_add_pair(
                    &s->slices, a,
                    &(struct slice_codes){of_a->code, of_a->n_levels}, b,
                    &codes, s->wrong);
        }
    }
    slices_test(&s->slices);
}

static void add_names(const struct slice_sums *s, const struct slice *slice,
                      struct rows *rows)
{
    const struct slice_column *a = &s->columns[slice->column], *b;
    struct buf name = {0}, value = {0};

    slice_column_name(a, &name);
    slice_column_level(a, slice->level, &value);
    if (slice->other != SLICE_NONE) {
        b = &s->columns[slice->other];
        buf_add_text(&name, SLICE_AND);
        buf_add_text(&value, SLICE_AND);
        slice_column_name(b, &name);
        slice_column_level(b, slice->other_level, &value);
    }
    rows_text(rows, name.data);
    rows_text(rows, value.data);
    buf_release(&name);
    buf_release(&value);
}

static void add_numbers(const struct slice *slice, struct rows *rows)
{
    rows_count(rows, slice->n);
    rows_number(rows, slice->error);
    rows_number(rows, slice->ci.low);
    rows_number(rows, slice->ci.high);
    rows_number(rows, slice->share);
    rows_number(rows, slice->excess);
    rows_number(rows, slice->p_value);
    rows_number(rows, slice->p_adjusted);
}

static void add_slices(const struct slice_sums *s, struct rows *rows)
{
    for (size_t i = 0; i < s->slices.n; i++) {
        add_names(s, &s->slices.all[i], rows);
        add_numbers(&s->slices.all[i], rows);
    }
}

static void start_rows(struct rows *rows)
{
    rows_init(rows, "slice,value,n,error,low,high,share,excess,p_value,"
                    "p_adjusted");
}

static void note_slices(const struct slice_sums *s, struct buf *notes)
{
    size_t weak = 0, n = s->slices.n;

    while (weak < n && s->slices.all[weak].p_adjusted < WEAK)
        weak++;
    if (s->notes.len)
        buf_add_text(notes, s->notes.data);
    buf_printf(notes,
               "%zu slice%s of %zu rows or more tested against the rest, %zu "
               "weaker at a false discovery rate of %g\n",
               n, plural(n), s->least, weak, WEAK);
}

static int make_rows(void *sums, const struct prediction_reader *r,
                     struct rows *rows, struct buf *notes, struct err *err)
{
    struct slice_sums *s = sums;

    find_slices(s);
    note_slices(s, notes);
    start_rows(rows);
    add_slices(s, rows);
    (void)r;
    (void)err;
    return 0;
}

/* Where there is no slice a gate on `weakest` cannot be computed. */
static void add_weakest(const struct slice_sums *s, struct rows *rows)
{
    rows_text(rows, "weakest");
    rows_text(rows, "");
    if (s->slices.n) {
        add_numbers(&s->slices.all[0], rows);
        return;
    }
    for (size_t i = 2; i < rows->n_columns; i++)
        rows_text(rows, "");
}

static void gate_rows(void *sums, const struct prediction_reader *r,
                      struct rows *rows)
{
    const struct slice_sums *s = sums;

    start_rows(rows);
    add_weakest(s, rows);
    add_slices(s, rows);
    (void)r;
}

const struct prediction_table slice_table = {
    "slice,value", "error", begin, add, again, make_rows, gate_rows, end};
