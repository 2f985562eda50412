#include "stream/top_losses.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stream/top_conflicts.h"

/* One of the worst rows, its cells one after the other, NUL-terminated. */
struct top_row {
    double loss;
    size_t number; /* of the row, for a stable order */
    size_t label, text;
    struct buf cells;
};

/* The `most` worst rows so far; then the search for those like them. */
struct top_losses {
    size_t most, n, seen, without; /* rows seen; of them without a loss */
    struct top_row *rows;          /* [most] a heap, the smallest loss first */
    bool keeps;                    /* there are kept columns */
    bool searching;
    struct top_conflicts conflicts;
};

bool top_is_kept(const char *name)
{
    static const char *const own[] = {"id",   "split",   "label",
                                      "pred", "prob",    "loss",
                                      "fold", "replica", "train_size"};

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        if (strcmp(name, own[i]) == 0)
            return false;
    return strncmp(name, "p:", 2) != 0;
}

static bool is_kept_column(const struct prediction_reader *from, size_t i)
{
    return top_is_kept(csv_reader_name(from->csv, i)) && i != from->label &&
           i != from->pred && i != from->id && i != from->prob &&
           i != from->loss && i != from->split && i != from->fold &&
           i != from->replica && i != from->train_size;
}

static void find_kept(struct top_losses *top,
                      const struct prediction_reader *from)
{
    size_t width = csv_reader_width(from->csv), n = 0;

    top_conflicts_init(&top->conflicts, width);
    for (size_t i = 0; i < width; i++)
        if (is_kept_column(from, i))
            top->conflicts.key.columns[n++] = i;
    top->conflicts.key.n_columns = n;
    top->keeps = n > 0;
    if (!top->keeps) /* then there is no second pass */
        csv_reader_forget(from->csv);
}

/* What stands beside the columns of predictions cannot be one of them. */
static int check_names(const struct prediction_reader *from, struct err *err)
{
    static const char *const own[] = {"conflict", "conflict_label"};

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++) {
        size_t column = csv_reader_find(from->csv, own[i]);
        if (column == CSV_NONE || !is_kept_column(from, column))
            continue;
        err_set(err, ERR_DATA,
                "--top-losses has a column of this name itself: rename it");
        err_at(err, csv_reader_file(from->csv), 1);
        return err_at_column(err, own[i], csv_reader_field(from->csv, column));
    }
    return 0;
}

static void *top_begin(const void *options,
                       const struct prediction_reader *from, struct err *err)
{
    const struct top_options *o = options;
    struct top_losses *top;

    if (from->loss == CSV_NONE && !from->n_p) {
        err_set(err, ERR_DATA,
                "--top-losses needs a column loss, or p: columns");
        err_at(err, csv_reader_file(from->csv), 0);
        return NULL;
    }
    if (check_names(from, err) != 0)
        return NULL;
    top = mem_zalloc(1, sizeof(*top));
    top->most = o->most;
    top->rows = mem_zalloc(top->most, sizeof(*top->rows));
    find_kept(top, from);
    return top;
}

static void top_end(void *sums)
{
    struct top_losses *top = sums;

    if (!top)
        return;
    for (size_t i = 0; i < top->most; i++)
        buf_release(&top->rows[i].cells);
    free(top->rows);
    top_conflicts_release(&top->conflicts);
    free(top);
}

/* ---- the heap: rows[0] is the least of the worst ---- */

static bool is_less(const struct top_row *a, const struct top_row *b)
{
    return a->loss != b->loss ? a->loss < b->loss : a->number > b->number;
}

static void swap(struct top_row *a, struct top_row *b)
{
    struct top_row kept = *a;

    *a = *b;
    *b = kept;
}

static void sift_up(struct top_losses *top, size_t i)
{
    for (; i && is_less(&top->rows[i], &top->rows[(i - 1) / 2]);
         i = (i - 1) / 2)
        swap(&top->rows[i], &top->rows[(i - 1) / 2]);
}

static void sift_down(struct top_losses *top)
{
    size_t i = 0;

    for (;;) {
        size_t least = i, left = 2 * i + 1;
        for (size_t c = left; c < left + 2 && c < top->n; c++)
            if (is_less(&top->rows[c], &top->rows[least]))
                least = c;
        if (least == i)
            return;
        swap(&top->rows[i], &top->rows[least]);
        i = least;
    }
}

/* ---- adding ---- */

static void fill(struct top_row *row, const struct prediction_reader *from)
{
    const struct csv_field *fields = csv_reader_fields(from->csv);

    buf_clear(&row->cells);
    for (size_t i = 0; i < csv_reader_width(from->csv); i++)
        buf_add(&row->cells, fields[i].text, fields[i].len + 1);
}

static void insert(struct top_losses *top, struct top_row *row,
                   const struct prediction_reader *from)
{
    bool full = top->n == top->most;
    size_t at = full ? 0 : top->n++;

    row->cells = top->rows[at].cells;
    top->rows[at] = *row;
    fill(&top->rows[at], from);
    if (full)
        sift_down(top);
    else
        sift_up(top, at);
}

/* Where there is no id, rows are counted from 1, as split does. */
static void search(struct top_losses *top, const struct prediction_reader *from)
{
    const struct csv_field *fields = csv_reader_fields(from->csv);
    char number[NUM_SIZE];

    snprintf(number, sizeof(number), "%zu", csv_reader_records(from->csv));
    top_conflicts_see(&top->conflicts, fields, from->row.label,
                      from->id == CSV_NONE ? number : fields[from->id].text);
}

static int top_add(void *sums, const struct prediction_reader *from,
                   struct err *err)
{
    struct top_losses *top = sums;
    struct top_row row = {.loss = from->row.loss, .label = from->row.label};

    (void)err;
    if (top->searching) {
        search(top, from);
        return 0;
    }
    row.number = top->seen++;
    if (top->keeps)
        top_conflicts_scan(&top->conflicts, csv_reader_fields(from->csv));
    if (isnan(row.loss))
        top->without++;
    else if (top->n < top->most || is_less(&top->rows[0], &row))
        insert(top, &row, from);
    return 0;
}

/* ---- what is like them ---- */

/* The text of a row that has gone by. */
static size_t text_of(struct top_losses *top, const struct top_row *row)
{
    size_t n = top->conflicts.key.n_columns, width = 0, text;
    const size_t *columns = top->conflicts.key.columns;
    const char *at = row->cells.data;
    struct csv_field *fields;

    width = n ? columns[n - 1] + 1 : 0;
    fields = mem_zalloc(width + 1, sizeof(*fields));
    for (size_t i = 0; i < width; i++) {
        fields[i].text = (char *)at;
        fields[i].len = strlen(at);
        at += fields[i].len + 1;
    }
    text = top_conflicts_add(&top->conflicts, fields);
    free(fields);
    return text;
}

static bool top_again(void *sums)
{
    struct top_losses *top = sums;

    if (!top->keeps || top->searching || !top->n)
        return false;
    for (size_t i = 0; i < top->n; i++)
        top->rows[i].text = text_of(top, &top->rows[i]);
    top_conflicts_index(&top->conflicts);
    top->searching = true;
    return true;
}

/* ---- rows ---- */

static int largest_first(const void *a, const void *b)
{
    return is_less(a, b) ? 1 : is_less(b, a) ? -1 : 0;
}

static void add_conflict(struct rows *rows, const struct top_losses *top,
                         const struct top_row *row,
                         const struct prediction_reader *from)
{
    const struct top_twin *twin =
        top->searching
            ? top_conflicts_of(&top->conflicts, row->text, row->label)
            : NULL;

    rows_text(rows, twin ? twin->id : "");
    rows_text(rows, twin ? from->classes.text[twin->label] : "");
}

/*
 * The name by which the stream knows the column, so that what reads the rows
 * needs no --columns; its own where another column has that name.
 */
static const char *name_of(const struct prediction_reader *from, size_t column)
{
    const struct {
        size_t column;
        const char *name;
    } roles[] = {{from->id, "id"},
                 {from->split, "split"},
                 {from->label, "label"},
                 {from->pred, "pred"},
                 {from->prob, "prob"},
                 {from->loss, "loss"},
                 {from->fold, "fold"},
                 {from->replica, "replica"},
                 {from->train_size, "train_size"}};

    for (size_t i = 0; i < sizeof(roles) / sizeof(*roles); i++)
        if (roles[i].column == column &&
            csv_reader_find(from->csv, roles[i].name) == CSV_NONE)
            return roles[i].name;
    return csv_reader_name(from->csv, column);
}

static void note_without(const struct top_losses *top, struct buf *notes)
{
    if (top->without)
        buf_printf(notes, "%zu row%s without a loss left out\n", top->without,
                   plural(top->without));
}

static int top_rows(void *sums, const struct prediction_reader *from,
                    struct rows *rows, struct buf *notes, struct err *err)
{
    struct top_losses *top = sums;
    size_t width = csv_reader_width(from->csv);

    rows_init(rows, "");
    for (size_t i = 0; i < width; i++)
        rows_add_column(rows, name_of(from, i));
    if (from->loss == CSV_NONE)
        rows_add_column(rows, "loss");
    rows_add_column(rows, "conflict");
    rows_add_column(rows, "conflict_label");
    qsort(top->rows, top->n, sizeof(*top->rows), largest_first);
    for (size_t i = 0; i < top->n; i++) {
        const char *at = top->rows[i].cells.data;
        for (size_t c = 0; c < width; c++) {
            rows_text(rows, at);
            at += strlen(at) + 1;
        }
        if (from->loss == CSV_NONE)
            rows_float(rows, (float)top->rows[i].loss);
        add_conflict(rows, top, &top->rows[i], from);
    }
    note_without(top, notes);
    (void)err;
    return 0;
}

const struct prediction_table top_table = {
    "id", "loss", top_begin, top_add, top_again, top_rows, NULL, top_end};
