#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/text.h"
#include "cli/line_view.h"
#include "cli/view.h"

enum { LEAST_LABEL = 8, LEAST_NAME = 3, FRAME = 2, GAP = 1, SHADES = 5 };

#define CORNER "label \\ pred"

/* A class of the columns; `shown` classes are numbered from 1 in order. */
struct class_shown {
    char *name, *heading;
    double mass; /* off the diagonal, in its row and its column */
    bool shown;
    size_t number;
};

/* cells: [n_rows][n], NaN where empty. */
struct matrix {
    struct view *view;
    const struct rows *rows;
    size_t n_rows, n, n_shown;
    double *cells;
    size_t *class_of; /* [n_rows] the class of the row, n if no column has it */
    struct class_shown *classes; /* [n] */
    double most_right, most_wrong;
    bool fractions;
    bool numbered;        /* headings are numbers */
    size_t label, number; /* widths: of the row labels, of a cell's number */
    size_t pitch;         /* of a column: the number in its frame */
};

/* ---- reading ---- */

static double cell_at(const struct matrix *m, size_t row, size_t column)
{
    return m->cells[row * m->n + column];
}

static bool is_diagonal(const struct matrix *m, size_t row, size_t column)
{
    return m->class_of[row] == column;
}

static size_t find_class(const struct rows *rows, size_t row)
{
    const char *name = rows_cell(rows, row, 0);
    size_t n = rows->n_columns - 1;

    if (row < n && strcmp(rows->columns[row + 1], name) == 0)
        return row; /* the usual order; searching would be quadratic */
    for (size_t i = 0; i < n; i++)
        if (strcmp(rows->columns[i + 1], name) == 0)
            return i;
    return n;
}

static void read_row(struct matrix *m, size_t row)
{
    m->class_of[row] = find_class(m->rows, row);
    for (size_t i = 0; i < m->n; i++) {
        const char *text = rows_cell(m->rows, row, i + 1);
        double *cell = &m->cells[row * m->n + i];
        if (!num_parse(text, strlen(text), cell))
            *cell = NAN;
    }
}

static void add_mass(struct matrix *m, size_t row, size_t column, double cell)
{
    m->most_wrong = fmax(m->most_wrong, cell);
    m->classes[column].mass += cell;
    if (m->class_of[row] < m->n)
        m->classes[m->class_of[row]].mass += cell;
}

static void scan_cells(struct matrix *m)
{
    bool whole = true;
    double most;

    for (size_t i = 0; i < m->n_rows * m->n; i++) {
        double cell = m->cells[i];
        if (isnan(cell))
            continue;
        whole = whole && cell == round(cell);
        if (is_diagonal(m, i / m->n, i % m->n))
            m->most_right = fmax(m->most_right, cell);
        else
            add_mass(m, i / m->n, i % m->n, cell);
    }
    most = fmax(m->most_right, m->most_wrong);
    m->fractions = !whole && most <= 1;
}

static void read_matrix(struct matrix *m)
{
    m->n_rows = rows_n(m->rows);
    m->n = m->rows->n_columns - 1;
    m->cells = mem_alloc(m->n_rows * m->n + 1, sizeof(*m->cells));
    m->class_of = mem_alloc(m->n_rows + 1, sizeof(*m->class_of));
    m->classes = mem_zalloc(m->n + 1, sizeof(*m->classes));
    for (size_t i = 0; i < m->n; i++)
        m->classes[i].name =
            line_clean_copy(m->rows->columns[i + 1], m->view->utf8);
    for (size_t i = 0; i < m->n_rows; i++)
        read_row(m, i);
    scan_cells(m);
}

static void release_matrix(struct matrix *m)
{
    for (size_t i = 0; i < m->n; i++) {
        free(m->classes[i].name);
        free(m->classes[i].heading);
    }
    free(m->classes);
    free(m->class_of);
    free(m->cells);
}

static void format_cell(struct buf *out, const struct matrix *m, double cell)
{
    buf_clear(out);
    if (isnan(cell))
        buf_add_text(out, "");
    else if (cell == 0)
        buf_add_text(out, m->view->utf8 ? "·" : ".");
    else if (m->fractions)
        buf_printf(out, "%.0f", cell * 100);
    else
        line_number(out, cell);
}

/* ---- choosing classes ---- */

static size_t digits(size_t n)
{
    return n < 10 ? 1 : 1 + digits(n / 10);
}

static size_t widest_name(const struct matrix *m, bool shown_only)
{
    size_t widest = 0;

    for (size_t i = 0; i < m->n; i++) {
        size_t width = line_width(m->classes[i].name);
        if (width > widest && (m->classes[i].shown || !shown_only))
            widest = width;
    }
    return widest;
}

static void measure(struct matrix *m)
{
    size_t most = line_columns(m->view) / 4;
    struct buf text = {0};

    for (size_t i = 0; i < m->n_rows * m->n; i++) {
        format_cell(&text, m, m->cells[i]);
        if (text.len && line_width(text.data) > m->number)
            m->number = line_width(text.data);
    }
    buf_release(&text);
    m->label = widest_name(m, false);
    if (m->label < sizeof(CORNER) - 1)
        m->label = sizeof(CORNER) - 1;
    if (m->label > most)
        m->label = most > LEAST_LABEL ? most : LEAST_LABEL;
}

static int compare_mass(const void *a, const void *b)
{
    const struct class_shown *const *x = a, *const *y = b;

    if ((*x)->mass != (*y)->mass)
        return (*x)->mass > (*y)->mass ? -1 : 1;
    return *x < *y ? -1 : *x > *y; /* both lie in one array */
}

/* Columns that have room beside the labels. */
static size_t fitting_columns(const struct matrix *m)
{
    size_t least = m->number > LEAST_NAME - 1 ? m->number : LEAST_NAME - 1;

    return (line_columns(m->view) - m->label - GAP) / (least + FRAME);
}

static void choose_classes(struct matrix *m)
{
    size_t fitting = fitting_columns(m);
    struct class_shown **order = mem_alloc(m->n + 1, sizeof(*order));

    if (m->n > fitting) { /* then numbers will stand before the labels */
        m->label += digits(fitting) + 1;
        fitting = fitting_columns(m);
    }
    for (size_t i = 0; i < m->n; i++)
        order[i] = &m->classes[i];
    if (m->n > fitting)
        qsort(order, m->n, sizeof(*order), compare_mass);
    m->n_shown = m->n < fitting ? m->n : fitting;
    for (size_t i = 0; i < m->n_shown; i++)
        order[i]->shown = true;
    free(order);
    for (size_t i = 0, number = 0; i < m->n; i++)
        if (m->classes[i].shown)
            m->classes[i].number = ++number;
}

/* A label without a column has no place among chosen classes. */
static bool row_shown(const struct matrix *m, size_t row)
{
    size_t class = m->class_of[row];

    return class < m->n ? m->classes[class].shown : m->n_shown == m->n;
}

/* ---- headings ---- */

static void set_heading(struct matrix *m, struct class_shown *class)
{
    struct buf text = {0};

    if (m->numbered)
        buf_printf(&text, "%zu", class->number);
    else
        buf_add(&text, class->name,
                text_prefix(class->name, strlen(class->name), m->pitch - 1));
    free(class->heading);
    class->heading = text.data;
}

static void set_headings(struct matrix *m)
{
    for (size_t i = 0; i < m->n; i++)
        if (m->classes[i].shown)
            set_heading(m, &m->classes[i]);
}

static bool headings_differ(const struct matrix *m)
{
    for (size_t i = 0; i < m->n; i++)
        for (size_t j = 0; j < i; j++)
            if (m->classes[i].shown && m->classes[j].shown &&
                strcmp(m->classes[i].heading, m->classes[j].heading) == 0)
                return false;
    return true;
}

/* Gives what the columns leave to the labels, as far as they need it. */
static void widen_labels(struct matrix *m)
{
    size_t wanted = widest_name(m, m->n_shown < m->n);
    size_t spare = line_columns(m->view) - m->n_shown * m->pitch - GAP;

    if (m->numbered)
        wanted += digits(m->n_shown) + 1;
    if (wanted > spare)
        wanted = spare;
    if (wanted > m->label)
        m->label = wanted;
}

static void choose_headings(struct matrix *m)
{
    size_t wanted = widest_name(m, true) + 1, room;

    if (wanted < m->number + FRAME)
        wanted = m->number + FRAME;
    room = m->n_shown ? (line_columns(m->view) - m->label - GAP) / m->n_shown
                      : 0;
    m->pitch = wanted < room ? wanted : room;
    set_headings(m);
    m->numbered = !headings_differ(m);
    if (m->numbered) {
        m->pitch = (m->number > 2 ? m->number : 2) + FRAME;
        set_headings(m);
    }
    widen_labels(m);
}

/* ---- drawing ---- */

static void shade(struct buf *line, const struct matrix *m, bool right,
                  double cell)
{
    static const int colours[2][SHADES] = {{224, 217, 210, 203, 196},
                                           {189, 153, 117, 75, 33}};
    double most = right ? m->most_right : m->most_wrong;
    int level;

    if (!m->view->colour || !(cell > 0))
        return;
    level = (int)ceil(sqrt(cell / most) * SHADES);
    level = level < 1 ? 1 : level > SHADES ? SHADES : level;
    buf_printf(line, "\033[38;5;16;48;5;%dm", colours[right][level - 1]);
}

static void draw_cell(struct buf *line, const struct matrix *m, size_t row,
                      size_t column)
{
    double cell = cell_at(m, row, column);
    bool right = is_diagonal(m, row, column);
    struct buf text = {0};
    bool brackets;
    size_t width;

    format_cell(&text, m, cell);
    width = line_width(text.data);
    brackets = right && width && !m->view->colour;
    shade(line, m, right, cell);
    line_blanks(line, m->pitch - FRAME - width);
    buf_add_char(line, brackets ? '[' : ' ');
    buf_add(line, text.data, text.len);
    buf_add_char(line, brackets ? ']' : ' ');
    if (cell > 0)
        line_plain(line, m->view);
    buf_release(&text);
}

/* Returns whether the name had to be cut. */
static bool draw_label(struct buf *line, const struct matrix *m, size_t row)
{
    bool utf8 = m->view->utf8;
    char *name = line_clean_copy(rows_cell(m->rows, row, 0), utf8);
    size_t width = m->label, class = m->class_of[row];
    bool cut;

    if (m->numbered) {
        size_t figures = digits(m->n_shown);
        char number[NUM_SIZE] = "";
        if (class < m->n)
            snprintf(number, sizeof(number), "%zu", m->classes[class].number);
        line_cell(line, number, figures, true, utf8);
        buf_add_char(line, ' ');
        width -= figures + 1;
    }
    cut = line_width(name) > width;
    line_cell(line, name, width, false, utf8);
    free(name);
    return cut;
}

static void draw_headings(struct buf *line, const struct matrix *m)
{
    line_bold(line, m->view);
    line_cell(line, CORNER, m->label, false, m->view->utf8);
    line_blanks(line, GAP);
    for (size_t i = 0; i < m->n; i++) {
        if (!m->classes[i].shown)
            continue;
        line_cell(line, m->classes[i].heading, m->pitch - 1, true,
                  m->view->utf8);
        buf_add_char(line, ' ');
    }
    line_plain(line, m->view);
    line_end(line, m->view);
}

static void add_to_legend(struct buf *legend, const struct matrix *m,
                          const char *heading, const char *name)
{
    buf_add_text(legend, legend->len ? "; " : "");
    buf_add_text(legend, heading);
    buf_add_text(legend, " = ");
    line_clean(legend, name, m->view->utf8);
}

static void draw_rows(struct buf *line, const struct matrix *m,
                      struct buf *legend)
{
    for (size_t row = 0; row < m->n_rows; row++) {
        size_t class = m->class_of[row];
        const struct class_shown *own = &m->classes[class];
        bool cut;
        if (!row_shown(m, row))
            continue;
        cut = draw_label(line, m, row);
        if (class < m->n &&
            (m->numbered ? cut : strcmp(own->heading, own->name) != 0))
            add_to_legend(legend, m, own->heading, own->name);
        line_blanks(line, GAP);
        for (size_t i = 0; i < m->n; i++)
            if (m->classes[i].shown)
                draw_cell(line, m, row, i);
        line_end(line, m->view);
    }
}

/* The part of all that is off the diagonal that the shown cells hold. */
static double wrong_share(const struct matrix *m)
{
    double seen = 0, all = 0;

    for (size_t row = 0; row < m->n_rows; row++) {
        for (size_t i = 0; i < m->n; i++) {
            double cell = cell_at(m, row, i);
            if (is_diagonal(m, row, i) || isnan(cell))
                continue;
            all += cell;
            seen += row_shown(m, row) && m->classes[i].shown ? cell : 0;
        }
    }
    return all > 0 ? seen / all : 1;
}

static void draw_notes(struct buf *line, const struct matrix *m,
                       struct buf *legend)
{
    size_t left_out = m->n - m->n_shown;
    struct buf note = {0};

    if (legend->len)
        line_wrap(line, legend->data, 2, line_columns(m->view) - 2, m->view);
    if (m->fractions)
        buf_add_text(&note, "cells in percent");
    if (left_out)
        buf_printf(&note,
                   "%s%zu of %zu classes, the most confused (%.1f %% of the "
                   "confusions); %zu left out",
                   note.len ? "; " : "", m->n_shown, m->n, 100 * wrong_share(m),
                   left_out);
    if (note.len)
        line_wrap(line, note.data, 2, line_columns(m->view) - 2, m->view);
    buf_release(&note);
}

void view_matrix(struct view *view, const struct rows *rows)
{
    struct matrix m = {.view = view, .rows = rows};
    struct buf line = {0}, legend = {0};

    if (rows->n_columns == 0)
        return;
    read_matrix(&m);
    measure(&m);
    choose_classes(&m);
    choose_headings(&m);
    draw_headings(&line, &m);
    draw_rows(&line, &m, &legend);
    draw_notes(&line, &m, &legend);
    buf_release(&legend);
    buf_release(&line);
    release_matrix(&m);
}
