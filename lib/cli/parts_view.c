#include "cli/parts_view.h"

#include <string.h>

#include "base/num.h"

enum { MOST_ROWS = 40 };

/* The rows that are shown: those at the head that have a loss. */
static size_t worth_showing(const struct rows *rows)
{
    size_t loss = rows_find(rows, "loss"), n = 0;

    while (n < rows_n(rows) && n < MOST_ROWS &&
           strcmp(rows_cell(rows, n, loss), "0") != 0)
        n++;
    return n;
}

void draw_by_row(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"id", NULL, VIEW_TEXT, false},
        {"label", "is", VIEW_TEXT, false},
        {"main_pred", "taken for", VIEW_TEXT, false},
        {"bias", NULL, VIEW_NUMBER, false},
        {"variance", NULL, VIEW_NUMBER, false},
        {"noise", NULL, VIEW_NUMBER, true},
        {"loss", NULL, VIEW_NUMBER, false},
        {"loss", "", VIEW_BAR, false}};
    struct rows head = *rows;
    size_t n = worth_showing(rows), more = rows_n(rows) - n;

    head.n_cells = n * rows->n_columns;
    view_table(view, &head, spec, sizeof(spec) / sizeof(*spec));
    if (more)
        fprintf(view->out, "%zu row%s more in --csv\n", more, plural(more));
}
