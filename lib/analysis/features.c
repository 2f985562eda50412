#include "analysis/features.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

enum { GRID_COLUMNS = 15 };

static bool has_place(const struct column *column)
{
    return column->role == ROLE_FEATURE &&
           (column->type == TYPE_NUMBER || column->type == TYPE_CATEGORY ||
            column->type == TYPE_TEXT);
}

void features_init(struct features *f, const struct table *t)
{
    size_t places[TYPE_IMAGE + 1] = {0}; /* of each type */

    *f = (struct features){.at = mem_alloc(t->schema->n + 1, sizeof(*f->at))};
    for (size_t i = 0; t->schema->form == FORM_ROW && i < t->schema->n; i++) {
        const struct column *column = &t->schema->columns[i];
        struct feature *to = &f->at[f->n];
        size_t level;
        if (!has_place(column))
            continue;
        *to = (struct feature){column, places[(size_t)column->type]++,
                               LEVEL_UNSEEN};
        f->n++;
        if (column->type != TYPE_CATEGORY)
            continue;
        level = dict_find(&t->dicts[to->place], "", 0);
        if (level != DICT_NONE)
            to->missing_level = (uint32_t)level;
    }
}

void features_release(struct features *f)
{
    free(f->at);
    *f = (struct features){0};
}

bool feature_missing(const struct table *t, const struct feature *f, size_t row)
{
    switch (f->column->type) {
    case TYPE_NUMBER:
        return isnan(t->numbers[row * t->n_numbers + f->place]);
    case TYPE_CATEGORY:
        return t->levels[row * t->n_categories + f->place] == f->missing_level;
    case TYPE_TEXT:
        return t->texts[f->place].start[row] ==
               t->texts[f->place].start[row + 1];
    case TYPE_SEQUENCE:
    case TYPE_IMAGE:
        break;
    }
    return false;
}

/* A float has 24 bits of the distance from the mean; what is below them in the
 * sum is not the file's. */
double feature_value(const struct feature *f, double number)
{
    double value = number + f->column->shift,
           least = pow(10, ceil(log10(fmax(fabs(number) * 0x1p-23, 1e-300))));

    return fabs(number) > 0 ? num_round(round(value / least) * least, 15)
                            : value;
}

/* Columns of numbers, those that begin at `low`, those that end at `high`. */
static void count_ends(const struct features *f, double low, double high,
                       size_t *numbers, size_t *begin, size_t *end)
{
    *numbers = *begin = *end = 0;
    for (size_t i = 0; i < f->n; i++) {
        const struct column *c = f->at[i].column;
        if (c->type != TYPE_NUMBER)
            continue;
        ++*numbers;
        if (!(c->low > low))
            ++*begin;
        if (!(c->high < high))
            ++*end;
    }
}

struct grid features_grid(const struct features *f)
{
    struct grid grid = {false, INFINITY, -INFINITY};
    size_t numbers, begin, end;

    for (size_t i = 0; i < f->n; i++)
        if (f->at[i].column->type == TYPE_NUMBER) {
            grid.low = fmin(grid.low, f->at[i].column->low);
            grid.high = fmax(grid.high, f->at[i].column->high);
        }
    count_ends(f, grid.low, grid.high, &numbers, &begin, &end);
    grid.is = numbers > GRID_COLUMNS && 2 * begin > numbers &&
              4 * end >= numbers;
    return grid;
}

bool grid_has(const struct grid *grid, double value)
{
    return grid->is && value >= grid->low && value <= grid->high;
}
