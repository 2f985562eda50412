#include "cli/curve_view.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/dict.h"
#include "base/mem.h"
#include "base/num.h"

static double number(const struct rows *rows, size_t row, size_t column)
{
    const char *cell = rows_cell(rows, row, column);
    double value = NAN;

    num_parse_any(cell, strlen(cell), &value);
    return value;
}

/* One column of the rows of one split (and fold), in order. */
static void draw_one(struct view *view, const struct rows *curve,
                     const char *split, const char *fold, const char *column)
{
    size_t s = rows_find(curve, "split"), f = rows_find(curve, "fold"),
           c = rows_find(curve, column), n = 0;
    double *values = mem_alloc(rows_n(curve), sizeof(*values));
    char caption[64];

    for (size_t r = 0; r < rows_n(curve); r++)
        if (strcmp(rows_cell(curve, r, s), split) == 0 &&
            (f == CSV_NONE || strcmp(rows_cell(curve, r, f), fold) == 0))
            values[n++] = number(curve, r, c);
    snprintf(caption, sizeof(caption), "%s%s%-8s %-6s", fold, *fold ? "  " : "",
             split, column);
    if (n)
        view_sparkline(view, values, n, 40, caption);
    free(values);
}

static void add_cell(struct dict *dict, const char *cell)
{
    dict_add(dict, cell, strlen(cell));
}

void curve_view(struct view *view, const struct rows *curve)
{
    struct dict splits = {0}, folds = {0};
    size_t s = rows_find(curve, "split"), f = rows_find(curve, "fold");

    for (size_t r = 0; r < rows_n(curve); r++) {
        add_cell(&splits, rows_cell(curve, r, s));
        add_cell(&folds, f == CSV_NONE ? "" : rows_cell(curve, r, f));
    }
    for (size_t k = 0; k < folds.count; k++)
        for (size_t i = 0; i < splits.count; i++) {
            draw_one(view, curve, splits.text[i], folds.text[k], "loss");
            draw_one(view, curve, splits.text[i], folds.text[k], "error");
        }
    dict_release(&splits);
    dict_release(&folds);
}
