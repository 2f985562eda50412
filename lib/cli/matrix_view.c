#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/line_view.h"
#include "cli/matrix_grid.h"

enum { LEAST_LABEL = 8, LEAST_NAME = 3, FRAME = 2, GAP = MATRIX_GAP };

#define CORNER "label \\ pred"

/* ---- widths ---- */

static size_t widest_name(const struct matrix *m)
{
    size_t widest = 0;

    for (size_t i = 0; i < m->n; i++) {
        size_t width = line_width(m->classes[i].name);
        widest = width > widest ? width : widest;
    }
    return widest;
}

static void measure(struct matrix *m)
{
    size_t most = line_columns(m->view) / 4;

    m->label = widest_name(m);
    if (m->label < sizeof(CORNER) - 1)
        m->label = sizeof(CORNER) - 1;
    if (m->label > most)
        m->label = most > LEAST_LABEL ? most : LEAST_LABEL;
}

/* Columns that have room beside the labels. */
static size_t fitting_columns(const struct matrix *m)
{
    size_t least = m->number > LEAST_NAME - 1 ? m->number : LEAST_NAME - 1;

    return (line_columns(m->view) - m->label - GAP) / (least + FRAME);
}

/* ---- headings ---- */

static void set_heading(struct matrix *m, struct matrix_class *class)
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
        set_heading(m, &m->classes[i]);
}

static bool headings_differ(const struct matrix *m)
{
    for (size_t i = 0; i < m->n; i++)
        for (size_t j = 0; j < i; j++)
            if (strcmp(m->classes[i].heading, m->classes[j].heading) == 0)
                return false;
    return true;
}

/* Gives what the columns leave to the labels, as far as they need it. */
static void widen_labels(struct matrix *m)
{
    size_t wanted = widest_name(m);
    size_t spare = line_columns(m->view) - m->n_shown * m->pitch - GAP;

    if (m->numbered)
        wanted += matrix_digits(m->n_shown) + 1;
    if (wanted > spare)
        wanted = spare;
    if (wanted > m->label)
        m->label = wanted;
}

static void choose_headings(struct matrix *m)
{
    size_t wanted = widest_name(m) + 1, room;

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

static void draw_cell(struct buf *line, const struct matrix *m, size_t row,
                      size_t column)
{
    double cell = matrix_cell(m, row, column);
    bool right = matrix_is_diagonal(m, row, column);
    struct buf text = {0};
    bool brackets;
    size_t width;

    matrix_format(&text, m, cell);
    width = line_width(text.data);
    brackets = right && width && !m->view->colour;
    matrix_colour(line, m, right, cell);
    line_blanks(line, m->pitch - FRAME - width);
    buf_add_char(line, brackets ? '[' : ' ');
    buf_add(line, text.data, text.len);
    buf_add_char(line, brackets ? ']' : ' ');
    if (cell > 0)
        line_plain(line, m->view);
    buf_release(&text);
}

static void draw_headings(struct buf *line, const struct matrix *m)
{
    line_bold(line, m->view);
    line_cell(line, CORNER, m->label, false, m->view->utf8);
    line_blanks(line, GAP);
    for (size_t i = 0; i < m->n_shown; i++) {
        line_cell(line, m->classes[m->column[i]].heading, m->pitch - 1, true,
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
    for (size_t i = 0; i < m->n_drawn; i++) {
        size_t row = m->row[i], class = m->class_of[row];
        const struct matrix_class *own = &m->classes[class];
        bool cut = matrix_label(line, m, row);

        if (class < m->n &&
            (m->numbered ? cut : strcmp(own->heading, own->name) != 0))
            add_to_legend(legend, m, own->heading, own->name);
        line_blanks(line, GAP);
        for (size_t k = 0; k < m->n_shown; k++)
            draw_cell(line, m, row, m->column[k]);
        line_end(line, m->view);
    }
    if (legend->len)
        line_wrap(line, legend->data, 2, line_columns(m->view) - 2, m->view);
}

static void draw_numbers(struct matrix *m)
{
    struct buf line = {0}, legend = {0};

    matrix_choose(m, m->n);
    choose_headings(m);
    draw_headings(&line, m);
    draw_rows(&line, m, &legend);
    buf_release(&legend);
    buf_release(&line);
}

static void draw_notes(const struct matrix *m)
{
    size_t left_out = m->n - m->n_shown;
    struct buf line = {0}, note = {0};

    if (m->fractions)
        buf_add_text(&note, "cells in percent");
    if (m->reordered)
        buf_printf(&note, "%sconfused classes side by side",
                   note.len ? "; " : "");
    if (left_out)
        buf_printf(&note,
                   "%s%zu of %zu classes, the most confused (%.1f %% of the "
                   "confusions); %zu left out",
                   note.len ? "; " : "", m->n_shown, m->n,
                   100 * matrix_share_shown(m), left_out);
    if (note.len)
        line_wrap(&line, note.data, 2, line_columns(m->view) - 2, m->view);
    buf_release(&note);
    buf_release(&line);
}

static void draw_matrix(struct view *view, const struct rows *rows,
                        bool fractions)
{
    struct matrix m = {.view = view, .rows = rows, .fractions = fractions};

    if (rows->n_columns == 0)
        return;
    matrix_read(&m);
    measure(&m);
    if (m.n > fitting_columns(&m))
        matrix_draw_dense(&m);
    else
        draw_numbers(&m);
    draw_notes(&m);
    matrix_release(&m);
}

void view_matrix(struct view *view, const struct rows *rows)
{
    draw_matrix(view, rows, false);
}

void view_matrix_shares(struct view *view, const struct rows *rows)
{
    draw_matrix(view, rows, true);
}
