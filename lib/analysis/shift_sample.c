/* The samples of two profiles as rows of one table. */
#include <stdlib.h>
#include <string.h>

#include "analysis/shift_tests.h"
#include "base/mem.h"
#include "table/table_cells.h"

/* A column of predictions, or of images, of which there are no cells. */
static bool is_left_out(const struct shift_question *q, const struct column *c)
{
    return c->type == TYPE_IMAGE ||
           (q->frame->pred != CSV_NONE &&
            (strcmp(c->name, "pred") == 0 || strncmp(c->name, "p:", 2) == 0));
}

static void copy_schema(const struct shift_question *q, struct schema *to)
{
    const struct schema *from = &q->frame->schema;

    to->n = from->n;
    to->columns = mem_zalloc(from->n, sizeof(*to->columns));
    to->ngrams = NGRAM_DEFAULTS;
    to->form = from->form == FORM_STEPS ? FORM_STEPS : FORM_ROW;
    for (size_t i = 0; i < from->missing.n; i++)
        list_add(&to->missing, from->missing.items[i]);
    for (size_t i = 0; i < from->n; i++) {
        struct column *c = &to->columns[i];
        c->name = mem_strdup(from->columns[i].name);
        c->role = from->columns[i].role;
        c->type = from->columns[i].type;
        c->shift = from->columns[i].shift;
        c->width = from->columns[i].width;
        if (c->role == ROLE_FEATURE && is_left_out(q, c))
            c->role = ROLE_UNUSED;
    }
}

static int add_cell(struct table *t, size_t i, size_t place, const char *cell,
                    struct err *err)
{
    size_t len = strlen(cell);

    switch (t->schema->columns[i].type) {
    case TYPE_NUMBER:
        return table_set_number(t, t->n, i, place, cell, len, err);
    case TYPE_CATEGORY:
        table_set_level(t, t->n, i, place, cell, len);
        break;
    case TYPE_TEXT:
        table_add_text(t, place, cell, len);
        break;
    case TYPE_SEQUENCE:
        return table_add_sequence(t, i, cell, len, err);
    case TYPE_IMAGE:
        break;
    }
    return 0;
}

/* cells: those of the columns that were used when the profile was made. */
static int add_row(struct table *t, const struct schema *whole,
                   char *const *cells, struct err *err)
{
    size_t place[N_TYPES] = {0}, cell = 0;

    table_reserve(t, 1);
    for (size_t i = 0; i < whole->n; i++) {
        const struct column *c = &t->schema->columns[i];
        if (whole->columns[i].role == ROLE_UNUSED)
            continue;
        cell++;
        if (c->role == ROLE_FEATURE &&
            add_cell(t, i, place[c->type]++, cells[cell - 1], err) != 0)
            return -1;
    }
    table_set_label(t, t->n, NULL, 0);
    table_set_part(t, t->n, NULL, 0);
    if (table_set_weight(t, t->n, NULL, 0, err) != 0)
        return -1;
    t->fingerprint[t->n++] = 0;
    return 0;
}

static int add_side(const struct shift_question *q, struct table *t,
                    const struct profile *p, struct row_set *set,
                    struct err *err)
{
    set->row = mem_alloc(p->sample.n + 1, sizeof(*set->row));
    for (size_t i = 0; i < p->sample.n; i++) {
        set->row[set->n++] = t->n;
        if (add_row(t, &q->frame->schema, p->sample.row[i].cells, err) != 0)
            return -1;
    }
    return 0;
}

int shift_sample_make(const struct shift_question *q, struct shift_sample *s,
                      struct err *err)
{
    memset(s, 0, sizeof(*s));
    copy_schema(q, &s->schema);
    if (table_init(&s->table, &s->schema, NULL, err) != 0 ||
        add_side(q, &s->table, q->reference, &s->reference, err) != 0)
        return -1;
    return add_side(q, &s->table, q->current, &s->current, err);
}

void shift_sample_release(struct shift_sample *s)
{
    table_release(&s->table);
    schema_release(&s->schema);
    free(s->reference.row);
    free(s->current.row);
}
