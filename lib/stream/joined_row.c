#include "stream/joining.h"

#include <math.h>
#include <string.h>

#include "base/mem.h"

/* Ours, of a class of a reader. */
uint32_t joining_class(struct joining *j, struct source *s, size_t class)
{
    const struct dict *names = &s->reader.classes;
    size_t had = s->class_capacity;

    if (class == CLASS_NONE)
        return NO_CLASS;
    s->class =
        mem_grow(s->class, &s->class_capacity, class + 1, sizeof(*s->class));
    memset(s->class + had, 0, (s->class_capacity - had) * sizeof(*s->class));
    if (!s->class[class])
        s->class[class] = (uint32_t)dict_add(&j->out->classes,
                                             names->text[class],
                                             names->len[class]) +
                          1;
    return s->class[class] - 1;
}

/* By the label that counts, `label` among the reader's classes. */
static double brier_of(const struct prediction_reader *r, size_t label)
{
    double sum = label < r->n_p ? 0 : 1;

    if (!r->n_p)
        return NAN;
    for (size_t k = 0; k < r->n_p; k++) {
        double off = (double)r->row.p[k] - (k == label);
        sum += off * off;
    }
    return sum;
}

static double loss_of(const struct prediction_reader *r, size_t label)
{
    if (label == r->row.label)
        return r->row.loss;
    if (!r->n_p)
        return NAN;
    return label < r->n_p ? -log((double)r->row.p[label]) : INFINITY;
}

void joining_fill(struct joining *j, size_t f, size_t row)
{
    struct joined_model *m = &j->out->models[f];
    struct source *s = &j->sources[f];
    const struct prediction_reader *r = &s->reader;
    uint32_t counts = j->out->label[row];
    size_t label = r->row.label;

    m->pred[row] = joining_class(j, s, r->row.pred);
    if (counts == NO_CLASS)
        return;
    if (joining_class(j, s, label) != counts)
        label = dict_find(&r->classes, j->out->classes.text[counts],
                          j->out->classes.len[counts]);
    m->loss[row] = loss_of(r, label);
    m->brier[row] = brier_of(r, label);
}

int joining_check_label(struct joining *j, struct source *s, size_t row,
                        struct err *err)
{
    const struct prediction_reader *r = &s->reader;
    const struct dict *classes = &j->out->classes;
    const struct csv_field *id = &csv_reader_fields(r->csv)[r->id];
    uint32_t here = joining_class(j, s, r->row.label),
             there = j->out->label[row];
    char a[ERR_QUOTE_SIZE], b[ERR_QUOTE_SIZE], i[ERR_QUOTE_SIZE];

    if (j->options->labels_from || here == NO_CLASS || there == NO_CLASS ||
        here == there)
        return 0;
    err_set(err, ERR_DATA, "id %s: label %s, but %s in '%s' (%s)",
            err_quote(i, sizeof(i), id->text, id->len),
            err_quote(b, sizeof(b), classes->text[here], classes->len[here]),
            err_quote(a, sizeof(a), classes->text[there], classes->len[there]),
            j->out->models[j->first].name,
            s->numbered && j->sources[j->first].numbered
                ? "the ids are the numbers of the rows: are they the same rows?"
                : "--labels-from says which one counts");
    return err_at(err, csv_reader_file(r->csv), csv_reader_line(r->csv));
}
