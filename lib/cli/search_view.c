#include "cli/search_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "cli/line_view.h"
#include "cli/track_layout.h"

enum {
    NUMBER = 6,    /* "100.0%" */
    INTERVAL = 15, /* "100.0 - 100.0", and a gap */
    EXPECTED = 8,  /* "medium", and a gap */
    MOST_PAIRS = 5,
    MOST_WORDS = 3 /* sentences on what is not as expected */
};

/* Pairs of less are not shown. */
static const double LEAST_PAIR = .01;

static bool is_pair(const struct rows *rows, size_t row)
{
    return *rows_named(rows, row, "other") != '\0';
}

static void draw_text(struct view *view, const char *text)
{
    struct buf line = {0};

    line_wrap(&line, text, 2, line_columns(view) - 2, view);
    buf_release(&line);
}

/* ---- importance ---- */

/* "learning_rate", or "learning_rate x batch". */
static void name_row(struct buf *name, const struct rows *rows, size_t row,
                     bool utf8)
{
    buf_clear(name);
    buf_add_text(name, rows_named(rows, row, "parameter"));
    if (is_pair(rows, row))
        buf_printf(name, " %s %s", utf8 ? "×" : "x",
                   rows_named(rows, row, "other"));
}

/* Pairs are there only if they are beyond chance, and not many. */
static bool is_shown(const struct rows *rows, size_t row, size_t pairs)
{
    return !is_pair(rows, row) ||
           (pairs < MOST_PAIRS && rows_value(rows, row, "low") > 0 &&
            rows_value(rows, row, "importance") >= LEAST_PAIR);
}

static size_t widest_name(const struct rows *rows, bool utf8)
{
    struct buf name = {0};
    size_t widest = 1, pairs = 0;

    for (size_t r = 0; r < rows_n(rows); r++) {
        char *clean;
        size_t width;
        if (!is_shown(rows, r, pairs))
            continue;
        pairs += is_pair(rows, r);
        name_row(&name, rows, r, utf8);
        clean = line_clean_copy(name.data, utf8);
        width = line_width(clean);
        widest = width > widest ? width : widest;
        free(clean);
    }
    buf_release(&name);
    return widest;
}

static void add_importance(struct buf *line, const struct track_layout *l,
                           const struct rows *rows, size_t row,
                           const struct view *view)
{
    double value = rows_value(rows, row, "importance");
    double low = rows_value(rows, row, "low"),
           high = rows_value(rows, row, "high");
    struct buf text = {0};

    buf_add_text(&text, "");
    if (!isnan(value)) {
        line_percent(&text, value);
        buf_add_char(&text, '%');
    } else {
        buf_add_char(&text, '?');
    }
    line_cell(line, text.data, l->number, true, view->utf8);
    buf_clear(&text);
    buf_add_text(&text, "");
    if (l->interval && !isnan(low))
        buf_printf(&text, "%5.1f - %5.1f", 100 * low, 100 * high);
    line_cell(line, text.data, l->interval, true, view->utf8);
    buf_release(&text);
}

static void draw_importance(struct view *view, const struct track_layout *l,
                            const struct rows *rows, size_t row)
{
    struct track track = {.low = 0, .high = 1, .width = l->track};
    struct buf line = {0}, name = {0};

    name_row(&name, rows, row, view->utf8);
    track_add_name(&line, l, name.data, view);
    add_importance(&line, l, rows, row, view);
    track_clear(&track);
    if (l->track)
        track_bar(&track, rows_value(rows, row, "importance"),
                  rows_value(rows, row, "low"), rows_value(rows, row, "high"));
    track_add(&line, l, &track, view);
    if (l->word) {
        char *word =
            line_clean_copy(rows_named(rows, row, "expected"), view->utf8);
        line_cell(&line, word, l->word, true, view->utf8);
        free(word);
    }
    line_end(&line, view);
    buf_release(&line);
    buf_release(&name);
}

/* ---- what is not as expected ---- */

/* 3 for high, 2, 1 for low; 0: nothing is expected. */
static int rank_of(const struct rows *rows, size_t row)
{
    static const char *const words[] = {"low", "medium", "high"};
    const char *word = rows_named(rows, row, "expected");

    for (int i = 0; i < 3 && !is_pair(rows, row); i++)
        if (strcmp(word, words[i]) == 0)
            return i + 1;
    return 0;
}

/* Whether less is expected of a than of b, and a is above b beyond noise. */
static bool is_turned(const struct rows *rows, size_t a, size_t b)
{
    return rank_of(rows, a) && rank_of(rows, a) < rank_of(rows, b) &&
           rows_value(rows, a, "low") > rows_value(rows, b, "high");
}

/* "batch (expected low) above hidden, schedule (high)". */
static bool add_turned(struct buf *text, const struct rows *rows, size_t a)
{
    bool any = false;

    for (int rank = 3; rank > 1; rank--) {
        size_t n = 0;
        for (size_t b = 0; b < rows_n(rows); b++) {
            if (rank_of(rows, b) != rank || !is_turned(rows, a, b))
                continue;
            if (!any)
                buf_printf(text, "%s (%s) above ",
                           rows_named(rows, a, "parameter"),
                           rows_named(rows, a, "expected"));
            buf_printf(text, "%s%s", n ? ", " : (any ? " and " : ""),
                       rows_named(rows, b, "parameter"));
            any = true;
            n++;
        }
        if (n)
            buf_printf(text, " (%s)", rank == 3 ? "high" : "medium");
    }
    return any;
}

static void draw_expectation(struct view *view, const struct rows *rows)
{
    struct buf text = {0}, one = {0};
    size_t n = 0, expected = 0;
    char *clean;

    buf_add_text(&text, "");
    for (size_t a = 0; a < rows_n(rows); a++) {
        expected += rank_of(rows, a) > 0;
        buf_clear(&one);
        if (!add_turned(&one, rows, a) || n++ >= MOST_WORDS)
            continue;
        buf_printf(&text, "%s%s",
                   n > 1 ? "; " : "not as the lecture expects: ", one.data);
    }
    if (n > MOST_WORDS)
        buf_printf(&text, "; and %zu more", n - MOST_WORDS);
    if (!n && expected > 1)
        buf_add_text(&text, "nothing here is, beyond noise, in another order "
                            "than the lecture expects");
    clean = line_clean_copy(text.data, view->utf8);
    if (*clean)
        draw_text(view, clean);
    free(clean);
    buf_release(&text);
    buf_release(&one);
}

void importance_view(struct view *view, const struct rows *rows)
{
    size_t pairs = 0, beyond = 0;
    bool expected = false;
    struct track_layout l;

    for (size_t r = 0; r < rows_n(rows); r++) {
        expected |= rank_of(rows, r) > 0;
        beyond += rows_value(rows, r, "low") > 0;
    }
    l = track_lay_out(view, widest_name(rows, view->utf8), NUMBER, INTERVAL,
                      expected ? EXPECTED : 0);
    for (size_t r = 0; r < rows_n(rows); r++) {
        if (!is_shown(rows, r, pairs))
            continue;
        if (is_pair(rows, r) && !pairs++)
            draw_text(view, "together, beyond what each does alone");
        draw_importance(view, &l, rows, r);
    }
    if (!beyond && rows_n(rows))
        draw_text(view, "nothing here is more than chance: it did not matter, "
                        "or there are too few trials to see it");
    else
        draw_expectation(view, rows);
}
