#include "cli/compare_view.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

#include "base/num.h"

static bool has_several(const struct rows *rows)
{
    size_t column = rows_find(rows, "model_b");

    for (size_t i = 1; i < rows_n(rows); i++)
        if (strcmp(rows_cell(rows, i, column), rows_cell(rows, 0, column)) != 0)
            return true;
    return false;
}

/* Four digits after the point, as in the columns beside it; or two in all. */
static void add_rounded(struct rows *rows, const char *cell)
{
    char text[NUM_SIZE];
    double value;

    if (!num_parse(cell, strlen(cell), &value)) {
        rows_text(rows, cell);
        return;
    }
    snprintf(text, sizeof(text),
             value == 0 || fabs(value) >= .001 ? "%.4f" : "%.1e", value);
    rows_text(rows, text);
}

static const char *short_test(const char *test)
{
    return strcmp(test, "mcnemar_exact") == 0   ? "McNemar"
           : strcmp(test, "mcnemar_mid_p") == 0 ? "mid-p"
           : strcmp(test, "permutation") == 0   ? "permuted"
                                                : test;
}

void draw_comparison(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"model_b", "model", VIEW_TEXT, false},
        {"metric", NULL, VIEW_TEXT, false},
        {"a", NULL, VIEW_NUMBER, false},
        {"b", NULL, VIEW_NUMBER, false},
        {"difference", "b - a", VIEW_NUMBER, false},
        {"low", NULL, VIEW_NUMBER, false},
        {"high", NULL, VIEW_NUMBER, false},
        {"p_adjusted", "p", VIEW_NUMBER, false},
        {"test", NULL, VIEW_TEXT, false}};
    size_t skip = !has_several(rows);
    struct rows shown;

    rows_init(&shown, "model_b,metric,a,b,difference,low,high,p_adjusted,test");
    for (size_t i = 0; i < rows_n(rows); i++)
        for (size_t c = 0; c < shown.n_columns; c++) {
            const char *name = shown.columns[c],
                       *cell = rows_cell(rows, i, rows_find(rows, name));
            if (strcmp(name, "test") == 0)
                rows_text(&shown, short_test(cell));
            else if (c < 2)
                rows_text(&shown, cell);
            else
                add_rounded(&shown, cell);
        }
    view_table(view, &shown, spec + skip, sizeof(spec) / sizeof(*spec) - skip);
    rows_release(&shown);
}
