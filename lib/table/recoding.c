#include "table/recoding.h"

#include <limits.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "csv/reader.h"

static void add(struct recoding *r, const char *class, size_t len,
                const char *into)
{
    bool made = false;

    for (size_t i = 0; i < r->to.n; i++)
        if (strcmp(r->to.items[i], class) == 0) {
            free(r->to.items[i]);
            r->to.items[i] = mem_strdup(into);
            made = true;
        }
    if (dict_find(&r->from, class, len) != DICT_NONE)
        return;
    dict_add(&r->from, class, len);
    list_add(&r->to, into);
    r->met = mem_grow(r->met, &r->capacity, r->to.n, sizeof(*r->met));
    r->met[r->to.n - 1] = made;
}

/* The columns of the table; `step` is CSV_NONE where steps do not matter. */
struct plan {
    struct csv_reader *rows;
    size_t class, into, step;
};

static int plan_open(struct plan *plan, const char *path, bool has_steps,
                     struct err *err)
{
    char *paths[] = {(char *)path};
    struct csv_options plain = {0};

    plan->step = CSV_NONE;
    plan->rows = csv_reader_open(paths, 1, &plain, err);
    if (!plan->rows ||
        csv_reader_require(plan->rows, "class", &plan->class, err) != 0 ||
        csv_reader_require(plan->rows, "into", &plan->into, err) != 0)
        return -1;
    return has_steps ? csv_reader_require(plan->rows, "step", &plan->step, err)
                     : 0;
}

static int read_step(const struct plan *plan, size_t *step, struct err *err)
{
    const struct csv_field *f = csv_reader_fields(plan->rows) + plan->step;
    char quoted[ERR_QUOTE_SIZE];
    long value;

    if (num_parse_long(f->text, 1, LONG_MAX, &value)) {
        *step = (size_t)value;
        return 0;
    }
    err_set(err, ERR_DATA, "not a whole number from 1: %s",
            err_quote(quoted, sizeof(quoted), f->text, f->len));
    return csv_reader_blame(plan->rows, plan->step, err);
}

static int add_row(struct recoding *r, const struct plan *plan, size_t steps,
                   struct err *err)
{
    const struct csv_field *f = csv_reader_fields(plan->rows);
    size_t step = 0;

    if (steps && read_step(plan, &step, err) != 0)
        return -1;
    if (step > r->last_step)
        r->last_step = step;
    if (step <= steps)
        add(r, f[plan->class].text, f[plan->class].len, f[plan->into].text);
    return 0;
}

int recoding_read(struct recoding *r, const char *path, size_t steps,
                  struct err *err)
{
    struct plan plan;
    int got = plan_open(&plan, path, steps > 0, err) == 0 ? 1 : -1;

    while (got == 1 && (got = csv_reader_next(plan.rows, err)) == 1)
        got = add_row(r, &plan, steps, err) == 0 ? 1 : -1;
    csv_reader_close(plan.rows);
    return got;
}

void recoding_release(struct recoding *r)
{
    dict_release(&r->from);
    list_release(&r->to);
    free(r->met);
}

const char *recoding_of(const struct recoding *r, const char *label, size_t len)
{
    size_t at = r->to.n ? dict_find(&r->from, label, len) : DICT_NONE;

    if (at == DICT_NONE)
        return NULL;
    r->met[at] = true;
    return r->to.items[at];
}

size_t recoding_unmet(const struct recoding *r, const char **first)
{
    size_t n = 0;

    *first = NULL;
    for (size_t i = 0; i < r->to.n; i++)
        if (!r->met[i] && !n++)
            *first = r->from.text[i];
    return n;
}
