#include "analysis/weigh_data.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/num.h"

static const double LEVEL = .05, FEW_SHARE = .1, FEW_ROWS = 100, NONE = .01,
                    COVERED = .8;

/* ---- reading ---- */

/* Adds the rows of another reader, whose columns may stand elsewhere. */
static int read_more(struct table *t, struct csv_reader *reader,
                     const char *root, struct err *err)
{
    struct table there;
    size_t *source = t->source;
    int status = table_init(&there, t->schema, reader, err);

    if (status == 0) {
        table_set_root(t, root);
        t->source = there.source;
        status = table_read(t, reader, err);
        t->source = source;
    }
    table_release(&there);
    return status;
}

static int read_both(struct table *t, struct schema *schema,
                     struct csv_reader *reference, struct csv_reader *current,
                     const struct weigh_options *o, struct buf *notes,
                     size_t *rows, struct err *err)
{
    if (schema_infer(schema, reference, o->schema, notes, err) != 0 ||
        csv_reader_rewind(reference, err) != 0 ||
        table_init(t, schema, reference, err) != 0)
        return -1;
    table_set_root(t, o->root);
    if (table_read(t, reference, err) != 0)
        return -1;
    *rows = t->n;
    return read_more(t, current, o->root, err);
}

/* Rows [from, to) of the parts that are asked for. */
static struct row_set rows_on(const struct table *t, const struct list *on,
                              const struct csv_reader *reader, size_t from,
                              size_t to)
{
    size_t split = schema_role(t->schema, ROLE_SPLIT);
    struct row_set set = {.row = mem_alloc(to - from, sizeof(*set.row))};
    bool all = !on || !on->n || split == CSV_NONE ||
               csv_reader_find(reader, t->schema->columns[split].name) ==
                   CSV_NONE;

    for (size_t i = from; i < to; i++)
        if (all || list_has(on, t->parts.text[t->part[i]]))
            set.row[set.n++] = i;
    return set;
}

/* ---- what the weights are worth ---- */

/* What weights cannot make up for: rows of the reference that are not there. */
static void say_missing(const struct weigh_data *d, struct buf *notes)
{
    const struct domain_weights *w = &d->weights;

    if (w->covered < NONE)
        buf_printf(notes, "no row of the reference is like the current ones: "
                          "none stands for them whatever its weight, label "
                          "current rows\n");
    else if (w->covered < COVERED)
        buf_printf(notes,
                   "about %.0f %% of the current rows are like none of the "
                   "reference: no weight stands for them, label some\n",
                   100 * (1 - w->covered));
    if (w->effective < FEW_SHARE * (double)d->n || w->effective < FEW_ROWS)
        buf_printf(notes,
                   "few rows stand for the current ones, and what none is "
                   "like has none: what is learned with these weights is "
                   "unsure, label current rows\n");
}

static void say_worth(const struct weigh_data *d, struct buf *notes)
{
    const struct domain_weights *w = &d->weights;

    buf_printf(notes,
               "%zu row%s count as %.0f where all are told from %zu: AUROC "
               "%.3f, %zu weight%s cut to %.3g\n",
               d->n, plural(d->n), w->effective, d->current, w->auroc,
               w->clipped, plural(w->clipped), w->clip);
    if (!(w->p < LEVEL))
        buf_printf(notes,
                   "nothing to weigh: the two are not told apart (p %.2g)\n",
                   w->p);
    else
        say_missing(d, notes);
}

static void say_few(const struct weigh_data *d, struct buf *notes)
{
    buf_printf(notes,
               "%zu row%s and %zu: fewer than %d of a table, or no column to "
               "tell them by, so all weights are 1\n",
               d->n, plural(d->n), d->current, DOMAIN_LEAST);
}

/* ---- all ---- */

static int check(const struct csv_reader *reference, struct err *err)
{
    if (csv_reader_key(reference) != CSV_NONE)
        return err_set(err, ERR_USAGE,
                       "long rows have no place for a weight a sequence");
    if (csv_reader_find(reference, WEIGH_COLUMN) == CSV_NONE)
        return 0;
    err_set(err, ERR_DATA, "there is a column '" WEIGH_COLUMN "' already");
    return err_at(err, csv_reader_file(reference), 0);
}

static int check_on(const struct row_set *set, const struct csv_reader *reader,
                    const struct list *on, struct err *err)
{
    if (set->n || !on || !on->n)
        return 0;
    err_set(err, ERR_DATA, "--on: no row has the split '%s'", on->items[0]);
    return err_at(err, csv_reader_file(reader), 0);
}

static int weigh(struct weigh_data *d, const struct table *t,
                 const struct csv_reader *reference,
                 const struct csv_reader *current,
                 const struct weigh_options *o, struct buf *notes,
                 struct err *err)
{
    struct row_set a = rows_on(t, o->on, reference, 0, d->rows),
                   b = rows_on(t, o->on, current, d->rows, t->n);
    int status = check_on(&a, reference, o->on, err);

    if (status == 0)
        status = check_on(&b, current, o->on, err);
    d->row = a.row;
    d->n = a.n;
    d->current = b.n;
    if (status == 0)
        domain_weigh(t, &a, &b, o->seed, &d->weights);
    free(b.row);
    if (status != 0)
        return status;
    if (isnan(d->weights.auroc))
        say_few(d, notes);
    else
        say_worth(d, notes);
    return 0;
}

int weigh_data_read(struct weigh_data *d, struct csv_reader *reference,
                    struct csv_reader *current, const struct weigh_options *o,
                    struct buf *notes, struct err *err)
{
    struct schema schema = {0};
    struct table t = {0};
    int status = check(reference, err);

    *d = (struct weigh_data){0};
    if (status == 0)
        status =
            read_both(&t, &schema, reference, current, o, notes, &d->rows, err);
    if (status == 0)
        status = weigh(d, &t, reference, current, o, notes, err);
    if (status == 0)
        status = table_lost(&t, err) || csv_reader_rewind(reference, err) ? -1
                                                                          : 0;
    table_release(&t);
    schema_release(&schema);
    return status;
}

int weigh_data_write(const struct weigh_data *d, struct csv_reader *reference,
                     struct csv_writer *w, struct err *err)
{
    size_t next = 0;
    int got;

    for (size_t i = 0; i < csv_reader_width(reference); i++)
        csv_writer_name(w, reference, i);
    csv_writer_text(w, WEIGH_COLUMN);
    if (csv_writer_end(w, err) != 0)
        return -1;
    for (size_t row = 0; (got = csv_reader_next(reference, err)) == 1; row++) {
        csv_writer_record(w, reference);
        if (next < d->n && d->row[next] == row)
            csv_writer_float(w, d->weights.weight[next++]);
        else
            csv_writer_text(w, "");
        if (csv_writer_end(w, err) != 0)
            return -1;
    }
    return got;
}

void weigh_data_summary(const struct weigh_data *d, struct rows *rows)
{
    const struct domain_weights *w = &d->weights;
    const struct {
        const char *name;
        double value;
    } of[] = {{"rows", (double)d->n},
              {"effective", w->effective},
              {"clipped", (double)w->clipped},
              {"clip", w->clip},
              {"auroc", w->auroc},
              {"p_value", w->p},
              {"covered", w->covered}};

    rows_init(rows, "name,value");
    for (size_t i = 0; i < sizeof(of) / sizeof(*of); i++) {
        rows_text(rows, of[i].name);
        rows_number(rows, of[i].value);
    }
}

void weigh_data_release(struct weigh_data *d)
{
    domain_weights_release(&d->weights);
    free(d->row);
    *d = (struct weigh_data){0};
}
