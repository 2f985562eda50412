#include "cli/eval_view.h"

#include <string.h>

#include "stream/metric_kind.h"

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

static bool is_fraction(const struct rows *rows)
{
    const char *metric = rows_n(rows) ? rows_cell(rows, 0, 1) : "";

    return strcmp(metric, metric_kind_name(METRIC_LOG_LOSS)) != 0 &&
           strcmp(metric, metric_kind_name(METRIC_BRIER)) != 0;
}

void draw_importance(struct view *view, const struct rows *rows)
{
    enum view_format format = is_fraction(rows) ? VIEW_PERCENT : VIEW_NUMBER;
    const struct view_column spec[] = {
        {"feature", NULL, VIEW_TEXT, false}, {"metric", NULL, VIEW_TEXT, false},
        {"drop", NULL, format, false},       {"low", NULL, format, false},
        {"high", NULL, format, false},       {"drop", "", VIEW_BAR, false}};

    view_table(view, rows, spec, sizeof(spec) / sizeof(*spec));
}
