#include "cli/findings_view.h"

#include <string.h>

static void draw_advice(struct view *view, const struct rows *rows, size_t row)
{
    struct view_column spec[] = {{"advice", "", VIEW_TEXT, false}};
    struct rows one;

    if (!*rows_named(rows, row, "advice"))
        return;
    (void)one;
    (void)spec;
    fprintf(view->out, "           %s\n", rows_named(rows, row, "advice"));
}

void draw_findings(struct view *view, const struct rows *rows)
{
    for (size_t i = 0; i < rows_n(rows); i++) {
        fprintf(view->out, "%-9s  %s, %s: %s (%s)\n",
                rows_named(rows, i, "status"), rows_named(rows, i, "check"),
                rows_named(rows, i, "subject"), rows_named(rows, i, "value"),
                rows_named(rows, i, "test"));
        draw_advice(view, rows, i);
    }
}
