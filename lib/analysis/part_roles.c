#include "analysis/part_roles.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "stats/select.h"

static const double BY_TIME = .75;

void part_roles_init(struct part_roles *v, const struct table *t)
{
    size_t named = dict_find(&t->parts, "train", 5);

    *v = (struct part_roles){.table = t, .n = t->parts.count};
    v->rows = mem_zalloc(v->n + 1, sizeof(*v->rows));
    for (size_t i = 0; i < t->n; i++)
        v->rows[t->part[i]]++;
    v->is_train = named != DICT_NONE && v->rows[named];
    for (size_t p = 0; p < v->n; p++)
        if (v->rows[p] > v->rows[v->train])
            v->train = p;
    if (v->is_train)
        v->train = named;
}

void part_roles_release(struct part_roles *v)
{
    free(v->rows);
    memset(v, 0, sizeof(*v));
}

bool part_roles_is_other(const struct part_roles *v, size_t part)
{
    return part != v->train && v->rows[part] && v->table->parts.len[part];
}

bool part_roles_several(const struct part_roles *v)
{
    for (size_t p = 0; p < v->n; p++)
        if (part_roles_is_other(v, p))
            return true;
    return false;
}

bool part_roles_is_later(const struct part_roles *v, const uint64_t *time,
                         size_t part)
{
    uint64_t *here, median;
    double known = 0, before = 0;
    size_t n = 0;

    if (!time)
        return false;
    here = mem_alloc(v->rows[part], sizeof(*here));
    for (size_t i = 0; i < v->table->n; i++)
        if (v->table->part[i] == part && time[i])
            here[n++] = time[i];
    median = n ? select_lowest(here, n, n / 2) : 0;
    free(here);
    for (size_t i = 0; i < v->table->n; i++) {
        bool train = v->table->part[i] == v->train && time[i];
        known += train;
        before += train && time[i] < median;
    }
    return known > 0 && before >= BY_TIME * known;
}

void first_rows_add(struct first_rows *r, size_t row)
{
    size_t at = r->n < FIRST_ROWS ? r->n : FIRST_ROWS;

    r->n++;
    if (at == FIRST_ROWS && row > r->row[--at])
        return;
    for (; at > 0 && r->row[at - 1] > row; at--)
        r->row[at] = r->row[at - 1];
    r->row[at] = row;
}

void first_rows_say(const struct first_rows *r, struct buf *out)
{
    size_t shown = r->n < FIRST_ROWS ? r->n : FIRST_ROWS;

    buf_printf(out, "row%s", plural(r->n));
    for (size_t i = 0; i < shown; i++)
        buf_printf(out, "%s %zu", i ? "," : "", r->row[i] + 1);
    if (r->n > shown)
        buf_printf(out, " and %zu more", r->n - shown);
}
