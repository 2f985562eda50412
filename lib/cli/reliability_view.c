#include "cli/reliability_view.h"

#include <math.h>
#include <string.h>

#include "base/num.h"
#include "cli/line_view.h"
#include "cli/track_view.h"

enum {
    WIDE = 60, /* columns from which on there are bars */
    EDGE = 5,  /* "100.0" */
    BAR = 12,
    WORD = 5, /* "under" */
    LEAST_ROWS = 4,
    LEAST_TRACK = 8,
    GAP = 2
};

enum field { LOW, HIGH, N, SURE, ACCURACY, FROM, TO, N_FIELDS };

static const char *const field_names[N_FIELDS] = {
    "low",          "high",         "n", "confidence", "accuracy",
    "accuracy_low", "accuracy_high"};

struct diagram {
    struct view *view;
    const struct rows *rows;
    size_t column[N_FIELDS];
    size_t begin, end; /* of the bins that are shown */
    double most;       /* rows in one of them */
    bool wide;
    size_t edges, counts, word; /* columns for them, gaps included */
    struct track track;
};

static double number(const struct diagram *d, size_t row, enum field which)
{
    const char *cell = d->column[which] == CSV_NONE
                           ? ""
                           : rows_cell(d->rows, row, d->column[which]);
    double value;

    return num_parse_any(cell, strlen(cell), &value) ? value : NAN;
}

/* ---- measuring ---- */

static void find_bins(struct diagram *d)
{
    size_t last = 0;

    d->begin = rows_n(d->rows);
    for (size_t row = 0; row < rows_n(d->rows); row++) {
        double n = number(d, row, N);
        if (!(n > 0))
            continue;
        d->begin = d->begin < row ? d->begin : row;
        last = row + 1;
        d->most = fmax(d->most, n);
    }
    d->end = last;
}

/* The scale: from tenths below all that is shown up to 1. */
static double scale_low(const struct diagram *d)
{
    double low = .9;

    for (size_t row = d->begin; row < d->end; row++)
        low = fmin(low, fmin(number(d, row, FROM), number(d, row, SURE)));
    return fmax(floor(low * 10) / 10, 0);
}

/* What stands beside the track gives way to it, from the right. */
static void measure(struct diagram *d)
{
    size_t columns = line_columns(d->view), room = columns - LEAST_TRACK;
    struct buf most = {0};

    line_number(&most, d->most);
    d->wide = columns >= WIDE;
    d->edges = (d->wide ? EDGE + 3 : 0) + EDGE + GAP;
    d->counts = GAP + (most.len > LEAST_ROWS ? most.len : LEAST_ROWS);
    d->word = GAP + WORD;
    buf_release(&most);
    if (d->wide)
        d->counts += GAP + BAR;
    if (d->edges + d->counts + d->word > room)
        d->word = 0;
    if (d->edges + d->counts > room)
        d->counts = 0;
    d->track.width = columns - d->edges - d->counts - d->word;
    if (d->track.width > TRACK_MOST)
        d->track.width = TRACK_MOST;
    d->track.low = scale_low(d);
    d->track.high = 1;
}

/* ---- drawing ---- */

static void draw_percent(struct buf *line, double value, bool utf8)
{
    struct buf text = {0};

    buf_add(&text, "", 0);
    if (!isnan(value))
        line_percent(&text, value);
    line_cell(line, text.data, EDGE, true, utf8);
    buf_release(&text);
}

static void draw_edges(struct buf *line, const struct diagram *d, size_t row)
{
    if (d->wide) {
        draw_percent(line, number(d, row, LOW), d->view->utf8);
        buf_add_text(line, " - ");
    }
    draw_percent(line, number(d, row, HIGH), d->view->utf8);
    line_blanks(line, GAP);
}

/* What the bin promises; the middle of an empty one, for the diagonal. */
static double promise(const struct diagram *d, size_t row)
{
    double sure = number(d, row, SURE);

    return isnan(sure) ? (number(d, row, LOW) + number(d, row, HIGH)) / 2
                       : sure;
}

static void draw_track(struct buf *line, struct diagram *d, size_t row,
                       const char *word)
{
    struct track *t = &d->track;
    bool colour = d->view->colour && *word;

    track_clear(t);
    track_interval(t, number(d, row, FROM), number(d, row, TO));
    track_mark(t, promise(d, row), TRACK_DIAGONAL);
    track_mark(t, number(d, row, ACCURACY), TRACK_POINT);
    if (colour)
        buf_printf(line, "\033[38;5;%dm", *word == 'o' ? 160 : 33);
    track_draw(line, t, d->view->utf8);
    if (colour)
        line_plain(line, d->view);
}

static void draw_count(struct buf *line, const struct diagram *d, size_t row)
{
    size_t width = d->counts - GAP, taken;
    double n = number(d, row, N);
    struct buf text = {0};

    line_blanks(line, GAP);
    if (d->wide) {
        taken = line_bar(line, n / d->most, BAR, d->view->utf8);
        line_blanks(line, BAR - taken + GAP);
        width -= BAR + GAP;
    }
    line_number(&text, n);
    line_cell(line, text.data, width, true, d->view->utf8);
    buf_release(&text);
}

static void draw_bin(struct buf *line, struct diagram *d, size_t row)
{
    double sure = number(d, row, SURE);
    const char *word = number(d, row, TO) < sure     ? "over"
                       : number(d, row, FROM) > sure ? "under"
                                                     : "";

    draw_edges(line, d, row);
    draw_track(line, d, row, word);
    if (d->counts)
        draw_count(line, d, row);
    if (d->word) {
        line_blanks(line, GAP);
        buf_add_text(line, word);
    }
    line_end(line, d->view);
}

static void draw_heading(struct buf *line, const struct diagram *d)
{
    bool utf8 = d->view->utf8;
    const char *what = d->track.width < 24 ? "accuracy"
                       : utf8              ? "accuracy ●, ╱ as promised"
                                           : "accuracy *, / as promised";

    line_bold(line, d->view);
    line_cell(line, d->wide ? "probability" : "prob", d->edges, false, utf8);
    line_cell(line, what, d->track.width, false, utf8);
    line_cell(line, "rows", d->counts, true, utf8);
    line_plain(line, d->view);
    line_end(line, d->view);
}

/* The ends of the scale, and its middle where there is room. */
static void draw_scale(struct buf *line, const struct diagram *d)
{
    const struct track *t = &d->track;
    char low[NUM_SIZE + 2], middle[NUM_SIZE + 2];
    size_t used, at;

    snprintf(low, sizeof(low), "%.0f %%", t->low * 100);
    snprintf(middle, sizeof(middle), "%.0f %%", (t->low + 1) * 50);
    line_blanks(line, d->edges);
    buf_add_text(line, low);
    used = strlen(low);
    at = t->width / 2 - strlen(middle) / 2;
    if (t->width > 20 && at > used + 1 && at + strlen(middle) + 6 < t->width) {
        line_blanks(line, at - used);
        buf_add_text(line, middle);
        used = at + strlen(middle);
    }
    if (used + 6 < t->width) {
        line_blanks(line, t->width - used - 5);
        buf_add_text(line, "100 %");
    }
    line_end(line, d->view);
}

void reliability_view(struct view *view, const struct rows *rows)
{
    struct diagram d = {.view = view, .rows = rows};
    struct buf line = {0};

    for (int i = 0; i < N_FIELDS; i++)
        d.column[i] = rows_find(rows, field_names[i]);
    find_bins(&d);
    measure(&d);
    draw_heading(&line, &d);
    for (size_t row = d.begin; row < d.end; row++)
        draw_bin(&line, &d, row);
    draw_scale(&line, &d);
    buf_release(&line);
}
