#include "cli/sources_view.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "cli/line_view.h"
#include "cli/track_view.h"

enum {
    INDENT = 8, /* of the names: the widest kind, "error", and blanks */
    CONTINUE = 4,
    LEAST_NAME = 15, /* "val_overfitting" */
    MOST_NAME = 30,
    LEAST_NUMBER = 4,
    SHORT_NAME = 8, /* on a narrow terminal */
    CUT_NAME = 1,
    LEAST_BAR = 8,
    MOST_BAR = 28,
    LEAST_NOTE = 20,
    GAP = 3
};

/* An interval is drawn up to so many times the largest value. */
static const double FURTHEST = 2;

enum field { KIND, NAME, CLASS, VALUE, LOW, HIGH, N, NOTE, N_FIELDS };

static const char *const field_names[N_FIELDS] = {
    "kind", "name", "class", "value", "low", "high", "n", "note"};

/* Column indices and the widths that all blocks share. */
struct screen {
    struct view *view;
    const struct rows *rows;
    size_t column[N_FIELDS];
    bool percent, intervals;
    size_t width[N_FIELDS]; /* of NAME, VALUE, LOW, HIGH and N */
};

/* Rows [begin, end) of one kind. */
struct block {
    const char *kind;
    size_t begin, end;
    bool bars;          /* in place of n */
    struct track track; /* width 0 where there is no room */
};

/* ---- reading ---- */

static const char *field(const struct screen *s, size_t row, enum field which)
{
    size_t column = s->column[which];

    return column == CSV_NONE ? "" : rows_cell(s->rows, row, column);
}

static bool number_at(const struct screen *s, size_t row, enum field which,
                      double *value)
{
    const char *cell = field(s, row, which);

    return num_parse_any(cell, strlen(cell), value);
}

static bool is_next(const struct screen *s, size_t row)
{
    return strcmp(field(s, row, KIND), "next") == 0;
}

/* What is shown for a field, clean; to be freed. */
static char *shown(const struct screen *s, size_t row, enum field which)
{
    struct buf text = {0};
    double value;

    buf_add(&text, "", 0);
    if (which < VALUE || which > HIGH || is_next(s, row) ||
        !number_at(s, row, which, &value))
        line_clean(&text, field(s, row, which), s->view->utf8);
    else if (s->percent)
        line_percent(&text, value);
    else
        line_number(&text, value);
    if (which == NAME && *field(s, row, CLASS)) {
        buf_add_text(&text, ": ");
        line_clean(&text, field(s, row, CLASS), s->view->utf8);
    }
    return text.data;
}

static size_t widest(const struct screen *s, enum field which, size_t begin,
                     size_t end)
{
    size_t most = 0;

    for (size_t row = begin; row < end; row++) {
        char *text = shown(s, row, which);
        size_t width = is_next(s, row) ? 0 : line_width(text);
        most = width > most ? width : most;
        free(text);
    }
    return most;
}

/* Columns up to the bar or n. */
static size_t value_end(const struct screen *s)
{
    size_t interval = s->width[LOW] + 3 + s->width[HIGH];

    return INDENT + s->width[NAME] + 2 + s->width[VALUE] +
           (s->intervals ? 4 + interval + GAP : 2);
}

/* On a narrow terminal long names give way to bars, then names, then the
 * intervals. */
static void fit(struct screen *s)
{
    size_t columns = line_columns(s->view), *name = &s->width[NAME];

    while (value_end(s) + LEAST_BAR > columns && *name > LEAST_NAME)
        (*name)--;
    while (value_end(s) > columns && *name > SHORT_NAME)
        (*name)--;
    if (value_end(s) > columns)
        s->intervals = false;
    while (value_end(s) > columns && *name > CUT_NAME)
        (*name)--;
}

static void measure(struct screen *s)
{
    size_t all = rows_n(s->rows);

    for (int i = NAME; i <= N; i++) {
        size_t least = i == NAME ? LEAST_NAME : i == N ? 0 : LEAST_NUMBER;
        size_t width = i == CLASS ? 0 : widest(s, (enum field)i, 0, all);
        s->width[i] = width > least ? width : least;
    }
    if (s->width[NAME] > MOST_NAME)
        s->width[NAME] = MOST_NAME;
    s->intervals = true;
    fit(s);
}

/* ---- rows with a value ---- */

/* "  2.3 -  4.2" in the widths of LOW and HIGH, blanks where it is empty. */
static void draw_interval(struct buf *line, const struct screen *s, size_t row)
{
    bool utf8 = s->view->utf8;
    char *low = shown(s, row, LOW), *high = shown(s, row, HIGH);

    line_cell(line, low, s->width[LOW], true, utf8);
    buf_add_text(line, *low || *high ? " - " : "   ");
    line_cell(line, high, s->width[HIGH], true, utf8);
    free(low);
    free(high);
}

static void draw_value(struct buf *line, const struct screen *s,
                       const struct block *block, size_t row)
{
    bool utf8 = s->view->utf8, sign = s->percent && !block->bars;
    char *name = shown(s, row, NAME), *value = shown(s, row, VALUE);

    line_bold(line, s->view);
    line_cell(line, row == block->begin ? block->kind : "", INDENT, false,
              utf8);
    line_plain(line, s->view);
    line_cell(line, name, s->width[NAME], false, utf8);
    line_blanks(line, 2);
    line_cell(line, value, s->width[VALUE], true, utf8);
    buf_add_text(line, sign && *value ? " %" : "  ");
    if (s->intervals) {
        line_blanks(line, 2);
        draw_interval(line, s, row);
        line_blanks(line, GAP);
    }
    free(name);
    free(value);
}

static void draw_n(struct buf *line, const struct screen *s, size_t row)
{
    char *n = shown(s, row, N);

    buf_add_text(line, *n ? "n " : "  ");
    line_cell(line, n, s->width[N], true, s->view->utf8);
    free(n);
}

static double value_or_nan(const struct screen *s, size_t row, enum field which)
{
    double value;

    return number_at(s, row, which, &value) ? value : NAN;
}

static void draw_bar(struct buf *line, const struct screen *s,
                     struct block *block, size_t row)
{
    double value = value_or_nan(s, row, VALUE);
    double low = value_or_nan(s, row, LOW), high = value_or_nan(s, row, HIGH);
    struct track *t = &block->track;

    if (!t->width)
        return;
    if (isnan(low) && t->low == 0) { /* in eighths of a block */
        size_t taken = line_bar(line, value / t->high, t->width, s->view->utf8);
        line_blanks(line, t->width - taken);
        return;
    }
    track_clear(t);
    track_bar(t, value, low, high);
    if (low > 0 || high < 0)
        line_bold(line, s->view);
    track_draw(line, t, s->view->utf8);
    if (low > 0 || high < 0)
        line_plain(line, s->view);
}

/* The note, from column `at` on where there is room, else on its own line. */
static void draw_note(struct buf *line, const struct screen *s, size_t row,
                      size_t at)
{
    size_t columns = line_columns(s->view), indent = at + GAP;
    char *note = shown(s, row, NOTE);

    if (*note && indent + LEAST_NOTE > columns &&
        indent + line_width(note) > columns) {
        line_end(line, s->view);
        indent = INDENT + 2;
        line_blanks(line, indent);
    } else {
        line_blanks(line, GAP);
    }
    line_wrap(line, note, indent, columns - indent, s->view);
    free(note);
}

static void draw_values(struct buf *line, const struct screen *s,
                        struct block *block)
{
    size_t end = value_end(s) +
                 (block->bars ? block->track.width : s->width[N] + 2);
    bool room = end <= line_columns(s->view);

    for (size_t row = block->begin; row < block->end; row++) {
        draw_value(line, s, block, row);
        if (block->bars)
            draw_bar(line, s, block, row);
        else if (room)
            draw_n(line, s, row);
        draw_note(line, s, row, end);
    }
}

/* From the lowest to the highest of values, intervals and 0. */
static void plan_scale(const struct screen *s, struct block *block)
{
    double most = 0, low = 0, high = 0;

    for (size_t row = block->begin; row < block->end; row++) {
        double value = fabs(value_or_nan(s, row, VALUE));
        most = isfinite(value) ? fmax(most, value) : most;
    }
    for (size_t row = block->begin; row < block->end; row++)
        for (int i = VALUE; i <= HIGH; i++) {
            double value = value_or_nan(s, row, (enum field)i);
            low = fmin(low, value); /* NaN is passed over */
            high = fmax(high, value);
        }
    block->track.low = fmax(low, -FURTHEST * most);
    block->track.high = fmin(high, FURTHEST * most);
    if (!(block->track.high > block->track.low))
        block->track.high = block->track.low + 1;
}

/* Bars as long as the longest note leaves them room, or the terminal. */
static void plan_bars(const struct screen *s, struct block *block)
{
    size_t taken = value_end(s) + GAP +
                   widest(s, NOTE, block->begin, block->end);
    size_t columns = line_columns(s->view), width;

    width = columns > taken ? columns - taken : 0;
    if (width < LEAST_BAR) /* the notes will have lines of their own */
        width = columns - value_end(s);
    if (width > MOST_BAR)
        width = MOST_BAR;
    if (width < LEAST_BAR)
        width = 0;
    block->bars = true;
    block->track.width = width;
    plan_scale(s, block);
}

/* ---- advice ---- */

/* Bytes of the shell's next word: blanks in quotes do not end it. */
static size_t shell_word(const char *text)
{
    char quote = 0;
    size_t i;

    for (i = 0; text[i] && (quote || text[i] != ' '); i++) {
        if (text[i] == '\\' && quote != '\'' && text[i + 1])
            i++;
        else if (quote ? text[i] == quote : strchr("'\"", text[i]) != NULL)
            quote = quote ? 0 : text[i];
    }
    return i;
}

static void draw_command(struct buf *line, const char *command,
                         const struct view *view)
{
    size_t used = INDENT;
    const char *start = command;

    line_blanks(line, INDENT);
    while (*command) {
        size_t len = shell_word(command), width = text_width(command, len);
        const char *rest = command + len + strspn(command + len, " ");
        /* two columns for the backslash, unless this word is the last */
        if (command > start &&
            used + 1 + width + (*rest ? 2 : 0) > line_columns(view)) {
            buf_add_text(line, " \\");
            line_end(line, view);
            line_blanks(line, INDENT + CONTINUE);
            used = INDENT + CONTINUE;
        } else if (command > start) {
            buf_add_char(line, ' ');
            used++;
        }
        buf_add(line, command, len);
        used += width;
        command = rest;
    }
    line_end(line, view);
}

/* Where the command starts in "ADVICE: COMMAND", or NULL. */
static char *find_command(char *note)
{
    static const char mark[] = ": assay ";
    char *last = NULL;

    for (char *at = strstr(note, mark); at; at = strstr(at + 1, mark))
        last = at;
    return last;
}

static void draw_advice(struct buf *line, const struct screen *s,
                        const struct block *block, size_t row)
{
    char *note = shown(s, row, NOTE), *rank = shown(s, row, VALUE);
    char *command = find_command(note);

    if (command) {
        *command = '\0';
        command += 2;
    }
    line_bold(line, s->view);
    line_cell(line, row == block->begin ? block->kind : "", INDENT - 4, false,
              s->view->utf8);
    line_plain(line, s->view);
    line_cell(line, rank, 3, true, s->view->utf8);
    buf_add_char(line, ' ');
    line_wrap(line, note, INDENT, line_columns(s->view) - INDENT, s->view);
    if (command)
        draw_command(line, command, s->view);
    free(note);
    free(rank);
}

/* ---- the screen ---- */

static struct block next_block(const struct screen *s, size_t begin)
{
    struct block block = {
        .kind = field(s, begin, KIND), .begin = begin, .end = begin};

    while (block.end < rows_n(s->rows) &&
           strcmp(field(s, block.end, KIND), block.kind) == 0)
        block.end++;
    if (!is_next(s, begin) && strcmp(block.kind, "error") != 0)
        plan_bars(s, &block);
    return block;
}

static void draw_block(const struct screen *s, struct block block)
{
    char *kind = line_clean_copy(block.kind, s->view->utf8);
    struct buf line = {0};
    bool next = is_next(s, block.begin);

    block.kind = kind;
    for (size_t row = block.begin; next && row < block.end; row++)
        draw_advice(&line, s, &block, row);
    if (!next)
        draw_values(&line, s, &block);
    buf_release(&line);
    free(kind);
}

static void draw_screen(struct view *view, const struct rows *sources,
                        bool percent)
{
    struct screen s = {.view = view, .rows = sources, .percent = percent};

    for (int i = 0; i < N_FIELDS; i++)
        s.column[i] = rows_find(sources, field_names[i]);
    measure(&s);
    for (size_t row = 0; row < rows_n(sources);) {
        struct block block = next_block(&s, row);
        draw_block(&s, block);
        row = block.end;
    }
}

void sources_view(struct view *view, const struct rows *sources)
{
    draw_screen(view, sources, true);
}

void sources_view_plain(struct view *view, const struct rows *sources)
{
    draw_screen(view, sources, false);
}
