#include "stream/top_losses.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/hash.h"
#include "base/mem.h"
#include "base/text.h"

/* One of the worst rows, its cells one after the other, NUL-terminated. */
struct top_row {
    double loss;
    size_t number; /* of the row, for a stable order */
    uint64_t content;
    struct buf cells;
};

/* What one row says, and what it was labelled. */
struct sighting {
    uint64_t content;
    uint32_t label;
};

/* The `most` worst rows so far. */
struct top_losses {
    size_t most, n, seen;
    struct top_row *rows; /* [most] a heap, the smallest loss first */
    struct sighting *sightings;
    size_t n_sightings, capacity;
    size_t *kept; /* [n_kept] columns that are kept ones */
    size_t n_kept;
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

static void find_kept(struct top_losses *top,
                      const struct prediction_reader *from)
{
    size_t width = csv_reader_width(from->csv);

    top->kept = mem_alloc(width, sizeof(*top->kept));
    for (size_t i = 0; i < width; i++)
        if (top_is_kept(csv_reader_name(from->csv, i)) && i != from->label &&
            i != from->pred && i != from->id && i != from->prob &&
            i != from->loss && i != from->split && i != from->fold)
            top->kept[top->n_kept++] = i;
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
    free(top->sightings);
    free(top->kept);
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

static uint64_t content_of(const struct top_losses *top,
                           const struct prediction_reader *from)
{
    const struct csv_field *fields = csv_reader_fields(from->csv);
    struct buf folded = {0};
    uint64_t hash = HASH_START;

    for (size_t i = 0; i < top->n_kept; i++) {
        text_fold(&folded, fields[top->kept[i]].text, fields[top->kept[i]].len);
        buf_add_char(&folded, '\0');
    }
    hash = hash_finish(hash_add(hash, folded.data, folded.len));
    buf_release(&folded);
    return hash;
}

static void remember(struct top_losses *top, uint64_t content, size_t label)
{
    top->sightings = mem_grow(top->sightings, &top->capacity,
                              top->n_sightings + 1, sizeof(*top->sightings));
    top->sightings[top->n_sightings++] =
        (struct sighting){content, (uint32_t)label};
}

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

static int top_add(void *sums, const struct prediction_reader *from,
                   struct err *err)
{
    struct top_losses *top = sums;
    struct top_row row = {.loss = from->row.loss, .number = top->seen++};

    (void)err;
    if (top->n_kept) {
        row.content = content_of(top, from);
        remember(top, row.content, from->row.label);
    }
    if (!isnan(row.loss) &&
        (top->n < top->most || is_less(&top->rows[0], &row)))
        insert(top, &row, from);
    return 0;
}

/* ---- rows ---- */

static int largest_first(const void *a, const void *b)
{
    return is_less(a, b) ? 1 : is_less(b, a) ? -1 : 0;
}

static int by_content(const void *a, const void *b)
{
    const struct sighting *x = a, *y = b;

    if (x->content != y->content)
        return x->content < y->content ? -1 : 1;
    return (x->label > y->label) - (x->label < y->label);
}

/* Sightings are sorted: the labels of one content stand together. */
static bool has_conflict(const struct top_losses *top, uint64_t content)
{
    size_t low = 0, high = top->n_sightings;

    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (top->sightings[middle].content < content)
            low = middle + 1;
        else
            high = middle;
    }
    for (high = low;
         high < top->n_sightings && top->sightings[high].content == content;)
        high++;
    return high > low &&
           top->sightings[low].label != top->sightings[high - 1].label;
}

static int top_rows(void *sums, const struct prediction_reader *from,
                    struct rows *rows, struct buf *notes, struct err *err)
{
    struct top_losses *top = sums;
    size_t width = csv_reader_width(from->csv);

    rows_init(rows, "");
    for (size_t i = 0; i < width; i++)
        rows_add_column(rows, csv_reader_name(from->csv, i));
    rows_add_column(rows, "conflict");
    qsort(top->rows, top->n, sizeof(*top->rows), largest_first);
    if (top->n_sightings)
        qsort(top->sightings, top->n_sightings, sizeof(*top->sightings),
              by_content);
    for (size_t i = 0; i < top->n; i++) {
        const char *at = top->rows[i].cells.data;
        for (size_t c = 0; c < width; c++) {
            rows_text(rows, at);
            at += strlen(at) + 1;
        }
        rows_text(rows, top->n_kept && has_conflict(top, top->rows[i].content)
                            ? "yes"
                            : "");
    }
    (void)notes;
    (void)err;
    return 0;
}

const struct prediction_table top_table = {"id", "loss",   top_begin, top_add,
                                           NULL, top_rows, NULL,      top_end};
