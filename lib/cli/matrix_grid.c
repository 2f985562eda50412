#include "cli/matrix_grid.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "cli/line_view.h"
#include "stats/seriation.h"

double matrix_cell(const struct matrix *m, size_t row, size_t column)
{
    return m->cells[row * m->n + column];
}

bool matrix_is_diagonal(const struct matrix *m, size_t row, size_t column)
{
    return m->class_of[row] == column;
}

/* ---- reading ---- */

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
    size_t class = m->class_of[row] = find_class(m->rows, row);

    if (class < m->n && m->classes[class].row == m->n_rows)
        m->classes[class].row = row;
    for (size_t i = 0; i < m->n; i++) {
        const char *text = rows_cell(m->rows, row, i + 1);
        double *cell = &m->cells[row * m->n + i];
        if (!num_parse(text, strlen(text), cell))
            *cell = NAN;
    }
}

static void add_mass(struct matrix *m, size_t row, size_t column, double cell)
{
    if (cell > m->most_wrong) {
        m->most_wrong = cell;
        m->wrong_at = row * m->n + column;
    }
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
        if (matrix_is_diagonal(m, i / m->n, i % m->n))
            m->most_right = fmax(m->most_right, cell);
        else
            add_mass(m, i / m->n, i % m->n, cell);
    }
    most = fmax(m->most_right, m->most_wrong);
    m->fractions = m->fractions || (!whole && most <= 1);
}

static void measure_numbers(struct matrix *m)
{
    struct buf text = {0};

    for (size_t i = 0; i < m->n_rows * m->n; i++) {
        size_t width;
        matrix_format(&text, m, m->cells[i]);
        width = text.len ? line_width(text.data) : 0;
        if (width > m->number)
            m->number = width;
        if (width > m->wrong_number &&
            !matrix_is_diagonal(m, i / m->n, i % m->n))
            m->wrong_number = width;
    }
    buf_release(&text);
}

void matrix_read(struct matrix *m)
{
    m->n_rows = rows_n(m->rows);
    m->n = m->rows->n_columns - 1;
    m->cells = mem_alloc(m->n_rows * m->n + 1, sizeof(*m->cells));
    m->class_of = mem_alloc(m->n_rows + 1, sizeof(*m->class_of));
    m->classes = mem_zalloc(m->n + 1, sizeof(*m->classes));
    for (size_t i = 0; i < m->n; i++) {
        m->classes[i].row = m->n_rows;
        m->classes[i].name =
            line_clean_copy(m->rows->columns[i + 1], m->view->utf8);
    }
    for (size_t i = 0; i < m->n_rows; i++)
        read_row(m, i);
    scan_cells(m);
    measure_numbers(m);
}

void matrix_release(struct matrix *m)
{
    for (size_t i = 0; i < m->n; i++) {
        free(m->classes[i].name);
        free(m->classes[i].heading);
    }
    free(m->classes);
    free(m->class_of);
    free(m->cells);
    free(m->row);
    free(m->column);
}

/* ---- choosing and ordering classes ---- */

static int compare_mass(const void *a, const void *b)
{
    const struct matrix_class *const *x = a, *const *y = b;

    if ((*x)->mass != (*y)->mass)
        return (*x)->mass > (*y)->mass ? -1 : 1;
    return *x < *y ? -1 : *x > *y; /* both lie in one array */
}

static void choose_columns(struct matrix *m, size_t most)
{
    struct matrix_class **by_mass = mem_alloc(m->n + 1, sizeof(*by_mass));
    size_t n = 0;

    for (size_t i = 0; i < m->n; i++)
        by_mass[i] = &m->classes[i];
    if (m->n > most)
        qsort(by_mass, m->n, sizeof(*by_mass), compare_mass);
    m->n_shown = m->n < most ? m->n : most;
    for (size_t i = 0; i < m->n_shown; i++)
        by_mass[i]->shown = true;
    for (size_t i = 0; i < m->n; i++)
        if (m->classes[i].shown)
            m->column[n++] = i;
    free(by_mass);
}

/* How often one class is taken for another. */
static double confusions(const struct matrix *m, size_t class, size_t other)
{
    size_t row = m->classes[class].row;
    double cell = row < m->n_rows ? matrix_cell(m, row, other) : 0;

    return cell > 0 ? cell : 0;
}

static void order_columns(struct matrix *m)
{
    size_t n = m->n_shown, *order = mem_alloc(n + 1, sizeof(*order));
    size_t *chosen = mem_alloc(n + 1, sizeof(*chosen));
    double *weight = mem_alloc(n * n + 1, sizeof(*weight));

    for (size_t i = 0; i < n * n; i++)
        weight[i] = confusions(m, m->column[i / n], m->column[i % n]);
    seriation_order(weight, n, order);
    memcpy(chosen, m->column, n * sizeof(*chosen));
    for (size_t i = 0; i < n; i++) {
        m->reordered |= order[i] != i;
        m->column[i] = chosen[order[i]];
        m->classes[m->column[i]].number = i + 1;
    }
    free(weight);
    free(chosen);
    free(order);
}

/* Rows as the columns; a label without a column has no place among chosen
 * classes, and stands below them all. */
static void order_rows(struct matrix *m)
{
    for (size_t i = 0; i < m->n_shown; i++)
        if (m->classes[m->column[i]].row < m->n_rows)
            m->row[m->n_drawn++] = m->classes[m->column[i]].row;
    for (size_t row = 0; m->n_shown == m->n && row < m->n_rows; row++)
        if (m->class_of[row] == m->n)
            m->row[m->n_drawn++] = row;
}

void matrix_choose(struct matrix *m, size_t most)
{
    m->column = mem_alloc(m->n + 1, sizeof(*m->column));
    m->row = mem_alloc(m->n_rows + 1, sizeof(*m->row));
    choose_columns(m, most);
    order_columns(m);
    order_rows(m);
}

double matrix_share_shown(const struct matrix *m)
{
    double seen = 0, all = 0;

    for (size_t row = 0; row < m->n_rows; row++) {
        size_t class = m->class_of[row];
        bool drawn = class < m->n ? m->classes[class].shown
                                  : m->n_shown == m->n;
        for (size_t i = 0; i < m->n; i++) {
            double cell = matrix_cell(m, row, i);
            if (matrix_is_diagonal(m, row, i) || isnan(cell))
                continue;
            all += cell;
            seen += drawn && m->classes[i].shown ? cell : 0;
        }
    }
    return all > 0 ? seen / all : 1;
}

/* ---- drawing ---- */

size_t matrix_digits(size_t n)
{
    return n < 10 ? 1 : 1 + matrix_digits(n / 10);
}

void matrix_format(struct buf *out, const struct matrix *m, double cell)
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

int matrix_shade(const struct matrix *m, bool right, double cell, int shades)
{
    double most = right ? m->most_right : m->most_wrong;
    int level;

    if (!(cell > 0))
        return 0;
    level = (int)ceil(sqrt(cell / most) * shades);
    return level < 1 ? 1 : level > shades ? shades : level;
}

void matrix_colour(struct buf *line, const struct matrix *m, bool right,
                   double cell)
{
    static const int colours[2][MATRIX_SHADES] = {{224, 217, 210, 203, 196},
                                                  {189, 153, 117, 75, 33}};
    int level = matrix_shade(m, right, cell, MATRIX_SHADES);

    if (m->view->colour && level)
        buf_printf(line, "\033[38;5;16;48;5;%dm", colours[right][level - 1]);
}

bool matrix_label(struct buf *line, const struct matrix *m, size_t row)
{
    bool utf8 = m->view->utf8;
    char *name = line_clean_copy(rows_cell(m->rows, row, 0), utf8);
    size_t width = m->label, class = m->class_of[row];
    bool cut;

    if (m->numbered) {
        size_t figures = matrix_digits(m->n_shown);
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
