#include "cli/confuse_view.h"

#include <stdlib.h>

#include "base/mem.h"
#include "stream/flow_rows.h"
#include "stream/top_losses.h"

void draw_pairs(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"label", "is", VIEW_TEXT, false},
        {"pred", "taken for", VIEW_TEXT, false},
        {"count", "rows", VIEW_COUNT, false},
        {"rate", "of its rows", VIEW_PERCENT, false},
        {"low", "low", VIEW_PERCENT, false},
        {"high", "high", VIEW_PERCENT, false},
        {"share", "of errors", VIEW_PERCENT, false},
        {"ids", "such as", VIEW_TEXT, true}};

    view_table(view, rows, spec, sizeof(spec) / sizeof(*spec));
}

void draw_classes(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"class", NULL, VIEW_TEXT, false},
        {"n", "rows", VIEW_COUNT, false},
        {"predicted", NULL, VIEW_COUNT, false},
        {"precision", NULL, VIEW_PERCENT, false},
        {"recall", NULL, VIEW_PERCENT, false},
        {"f1", "F1", VIEW_PERCENT, false},
        {"f1_low", "low", VIEW_PERCENT, false},
        {"f1_high", "high", VIEW_PERCENT, false}};

    view_table(view, rows, spec, sizeof(spec) / sizeof(*spec));
}

void draw_top_losses(struct view *view, const struct rows *rows)
{
    struct view_column *spec = mem_zalloc(rows->n_columns + 6, sizeof(*spec));
    bool sure = rows_find(rows, "prob") != CSV_NONE;
    size_t n = 0;

    spec[n++] = (struct view_column){"id", NULL, VIEW_TEXT, true};
    spec[n++] = (struct view_column){"label", "is", VIEW_TEXT, false};
    spec[n++] = (struct view_column){"pred", "taken for", VIEW_TEXT, false};
    spec[n++] = sure ? (struct view_column){"prob", "sure", VIEW_PERCENT, true}
                     : (struct view_column){"loss", NULL, VIEW_NUMBER, true};
    for (size_t i = 0; i + 2 < rows->n_columns; i++)
        if (top_is_kept(rows->columns[i]))
            spec[n++] =
                (struct view_column){rows->columns[i], NULL, VIEW_TEXT, true};
    spec[n++] = (struct view_column){"conflict", "like row", VIEW_TEXT, true};
    spec[n++] =
        (struct view_column){"conflict_label", "which is", VIEW_TEXT, true};
    view_table(view, rows, spec, n);
    free(spec);
}

void draw_label_issues(struct view *view, const struct rows *rows)
{
    enum { OWN = 6 };
    struct view_column *spec = mem_zalloc(rows->n_columns + OWN, sizeof(*spec));
    size_t n = 0;

    spec[n++] = (struct view_column){"id", NULL, VIEW_TEXT, true};
    spec[n++] = (struct view_column){"label", "is", VIEW_TEXT, false};
    spec[n++] = (struct view_column){"prob_label", "p", VIEW_PERCENT, false};
    spec[n++] = (struct view_column){"suggested", "perhaps", VIEW_TEXT, false};
    spec[n++] =
        (struct view_column){"prob_suggested", "p", VIEW_PERCENT, false};
    for (size_t i = OWN; i < rows->n_columns; i++)
        spec[n++] =
            (struct view_column){rows->columns[i], NULL, VIEW_TEXT, true};
    view_table(view, rows, spec, n);
    free(spec);
}

void draw_merges(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"step", NULL, VIEW_COUNT, false},
        {"class", NULL, VIEW_TEXT, false},
        {"into", NULL, VIEW_TEXT, false},
        {"error_after", "error", VIEW_PERCENT, false},
        {"low", NULL, VIEW_PERCENT, false},
        {"high", NULL, VIEW_PERCENT, false},
        {"bits_lost", "bits lost", VIEW_NUMBER, false}};

    view_table(view, rows, spec, sizeof(spec) / sizeof(*spec));
}

void draw_flow(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"change", "", VIEW_TEXT, false},
        {"label", "is", VIEW_TEXT, false},
        {"pred_a", "was taken for", VIEW_TEXT, false},
        {"pred_b", "now for", VIEW_TEXT, false},
        {"count", "rows", VIEW_COUNT, false},
        {"ids", "such as", VIEW_TEXT, true}};
    struct rows shown;

    rows_init(&shown, "change,label,pred_a,pred_b,count,ids");
    for (size_t i = 0; i < rows_n(rows); i++) {
        rows_text(&shown,
                  flow_change(rows_cell(rows, i, 0), rows_cell(rows, i, 1),
                              rows_cell(rows, i, 2)));
        for (size_t c = 0; c < rows->n_columns; c++)
            rows_text(&shown, rows_cell(rows, i, c));
    }
    view_table(view, &shown, spec, sizeof(spec) / sizeof(*spec));
    rows_release(&shown);
}

/* The rows without a tag say so. */
void draw_tags(struct view *view, const struct rows *rows)
{
    static const struct view_column spec[] = {
        {"tag", NULL, VIEW_TEXT, false},
        {"n", "rows", VIEW_COUNT, false},
        {"share", "of errors", VIEW_PERCENT, false},
        {"low", "low", VIEW_PERCENT, false},
        {"high", "high", VIEW_PERCENT, false},
        {"error_after", "after", VIEW_PERCENT, false},
        {"after_low", "low", VIEW_PERCENT, false},
        {"after_high", "high", VIEW_PERCENT, false},
        {"share", "", VIEW_BAR, false}};
    struct rows shown;

    rows_init(&shown, "");
    for (size_t c = 0; c < rows->n_columns; c++)
        rows_add_column(&shown, rows->columns[c]);
    for (size_t i = 0; i < rows_n(rows); i++)
        for (size_t c = 0; c < rows->n_columns; c++) {
            const char *cell = rows_cell(rows, i, c);
            rows_text(&shown, c == 0 && !*cell ? "(no tag)" : cell);
        }
    view_table(view, &shown, spec, sizeof(spec) / sizeof(*spec));
    rows_release(&shown);
}
