#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/line_view.h"
#include "cli/matrix_grid.h"

enum { GLYPHS = 4, LEAST_LABEL = 6, LABEL_PART = 3 };

#define CORNER "label \\ pred"

/* The label takes up to a third of the line, the cells what they need. */
static void measure(struct matrix *m)
{
    size_t columns = line_columns(m->view), figures = matrix_digits(m->n);
    size_t most = columns / LABEL_PART, widest = 0, room;

    for (size_t i = 0; i < m->n; i++) {
        size_t width = line_width(m->classes[i].name);
        widest = width > widest ? width : widest;
    }
    m->numbered = true;
    widest += figures + 1;
    widest = widest < sizeof(CORNER) - 1 ? sizeof(CORNER) - 1 : widest;
    m->label = widest;
    if (m->label > most)
        m->label = most > LEAST_LABEL ? most : LEAST_LABEL;
    room = columns - m->label - MATRIX_GAP;
    m->pitch = m->wrong_number + 1;
    if (m->n * m->pitch > room)
        m->pitch = m->n * 2 <= room ? 2 : 1;
    matrix_choose(m, room / m->pitch);
    room = columns - m->n_shown * m->pitch - MATRIX_GAP;
    m->label = widest < room ? widest : room;
}

static bool shows_numbers(const struct matrix *m)
{
    return m->pitch > m->wrong_number;
}

/* Numbers, or one figure of them a line where they are too wide. */
static void draw_headings(struct buf *line, const struct matrix *m)
{
    size_t figures = matrix_digits(m->n_shown);
    size_t lines = m->pitch > figures ? 1 : figures;
    char number[NUM_SIZE];

    for (size_t i = 0; i < lines; i++) {
        line_bold(line, m->view);
        line_cell(line, i + 1 == lines ? CORNER : "", m->label, false,
                  m->view->utf8);
        line_blanks(line, MATRIX_GAP);
        for (size_t k = 0; k < m->n_shown; k++) {
            snprintf(number, sizeof(number), "%*zu", (int)figures, k + 1);
            if (lines > 1)
                number[0] = number[i], number[1] = '\0';
            line_cell(line, number, m->pitch, true, m->view->utf8);
        }
        line_plain(line, m->view);
        line_end(line, m->view);
    }
}

/* The diagonal is a line: how much is right is what --by-class is for. */
static const char *glyph(const struct matrix *m, bool right, double cell)
{
    static const char *const fine[] = {" ", "░", "▒", "▓", "█"};
    static const char *const plain[] = {" ", ".", ":", "*", "#"};
    int level = matrix_shade(m, right, cell, GLYPHS);

    if (m->view->colour)
        return " ";
    if (!right)
        return (m->view->utf8 ? fine : plain)[level];
    return !level ? "-" : m->view->utf8 ? "╲" : "\\";
}

static void draw_cell(struct buf *line, const struct matrix *m, size_t row,
                      size_t column)
{
    bool right = matrix_is_diagonal(m, row, column);
    double cell = matrix_cell(m, row, column);
    struct buf text = {0};

    matrix_format(&text, m, cell);
    if (!shows_numbers(m) || line_width(text.data) >= m->pitch) {
        buf_clear(&text);
        for (size_t i = 0; i < m->pitch; i++)
            buf_add_text(&text, shows_numbers(m) && i + 1 < m->pitch
                                    ? " "
                                    : glyph(m, right, cell));
    }
    matrix_colour(line, m, right, cell);
    line_cell(line, text.data, m->pitch, true, m->view->utf8);
    if (cell > 0)
        line_plain(line, m->view);
    buf_release(&text);
}

/* What the signs mean, and what the scale of the shades is. */
static void add_key(struct buf *note, const struct matrix *m)
{
    char *label, *pred;

    if (!m->view->colour)
        buf_printf(note, "%s right%s", m->view->utf8 ? "╲" : "\\",
                   shows_numbers(m) ? "" : ", - never right");
    if (!(m->most_wrong > 0) || shows_numbers(m))
        return;
    buf_add_text(note, note->len ? "; " : "");
    label = line_clean_copy(rows_cell(m->rows, m->wrong_at / m->n, 0),
                            m->view->utf8);
    pred = m->classes[m->wrong_at % m->n].name;
    buf_add_text(note, "darkest: ");
    if (m->fractions)
        line_percent(note, m->most_wrong);
    else
        line_number(note, m->most_wrong);
    buf_printf(note, "%s, %s taken for %s", m->fractions ? " %" : "", label,
               pred);
    free(label);
}

void matrix_draw_dense(struct matrix *m)
{
    struct buf line = {0}, legend = {0}, note = {0};

    measure(m);
    draw_headings(&line, m);
    for (size_t i = 0; i < m->n_drawn; i++) {
        size_t class = m->class_of[m->row[i]];
        if (matrix_label(&line, m, m->row[i]) && class < m->n)
            buf_printf(&legend, "%s%zu = %s", legend.len ? "; " : "",
                       m->classes[class].number, m->classes[class].name);
        line_blanks(&line, MATRIX_GAP);
        for (size_t k = 0; k < m->n_shown; k++)
            draw_cell(&line, m, m->row[i], m->column[k]);
        line_end(&line, m->view);
    }
    if (legend.len)
        line_wrap(&line, legend.data, 2, line_columns(m->view) - 2, m->view);
    add_key(&note, m);
    if (note.len)
        line_wrap(&line, note.data, 2, line_columns(m->view) - 2, m->view);
    buf_release(&note);
    buf_release(&legend);
    buf_release(&line);
}
