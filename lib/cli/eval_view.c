#include "cli/eval_view.h"

void draw_coverage(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"threshold", "confidence from", VIEW_NUMBER, false},
        {"coverage", "decided", VIEW_PERCENT, false},
        {"error", "error", VIEW_PERCENT, false},
        {"low", "low", VIEW_PERCENT, false},
        {"high", "high", VIEW_PERCENT, false},
        {"n", "rows", VIEW_COUNT, false},
        {"coverage", "", VIEW_BAR, false}};

    view_table(view, rows, spec, sizeof(spec) / sizeof(*spec));
}
