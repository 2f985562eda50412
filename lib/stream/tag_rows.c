#include "stream/tag_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/interval.h"

enum { SHOWN_IDS = 5 };

/* ---- the file ---- */

static int by_id(const void *a, const void *b)
{
    const struct tag_pair *x = a, *y = b;

    if (x->id != y->id)
        return x->id < y->id ? -1 : 1;
    return (x->tag > y->tag) - (x->tag < y->tag);
}

static void sort_pairs(struct tag_file *f)
{
    size_t n = 0;

    if (f->n_pairs)
        qsort(f->pairs, f->n_pairs, sizeof(*f->pairs), by_id);
    for (size_t i = 0; i < f->n_pairs; i++)
        if (!n || by_id(&f->pairs[n - 1], &f->pairs[i]) != 0)
            f->pairs[n++] = f->pairs[i];
    f->n_pairs = n;
}

static int add_pair(struct tag_file *f, const struct csv_reader *csv, size_t id,
                    size_t tag, struct err *err)
{
    const struct csv_field *cell = csv_reader_fields(csv);

    if (!cell[tag].len)
        return 0;
    if (!cell[id].len) {
        err_set(err, ERR_DATA, "a tag without an id");
        return csv_reader_blame(csv, id, err);
    }
    f->pairs =
        mem_grow(f->pairs, &f->capacity, f->n_pairs + 1, sizeof(*f->pairs));
    f->pairs[f->n_pairs++] =
        (struct tag_pair){dict_add(&f->ids, cell[id].text, cell[id].len),
                          dict_add(&f->tags, cell[tag].text, cell[tag].len)};
    return 0;
}

static int read_pairs(struct tag_file *f, struct csv_reader *csv,
                      struct err *err)
{
    size_t id, tag;
    int got;

    if (csv_reader_require(csv, "id", &id, err) != 0 ||
        csv_reader_require(csv, "tag", &tag, err) != 0)
        return -1;
    while ((got = csv_reader_next(csv, err)) == 1)
        if (add_pair(f, csv, id, tag, err) != 0)
            return -1;
    if (got == 0 && !f->n_pairs) {
        err_set(err, ERR_DATA, "the column 'tag' is empty");
        return err_at(err, f->name, 0);
    }
    sort_pairs(f);
    return got;
}

int tag_file_read(struct tag_file *f, const char *path,
                  const struct csv_options *csv, struct err *err)
{
    char *paths[1] = {mem_strdup(path)};
    struct csv_reader *reader = csv_reader_open(paths, 1, csv, err);
    int status;

    f->name = strcmp(path, "-") == 0 ? "<stdin>" : path;
    status = reader ? read_pairs(f, reader, err) : -1;
    csv_reader_close(reader);
    free(paths[0]);
    return status;
}

void tag_file_release(struct tag_file *f)
{
    dict_release(&f->ids);
    dict_release(&f->tags);
    free(f->pairs);
    memset(f, 0, sizeof(*f));
}

/* ---- adding ---- */

/* Wrong rows of one tag. */
struct tag_sum {
    size_t n;
    struct buf ids;
};

struct tag_sums {
    const struct tag_file *file;
    struct tag_sum *tags;    /* [file->tags.count + 1] the last: without one */
    size_t *first;           /* [file->ids.count + 1] in file->pairs */
    bool *met;               /* [file->ids.count] */
    size_t n, wrong, tagged; /* rows, wrong ones, and of those with a tag */
    size_t several, right;   /* with several tags; tagged, but not wrong */
};

static void *tag_begin(const void *options, const struct prediction_reader *r,
                       struct err *err)
{
    const struct tag_options *o = options;
    const struct tag_file *f = o->file;
    struct tag_sums *s;

    if (r->id == CSV_NONE) {
        err_set(err, ERR_DATA,
                "no column 'id': tags are joined by it (--columns id=COLUMN "
                "names another)");
        err_at(err, csv_reader_file(r->csv), 1);
        return NULL;
    }
    s = mem_zalloc(1, sizeof(*s));
    s->file = f;
    s->tags = mem_zalloc(f->tags.count + 1, sizeof(*s->tags));
    s->met = mem_zalloc(f->ids.count, sizeof(*s->met));
    s->first = mem_zalloc(f->ids.count + 1, sizeof(*s->first));
    for (size_t i = 0; i < f->n_pairs; i++)
        s->first[f->pairs[i].id + 1] = i + 1;
    return s;
}

static void tag_end(void *sums)
{
    struct tag_sums *s = sums;

    if (!s)
        return;
    for (size_t i = 0; i <= s->file->tags.count; i++)
        buf_release(&s->tags[i].ids);
    free(s->tags);
    free(s->met);
    free(s->first);
    free(s);
}

static void count_row(struct tag_sum *tag, const struct csv_field *id)
{
    if (tag->n++ >= SHOWN_IDS)
        return;
    if (tag->ids.len)
        buf_add_char(&tag->ids, ' ');
    buf_add(&tag->ids, id->text, id->len);
}

static int tag_add(void *sums, const struct prediction_reader *r,
                   struct err *err)
{
    struct tag_sums *s = sums;
    const struct csv_field *id = &csv_reader_fields(r->csv)[r->id];
    size_t at = dict_find(&s->file->ids, id->text, id->len);
    bool wrong = r->row.label != r->row.pred;
    char quoted[ERR_QUOTE_SIZE];

    s->n++;
    s->wrong += wrong;
    if (at == DICT_NONE) {
        if (wrong)
            count_row(&s->tags[s->file->tags.count], id);
        return 0;
    }
    if (s->met[at]) {
        err_set(err, ERR_DATA, "id %s occurs twice: its tag is for one row",
                err_quote(quoted, sizeof(quoted), id->text, id->len));
        return err_at(err, csv_reader_file(r->csv), csv_reader_line(r->csv));
    }
    s->met[at] = true;
    s->tagged += wrong;
    s->right += !wrong;
    s->several += wrong && s->first[at + 1] - s->first[at] > 1;
    for (size_t i = s->first[at]; wrong && i < s->first[at + 1]; i++)
        count_row(&s->tags[s->file->pairs[i].tag], id);
    return 0;
}

/* ---- rows ---- */

struct ranked_tag {
    size_t tag, n, place;
};

static int largest_first(const void *a, const void *b)
{
    const struct ranked_tag *x = a, *y = b;

    if (x->n != y->n)
        return x->n > y->n ? -1 : 1;
    return x->place < y->place ? -1 : 1;
}

/* What the distance of a product's end comes to, of those of its factors. */
static double end(double product, double a, double end_a, double b,
                  double end_b, double sign)
{
    return product * exp(sign * hypot(log(end_a / a), log(end_b / b)));
}

/* The error without the rows of a tag, `n` of the tagged ones. */
static double error_after(const struct tag_sums *s, size_t n,
                          struct interval *ci)
{
    double rows = (double)s->n, wrong = (double)s->wrong,
           tagged = (double)s->tagged, left = tagged - (double)n;
    double error = wrong / rows, rest = left / tagged;
    struct interval of_error = wilson(wrong, rows),
                    of_rest = wilson(left, tagged);

    if (s->tagged == s->wrong) {
        *ci = wilson(left, rows);
        return left / rows;
    }
    if (left == 0) {
        *ci = (struct interval){0, of_error.high * of_rest.high};
        return 0;
    }
    ci->low = end(error * rest, error, of_error.low, rest, of_rest.low, -1);
    ci->high =
        fmin(1, end(error * rest, error, of_error.high, rest, of_rest.high, 1));
    return error * rest;
}

static void add_tag(struct rows *rows, const struct tag_sums *s, size_t tag)
{
    const struct tag_sum *sum = &s->tags[tag];
    double n = (double)sum->n, tagged = (double)s->tagged;
    struct interval share = wilson(n, tagged), ci;
    double after = error_after(s, sum->n, &ci);

    rows_text(rows, s->file->tags.text[tag]);
    rows_number(rows, n);
    rows_number(rows, n / tagged);
    rows_number(rows, share.low);
    rows_number(rows, share.high);
    rows_number(rows, (double)s->wrong / (double)s->n);
    rows_number(rows, after);
    rows_number(rows, ci.low);
    rows_number(rows, ci.high);
    rows_text(rows, sum->ids.len ? sum->ids.data : "");
}

static void add_untagged(struct rows *rows, const struct tag_sums *s)
{
    const struct tag_sum *sum = &s->tags[s->file->tags.count];
    struct interval share = wilson((double)sum->n, (double)s->wrong);

    if (!sum->n)
        return;
    rows_text(rows, "");
    rows_count(rows, sum->n);
    rows_number(rows, (double)sum->n / (double)s->wrong);
    rows_number(rows, share.low);
    rows_number(rows, share.high);
    rows_number(rows, (double)s->wrong / (double)s->n);
    for (int i = 0; i < 3; i++)
        rows_text(rows, "");
    rows_text(rows, sum->ids.data);
}

static struct ranked_tag *rank(const struct tag_sums *s)
{
    size_t n = s->file->tags.count, *order = mem_alloc(n, sizeof(*order));
    struct ranked_tag *ranked = mem_alloc(n, sizeof(*ranked));

    dict_sorted(&s->file->tags, order);
    for (size_t i = 0; i < n; i++)
        ranked[i] = (struct ranked_tag){order[i], s->tags[order[i]].n, i};
    qsort(ranked, n, sizeof(*ranked), largest_first);
    free(order);
    return ranked;
}

/* ---- notes ---- */

static void note_strays(const struct tag_sums *s, struct buf *notes)
{
    const struct dict *ids = &s->file->ids;
    size_t n = 0, first = 0;
    char quoted[ERR_QUOTE_SIZE];

    if (s->right)
        buf_printf(notes, "%zu id%s with a tag %s not wrong\n", s->right,
                   plural(s->right), s->right == 1 ? "is" : "are");
    for (size_t i = ids->count; i-- > 0;)
        if (!s->met[i]) {
            n++;
            first = i;
        }
    if (n)
        buf_printf(notes, "%zu id%s with a tag %s not among these rows: %s\n",
                   n, plural(n), n == 1 ? "is" : "are",
                   err_quote(quoted, sizeof(quoted), ids->text[first],
                             ids->len[first]));
}

static void note_share(const struct tag_sums *s, struct buf *notes)
{
    if (s->tagged < s->wrong)
        buf_printf(notes,
                   "%zu of %zu errors have a tag: shares are of those, and "
                   "hold for all only if they were chosen at random (the "
                   "largest losses are not)\n",
                   s->tagged, s->wrong);
    if (s->several)
        buf_printf(notes,
                   "%zu error%s %s several tags: shares add up to more than "
                   "1\n",
                   s->several, plural(s->several),
                   s->several == 1 ? "has" : "have");
}

static void note_next(const struct tag_sums *s,
                      const struct prediction_reader *r, size_t largest,
                      struct buf *notes)
{
    const char *file = csv_reader_file(r->csv);

    buf_printf(notes,
               "next: mend '%s' (%zu of %zu), or add training rows like it; "
               "what it brought: assay eval --compare %s NEW.csv\n",
               s->file->tags.text[largest], s->tags[largest].n, s->tagged,
               file);
    if (s->tagged < s->wrong)
        buf_printf(notes,
                   "next: tag more of the errors: assay confuse --top-losses "
                   "%zu %s\n",
                   s->wrong, file);
}

static int tag_rows(void *sums, const struct prediction_reader *from,
                    struct rows *rows, struct buf *notes, struct err *err)
{
    const struct tag_sums *s = sums;
    struct ranked_tag *ranked;

    if (s->wrong && !s->tagged) {
        err_set(err, ERR_DATA, "no row that is wrong has a tag");
        return err_at(err, s->file->name, 0);
    }
    rows_init(rows, "tag,n,share,low,high,error,error_after,after_low,"
                    "after_high,ids");
    note_strays(s, notes);
    if (!s->wrong)
        return 0;
    ranked = rank(s);
    for (size_t i = 0; i < s->file->tags.count; i++)
        add_tag(rows, s, ranked[i].tag);
    add_untagged(rows, s);
    note_share(s, notes);
    note_next(s, from, ranked[0].tag, notes);
    free(ranked);
    return 0;
}

const struct prediction_table tag_table = {"tag", "share",  tag_begin, tag_add,
                                           NULL,  tag_rows, NULL,      tag_end};
