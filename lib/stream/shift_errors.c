#include "stream/shift_errors.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/multiplicity.h"
#include "stream/slice_rows.h"

void shift_errors_release(struct shift_errors *e)
{
    for (size_t i = 0; i < e->n_columns; i++)
        slice_column_release(&e->columns[i]);
    free(e->columns);
    free(e->outcome);
    free(e->slices);
    memset(e, 0, sizeof(*e));
}

/* ---- parts ---- */

/* Labelled rows of each split. */
struct split_rows_seen {
    size_t *n; /* [capacity] */
    size_t capacity, count;
};

static int count_splits(struct split_rows_seen *seen,
                        struct prediction_reader *r, struct err *err)
{
    int got;

    while ((got = prediction_reader_next(r, err)) == 1) {
        seen->n = mem_grow(seen->n, &seen->capacity, r->splits.count,
                           sizeof(*seen->n));
        for (; seen->count < r->splits.count; seen->count++)
            seen->n[seen->count] = 0;
        seen->n[r->row.split] += r->row.label != CLASS_NONE;
    }
    return got;
}

/* The first of the names that has labelled rows, or DICT_NONE. */
static size_t find_part(const struct split_rows_seen *seen,
                        const struct dict *splits, const char *const *names,
                        size_t n)
{
    for (size_t i = 0; i < n; i++) {
        size_t at = dict_find(splits, names[i], strlen(names[i]));
        if (at != DICT_NONE && seen->n[at])
            return at;
    }
    return DICT_NONE;
}

/* Of a part without a labelled row: there are rows, at least. */
static bool is_unlabelled(const struct prediction_reader *r,
                          const char *const names[2])
{
    return dict_find(&r->splits, names[0], strlen(names[0])) != DICT_NONE ||
           dict_find(&r->splits, names[1], strlen(names[1])) != DICT_NONE;
}

static int no_part(const struct prediction_reader *r, const char *what,
                   const char *const split[2], const char *names,
                   struct err *err)
{
    if (is_unlabelled(r, split))
        err_set(err, ERR_DATA,
                "--errors: no row of split %s has a label: some rows of the "
                "%s part must, so that errors can be counted",
                names, what);
    else
        err_set(err, ERR_DATA,
                "--errors: no labelled row of split %s to be the %s part "
                "(--pairs REFERENCE:CURRENT names others)",
                names, what);
    return err_at(err, csv_reader_file(r->csv), 0);
}

static int default_parts(struct shift_errors *e,
                         const struct split_rows_seen *seen,
                         const struct prediction_reader *r, struct err *err)
{
    static const char *const references[] = {"trainval", "val"},
                             *const currents[] = {"testval", "test"};

    e->part[0] = find_part(seen, &r->splits, references, 2);
    e->part[1] = find_part(seen, &r->splits, currents, 2);
    if (e->part[0] == DICT_NONE)
        return no_part(r, "reference", references, "'trainval' or 'val'", err);
    if (e->part[1] == DICT_NONE)
        return no_part(r, "current", currents, "'testval' or 'test'", err);
    return 0;
}

/* The splits on both sides of a colon; names may have colons of their own. */
static int named_parts(struct shift_errors *e,
                       const struct split_rows_seen *seen,
                       const struct prediction_reader *r, struct err *err)
{
    const char *pair = e->options->pair;
    char quoted[ERR_QUOTE_SIZE];

    for (const char *at = strchr(pair, ':'); at; at = strchr(at + 1, ':')) {
        size_t a = dict_find(&r->splits, pair, (size_t)(at - pair)),
               b = dict_find(&r->splits, at + 1, strlen(at + 1));
        if (a == DICT_NONE || b == DICT_NONE || a == b || !seen->n[a] ||
            !seen->n[b])
            continue;
        e->part[0] = a;
        e->part[1] = b;
        return 0;
    }
    err_set(err, ERR_DATA, "--pairs %s: not two splits with labelled rows",
            err_quote(quoted, sizeof(quoted), pair, strlen(pair)));
    return err_at(err, csv_reader_file(r->csv), 0);
}

static int find_parts(struct shift_errors *e, struct prediction_reader *r,
                      struct err *err)
{
    struct split_rows_seen seen = {0};
    int status = count_splits(&seen, r, err);

    e->unlabelled = r->unlabelled;
    if (status == 0)
        status = e->options->pair ? named_parts(e, &seen, r, err)
                                  : default_parts(e, &seen, r, err);
    free(seen.n);
    return status;
}

/* ---- columns ---- */

static void add_column(struct shift_errors *e, size_t at, const char *name)
{
    e->columns = mem_resize(e->columns, e->n_columns + 1, sizeof(*e->columns));
    e->columns[e->n_columns++] = (struct slice_column){
        .at = at, .name = name, .is_number = at < SHIFT_PRED};
}

static bool is_excluded(const struct shift_errors *e,
                        const struct prediction_reader *r, size_t at)
{
    const struct list *exclude = e->options->exclude;

    return exclude && list_has(exclude, csv_reader_name(r->csv, at));
}

static int require(const struct prediction_reader *r, const struct list *names,
                   struct err *err)
{
    for (size_t i = 0; names && i < names->n; i++) {
        size_t at;
        if (csv_reader_require(r->csv, names->items[i], &at, err) != 0)
            return -1;
    }
    return 0;
}

static bool is_named(const struct shift_errors *e)
{
    return e->options->columns && e->options->columns->n;
}

static bool is_asked(const struct shift_errors *e,
                     const struct prediction_reader *r, size_t at)
{
    if (at == r->label || at == r->pred || is_excluded(e, r, at))
        return false;
    return is_named(e)
               ? list_has(e->options->columns, csv_reader_name(r->csv, at))
               : slice_is_kept(r, at);
}

static int find_columns(struct shift_errors *e,
                        const struct prediction_reader *r, struct err *err)
{
    add_column(e, SHIFT_LABEL, csv_reader_name(r->csv, r->label));
    add_column(e, SHIFT_PRED,
               r->pred == CSV_NONE ? "pred" : csv_reader_name(r->csv, r->pred));
    if (require(r, e->options->columns, err) != 0 ||
        require(r, e->options->exclude, err) != 0)
        return -1;
    for (size_t i = 0; i < csv_reader_width(r->csv); i++)
        if (is_asked(e, r, i))
            add_column(e, i, csv_reader_name(r->csv, i));
    return 0;
}

struct csv_field shift_errors_cell(const struct slice_column *column,
                                   const struct prediction_reader *r)
{
    size_t class;

    if (column->at < SHIFT_PRED)
        return csv_reader_cell(r->csv, column->at);
    class = column->at == SHIFT_LABEL ? r->row.label : r->row.pred;
    if (class == CLASS_NONE)
        return (struct csv_field){.text = ""};
    return (struct csv_field){.text = r->classes.text[class],
                              .len = r->classes.len[class]};
}

/* ---- rows ---- */

/* The set that the row is in, or EXTRA_SETS. */
static size_t set_of(const struct shift_errors *e,
                     const struct prediction_reader *r)
{
    size_t set = 0;

    while (set < EXTRA_SETS &&
           (r->row.label == CLASS_NONE || r->row.split != e->part[set]))
        set++;
    return set;
}

static void see(struct shift_errors *e, const struct prediction_reader *r)
{
    for (size_t i = 0; i < e->n_columns; i++) {
        struct csv_field cell = shift_errors_cell(&e->columns[i], r);
        slice_column_see(&e->columns[i], cell.text, cell.len);
    }
}

static void take(struct shift_errors *e, const struct prediction_reader *r,
                 size_t set)
{
    bool wrong = r->row.label != r->row.pred;

    e->outcome = mem_grow(e->outcome, &e->outcome_capacity, e->n + 1, 1);
    e->outcome[e->n++] = (unsigned char)(2 * set + wrong);
    e->all.n[set]++;
    e->all.errors[set] += wrong;
    for (size_t i = 0; i < e->n_columns; i++) {
        struct csv_field cell = shift_errors_cell(&e->columns[i], r);
        slice_column_take_of(&e->columns[i], cell.text, cell.len, wrong, set);
    }
}

static int pass(struct shift_errors *e, struct prediction_reader *r,
                bool second, struct err *err)
{
    int got = prediction_reader_rewind(r, err);

    while (got == 0 && (got = prediction_reader_next(r, err)) == 1) {
        size_t set = set_of(e, r);
        if (set < EXTRA_SETS && second)
            take(e, r, set);
        else if (set < EXTRA_SETS)
            see(e, r);
        got = 0;
    }
    return got;
}

static void decide(struct shift_errors *e, struct buf *notes)
{
    size_t n = 0;

    for (size_t i = 0; i < e->n_columns; i++) {
        struct slice_column *c = &e->columns[i];
        const char *why;
        if (c->at >= SHIFT_PRED)
            c->cell_words = 0; /* classes are no text, however long */
        slice_column_decide(c, e->options->least);
        why = slice_column_useless(c, is_named(e));
        if (!why) {
            e->columns[n++] = *c;
            continue;
        }
        slice_column_note(c, why, notes);
        slice_column_release(c);
    }
    e->n_columns = n;
}

/* ---- slices ---- */

static void add_slice(struct shift_errors *e, struct error_slice slice)
{
    size_t rows = slice.counts.n[0] + slice.counts.n[1];

    if (rows == 0 || rows == e->n)
        return;
    slice.place = e->n_slices;
    slice.extra = extra_error_of(&slice.counts, &e->all);
    e->slices = mem_grow(e->slices, &e->slice_capacity, e->n_slices + 1,
                         sizeof(*e->slices));
    e->slices[e->n_slices++] = slice;
}

/* Also those with few rows, so that they add up: they are one level. */
static void add_levels(struct shift_errors *e, size_t column)
{
    struct slice_column *c = &e->columns[column];
    struct extra_counts *counts =
        slice_column_count(c, e->options->least, e->outcome);

    for (size_t level = 0; level <= c->n_levels; level++)
        add_slice(e, (struct error_slice){.column = column,
                                          .level = level,
                                          .other = SLICE_NONE,
                                          .counts = counts[level]});
    free(counts);
}

static void add_counts(struct extra_counts *to, const struct extra_counts *from)
{
    for (size_t set = 0; set < EXTRA_SETS; set++) {
        to->n[set] += from->n[set];
        to->errors[set] += from->errors[set];
    }
}

static size_t rows_in(const struct extra_counts *counts)
{
    return counts->n[0] + counts->n[1];
}

/* [levels of a + 1][levels of b + 1]; 0: the rows that have none. */
static struct extra_counts *count_pairs(const struct shift_errors *e,
                                        const struct slice_column *a,
                                        const struct slice_column *b)
{
    size_t width = b->n_levels + 1;
    struct extra_counts *pairs =
        mem_zalloc((a->n_levels + 1) * width, sizeof(*pairs));

    for (size_t i = 0; i < e->n; i++) {
        struct extra_counts *at = &pairs[a->code[i] * width + b->code[i]];
        size_t set = e->outcome[i] / 2;
        at->n[set]++;
        at->errors[set] += e->outcome[i] % 2;
    }
    return pairs;
}

/* A pair whose rows are just those of one of its levels is that level. */
static void add_pairs(struct shift_errors *e, size_t a, size_t b)
{
    size_t height = e->columns[a].n_levels + 1,
           width = e->columns[b].n_levels + 1;
    struct extra_counts *pairs = count_pairs(e, &e->columns[a], &e->columns[b]),
                        *of_a = mem_zalloc(height, sizeof(*of_a)),
                        *of_b = mem_zalloc(width, sizeof(*of_b));

    for (size_t i = 0; i < height * width; i++) {
        add_counts(&of_a[i / width], &pairs[i]);
        add_counts(&of_b[i % width], &pairs[i]);
    }
    for (size_t i = width; i < height * width; i++) {
        size_t rows = rows_in(&pairs[i]);
        if (i % width && rows >= e->options->least &&
            rows < rows_in(&of_a[i / width]) &&
            rows < rows_in(&of_b[i % width]))
            add_slice(e, (struct error_slice){.column = a,
                                              .level = i / width - 1,
                                              .other = b,
                                              .other_level = i % width - 1,
                                              .counts = pairs[i]});
    }
    free(of_a);
    free(of_b);
    free(pairs);
}

static bool has_pairs(const struct slice_column *c)
{
    return c->kind != SLICE_WORDS && c->at != SHIFT_PRED;
}

static int largest_first(const void *a, const void *b)
{
    const struct error_slice *x = a, *y = b;

    if (x->extra.excess.value != y->extra.excess.value)
        return x->extra.excess.value > y->extra.excess.value ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

static void adjust(struct shift_errors *e)
{
    double *p = mem_alloc(e->n_slices, sizeof(*p));

    for (size_t i = 0; i < e->n_slices; i++)
        p[i] = e->slices[i].extra.excess.p;
    benjamini_hochberg(p, e->n_slices, p);
    for (size_t i = 0; i < e->n_slices; i++)
        e->slices[i].p_adjusted = p[i];
    free(p);
}

static void find_slices(struct shift_errors *e, struct buf *notes)
{
    e->total = extra_error_of(&e->all, &e->all);
    for (size_t b = 0; b < e->n_columns; b++) {
        add_levels(e, b);
        if (!e->columns[b].n_levels && e->columns[b].kind == SLICE_WORDS)
            slice_column_note(&e->columns[b], "no word is in enough rows",
                              notes);
        for (size_t a = 0; a < b; a++)
            if (has_pairs(&e->columns[a]) && has_pairs(&e->columns[b]))
                add_pairs(e, a, b);
    }
    adjust(e);
    if (e->n_slices)
        qsort(e->slices, e->n_slices, sizeof(*e->slices), largest_first);
}

/* ---- notes ---- */

static void note_parts(const struct shift_errors *e,
                       const struct prediction_reader *r, struct buf *notes)
{
    for (size_t set = EXTRA_SETS; set-- > 0;)
        buf_printf(notes, "%s %.3g in %zu row%s of '%s'",
                   set == EXTRA_CURRENT ? "error" : ",", e->total.error[set],
                   e->all.n[set], plural(e->all.n[set]),
                   r->splits.text[e->part[set]]);
    buf_add_text(notes,
                 e->total.excess.value > 0 ? "\n" : ": it did not grow\n");
    if (e->unlabelled)
        buf_printf(notes, "%zu row%s without a label left out\n", e->unlabelled,
                   plural(e->unlabelled));
}

static void note_columns(const struct shift_errors *e, struct buf *notes)
{
    for (size_t i = 0; i < e->n_columns; i++)
        if (e->columns[i].at < SHIFT_PRED)
            return;
    buf_add_text(notes,
                 "no column but those of all predictions, so that only label "
                 "and pred are looked at; to keep some of the data: assay eval "
                 "--keep A,B\n");
}

static void note_slices(const struct shift_errors *e, struct buf *notes)
{
    size_t carry = 0;

    for (size_t i = 0; i < e->n_slices; i++)
        carry += e->slices[i].p_adjusted < SHIFT_ERRORS_LEVEL;
    buf_printf(
        notes,
        "%zu slice%s tested, %zu carr%s extra error at a false discovery "
        "rate of %g\n",
        e->n_slices, plural(e->n_slices), carry, carry == 1 ? "ies" : "y",
        SHIFT_ERRORS_LEVEL);
}

int shift_errors_read(struct shift_errors *e,
                      const struct shift_errors_options *options,
                      struct prediction_reader *r, struct buf *notes,
                      struct err *err)
{
    *e = (struct shift_errors){.options = options};
    if (find_parts(e, r, err) != 0 || find_columns(e, r, err) != 0 ||
        pass(e, r, false, err) != 0)
        return -1;
    note_columns(e, notes);
    decide(e, notes);
    if (pass(e, r, true, err) != 0)
        return -1;
    find_slices(e, notes);
    note_parts(e, r, notes);
    note_slices(e, notes);
    return 0;
}
