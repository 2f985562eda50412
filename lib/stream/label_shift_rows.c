#include "stream/label_shift_rows.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stream/label_shift_notes.h"

/* Rows that were read. */
struct gathered {
    float *p; /* [n][classes] */
    uint32_t *label;
    size_t n, p_capacity, label_capacity;
};

struct reading {
    struct gathered source, target;
    size_t *place;   /* [classes] of the reference: number in the current one */
    size_t nameless; /* labels of the reference without a p: column */
    size_t left_out; /* rows of split train */
    size_t trained;  /* of the source's rows, those of split train */
    size_t others[2]; /* rows of other models, of either stream */
};

static void gathered_release(struct gathered *g)
{
    free(g->p);
    free(g->label);
    *g = (struct gathered){0};
}

static void reading_release(struct reading *r)
{
    gathered_release(&r->source);
    gathered_release(&r->target);
    free(r->place);
}

static const char *reference_name(const struct label_shift_streams *s)
{
    return s->reference_name ? s->reference_name
                             : csv_reader_file(s->reference->csv);
}

static const char *current_name(const struct label_shift_streams *s)
{
    return s->current_name ? s->current_name : csv_reader_file(s->current->csv);
}

/* ---- classes ---- */

static int need_probs(const struct prediction_reader *from, const char *name,
                      struct err *err)
{
    if (from->n_p)
        return 0;
    err_set(err, ERR_DATA,
            "--label-shift needs p: columns (assay eval --probs writes them)");
    return err_at(err, name, 0);
}

static int no_class(const char *class, size_t len, const char *name,
                    const char *other, struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];

    err_set(err, ERR_DATA, "no p: column of class %s, which '%s' has",
            err_quote(quoted, sizeof(quoted), class, len), other);
    return err_at(err, name, 0);
}

/* Before a row was read: the classes are those of the p: columns. */
static int match_classes(const struct label_shift_streams *s, struct reading *r,
                         struct err *err)
{
    const struct dict *a = &s->reference->classes, *b = &s->current->classes;

    if (need_probs(s->reference, reference_name(s), err) != 0 ||
        need_probs(s->current, current_name(s), err) != 0)
        return -1;
    r->place = mem_alloc(s->reference->n_p, sizeof(*r->place));
    for (size_t k = 0; k < s->reference->n_p; k++) {
        r->place[k] = dict_find(b, a->text[k], a->len[k]);
        if (r->place[k] == DICT_NONE)
            return no_class(a->text[k], a->len[k], current_name(s),
                            reference_name(s), err);
    }
    for (size_t k = 0; k < s->current->n_p; k++)
        if (dict_find(a, b->text[k], b->len[k]) == DICT_NONE)
            return no_class(b->text[k], b->len[k], reference_name(s),
                            current_name(s), err);
    return 0;
}

/* ---- rows ---- */

/* place: NULL where classes have the order of the reference. */
static void gather(struct gathered *g, const struct prediction_reader *from,
                   const size_t *place)
{
    size_t classes = from->n_p;

    g->p = mem_grow(g->p, &g->p_capacity, (g->n + 1) * classes, sizeof(*g->p));
    for (size_t k = 0; k < classes; k++)
        g->p[g->n * classes + k] = from->row.p[place ? place[k] : k];
    g->n++;
}

static void gather_label(struct gathered *g, size_t label)
{
    g->label = mem_grow(g->label, &g->label_capacity, g->n, sizeof(*g->label));
    g->label[g->n - 1] = (uint32_t)label;
}

/* Which of several models the rows of one stream that count are of. */
struct model_of {
    bool any;
    size_t replica, train_size;
};

static bool is_of_first(struct model_of *first, const struct prediction *row)
{
    if (!first->any)
        *first = (struct model_of){true, row->replica, row->train_size};
    return row->replica == first->replica &&
           row->train_size == first->train_size;
}

static bool is_on(const struct label_shift_streams *s,
                  const struct prediction_reader *from)
{
    return !s->on || !s->on->n ||
           list_has(s->on, from->splits.text[from->row.split]);
}

static void add_source(const struct label_shift_streams *s, struct reading *r,
                       struct gathered *trained)
{
    const struct prediction_reader *from = s->reference;
    bool of_train = strcmp(from->splits.text[from->row.split], "train") == 0,
         asked = s->on && s->on->n;
    struct gathered *to = of_train && !asked ? trained : &r->source;

    if (from->row.label == CLASS_NONE)
        return;
    if (from->row.label >= from->n_p) {
        r->nameless++;
        return;
    }
    gather(to, from, NULL);
    gather_label(to, from->row.label);
    r->trained += of_train && asked;
}

static int no_source(const struct label_shift_streams *s, struct err *err)
{
    err_set(err, ERR_DATA, "%s",
            s->reference->label == CSV_NONE
                ? "no column 'label' (--columns label=COLUMN names another)"
                : "no row that counts has a label with a p: column");
    return err_at(err, reference_name(s), 0);
}

static int read_source(const struct label_shift_streams *s, struct reading *r,
                       struct err *err)
{
    struct prediction_reader *from = s->reference;
    struct gathered trained = {0};
    struct model_of first = {0};
    int got;

    while ((got = prediction_reader_next(from, err)) == 1) {
        if (!is_on(s, from))
            continue;
        if (is_of_first(&first, &from->row))
            add_source(s, r, &trained);
        else
            r->others[0]++;
    }
    if (r->source.n) {
        r->left_out = trained.n;
        gathered_release(&trained);
    } else {
        r->source = trained;
        r->trained = trained.n;
    }
    if (got != 0 || (s->on && prediction_check_on(from, s->on, err) != 0))
        return -1;
    return r->source.n ? 0 : no_source(s, err);
}

static int read_target(const struct label_shift_streams *s, struct reading *r,
                       struct err *err)
{
    struct model_of first = {0};
    int got;

    while ((got = prediction_reader_next(s->current, err)) == 1) {
        if (is_of_first(&first, &s->current->row))
            gather(&r->target, s->current, r->place);
        else
            r->others[1]++;
    }
    return got;
}

/* ---- what people are told ---- */

static void note_rows(const struct label_shift_streams *s,
                      const struct reading *r, struct buf *notes)
{
    buf_printf(notes, "%zu labelled rows of '%s', %zu rows of '%s'\n",
               r->source.n, reference_name(s), r->target.n, current_name(s));
    if (r->left_out)
        buf_printf(notes,
                   "%zu row%s of the split train left out: a model is surer "
                   "of rows it was trained on\n",
                   r->left_out, plural(r->left_out));
    if (r->trained)
        buf_printf(notes,
                   "warning: %zu of these labelled rows %s of the split train: "
                   "a model is surer of rows it was trained on, which reads as "
                   "another mix; give rows that it has not seen\n",
                   r->trained, r->trained == 1 ? "is" : "are");
    if (r->nameless)
        buf_printf(notes,
                   "warning: %zu row%s of '%s' left out, whose label has no p: "
                   "column\n",
                   r->nameless, plural(r->nameless), reference_name(s));
    for (int side = 0; side < 2; side++)
        if (r->others[side])
            buf_printf(notes,
                       "predictions of several models in '%s': %zu row%s of "
                       "others than the first left out\n",
                       side ? current_name(s) : reference_name(s),
                       r->others[side], plural(r->others[side]));
}

static void note_all(const struct label_shift_streams *s,
                     const struct reading *r, const struct label_shift *fit,
                     struct buf *notes)
{
    note_rows(s, r, notes);
    label_shift_notes(fit, notes);
}

/* ---- reading both ---- */

static int read_both(struct label_shift_streams *s, struct reading *r,
                     struct label_shift *fit, struct buf *notes,
                     struct err *err)
{
    struct class_probs source, target;

    *r = (struct reading){0};
    if (match_classes(s, r, err) != 0 || read_source(s, r, err) != 0 ||
        read_target(s, r, err) != 0) {
        reading_release(r);
        return -1;
    }
    source = (struct class_probs){r->source.p, r->source.label, r->source.n};
    target = (struct class_probs){r->target.p, NULL, r->target.n};
    label_shift_fit(fit, &source, &target, s->reference->n_p, &s->options);
    note_all(s, r, fit, notes);
    gathered_release(&r->source);
    gathered_release(&r->target);
    return 0;
}

int label_shift_rows(struct label_shift_streams *s, struct rows *rows,
                     struct buf *notes, struct err *err)
{
    struct label_shift fit;
    struct reading reading;

    if (read_both(s, &reading, &fit, notes, err) != 0)
        return -1;
    rows_init(rows, "class,reference,current,low,high,weight,weight_low,"
                    "weight_high,method");
    for (size_t k = 0; k < fit.classes; k++) {
        rows_text(rows, s->reference->classes.text[k]);
        rows_number(rows, fit.source[k]);
        rows_number(rows, fit.target[k]);
        rows_number(rows, fit.target_ci[k].low);
        rows_number(rows, fit.target_ci[k].high);
        rows_number(rows, fit.weight[k]);
        rows_number(rows, fit.weight_ci[k].low);
        rows_number(rows, fit.weight_ci[k].high);
        rows_text(rows, label_shift_method_name(fit.method));
    }
    label_shift_release(&fit);
    reading_release(&reading);
    return 0;
}

/* ---- corrected predictions ---- */

struct rewriting {
    const struct prediction_reader *from;
    const struct label_shift *fit;
    const size_t *place;
    size_t *class_of;   /* [width] of a p: column; CLASS_NONE: another one */
    float *p, *ordered; /* [classes] of the current stream, of the reference */
    size_t pred, rows, changed;
};

static void rewriting_init(struct rewriting *w,
                           const struct label_shift_streams *s,
                           const struct reading *r,
                           const struct label_shift *fit)
{
    size_t width = csv_reader_width(s->current->csv);

    *w = (struct rewriting){.from = s->current, .fit = fit, .place = r->place};
    w->p = mem_alloc(2 * fit->classes, sizeof(*w->p));
    w->ordered = w->p + fit->classes;
    w->class_of = mem_alloc(width, sizeof(*w->class_of));
    for (size_t i = 0; i < width; i++)
        w->class_of[i] = CLASS_NONE;
    for (size_t k = 0; k < s->current->n_p; k++)
        w->class_of[s->current->p[k]] = k;
}

static void rewriting_release(struct rewriting *w)
{
    free(w->p);
    free(w->class_of);
}

static void correct(struct rewriting *w)
{
    for (size_t k = 0; k < w->fit->classes; k++)
        w->ordered[k] = w->from->row.p[w->place[k]];
    label_shift_correct(w->fit, w->ordered);
    for (size_t k = 0; k < w->fit->classes; k++)
        w->p[w->place[k]] = w->ordered[k];
    w->pred = prediction_class(w->p, w->fit->classes);
    w->rows++;
    w->changed += w->pred != w->from->row.pred;
}

static void write_loss(const struct rewriting *w, struct csv_writer *writer)
{
    size_t label = w->from->row.label;

    if (label == CLASS_NONE)
        csv_writer_text(writer, "");
    else if (label >= w->fit->classes)
        csv_writer_text(writer, "inf");
    else
        csv_writer_float(writer, w->p[label] >= 1 ? 0 : -logf(w->p[label]));
}

static int write_row(struct rewriting *w, struct csv_writer *writer,
                     struct err *err)
{
    const struct prediction_reader *from = w->from;
    const struct csv_field *cell = csv_reader_fields(from->csv);
    size_t width = csv_reader_width(from->csv);

    correct(w);
    for (size_t i = 0; i < width; i++) {
        if (w->class_of[i] != CLASS_NONE)
            csv_writer_float(writer, w->p[w->class_of[i]]);
        else if (i == from->pred)
            csv_writer_cell(writer, from->classes.text[w->pred],
                            from->classes.len[w->pred]);
        else if (i == from->prob)
            csv_writer_float(writer, w->p[w->pred]);
        else if (i == from->loss)
            write_loss(w, writer);
        else
            csv_writer_field(writer, &cell[i]);
    }
    return csv_writer_end(writer, err);
}

static int write_all(struct rewriting *w, struct prediction_reader *from,
                     struct csv_writer *writer, struct err *err)
{
    int got = prediction_reader_rewind(from, err);

    if (got != 0)
        return -1;
    for (size_t i = 0; i < csv_reader_width(from->csv); i++)
        csv_writer_name(writer, from->csv, i);
    if (csv_writer_end(writer, err) != 0)
        return -1;
    while ((got = prediction_reader_next(from, err)) == 1)
        if (write_row(w, writer, err) != 0)
            return -1;
    return got;
}

/* Has it columns that are none of a stream of predictions? */
static bool has_others(const struct prediction_reader *from)
{
    const size_t own[] = {from->id,   from->split,   from->label,
                          from->pred, from->prob,    from->loss,
                          from->fold, from->replica, from->train_size};
    size_t n = from->n_p;

    for (size_t i = 0; i < sizeof(own) / sizeof(*own); i++)
        n += own[i] != CSV_NONE;
    return n < csv_reader_width(from->csv);
}

/* One of those may be what is missing. */
static void note_missing(const struct prediction_reader *from,
                         struct buf *notes)
{
    const char *name = from->pred == CSV_NONE ? "pred" : "prob";

    if ((from->pred == CSV_NONE || from->prob == CSV_NONE) && has_others(from))
        buf_printf(notes,
                   "no column '%s' to correct: by another name it stays as it "
                   "was (--columns %s=COLUMN names it)\n",
                   name, name);
}

static int one_model(const struct label_shift_streams *s,
                     const struct reading *r, struct err *err)
{
    if (!r->others[1])
        return 0;
    err_set(err, ERR_DATA,
            "predictions of several models: --correct takes one at a time");
    return err_at(err, current_name(s), 0);
}

int label_shift_rewrite(struct label_shift_streams *s,
                        struct csv_writer *writer, struct buf *notes,
                        struct err *err)
{
    struct label_shift fit;
    struct reading reading;
    struct rewriting w;
    int status;

    if (read_both(s, &reading, &fit, notes, err) != 0)
        return -1;
    rewriting_init(&w, s, &reading, &fit);
    status = one_model(s, &reading, err) == 0
                 ? write_all(&w, s->current, writer, err)
                 : -1;
    note_missing(s->current, notes);
    buf_printf(notes, "%zu of %zu predictions changed\n", w.changed, w.rows);
    rewriting_release(&w);
    label_shift_release(&fit);
    reading_release(&reading);
    return status;
}
