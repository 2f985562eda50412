#include "csv/rows.h"

#include <assert.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

void rows_init(struct rows *rows, const char *columns)
{
    memset(rows, 0, sizeof(*rows));
    while (*columns) {
        size_t len = strcspn(columns, ",");
        char *name = mem_strndup(columns, len);
        rows_add_column(rows, name);
        free(name);
        columns += len + (columns[len] == ',');
    }
}

void rows_release(struct rows *rows)
{
    for (size_t i = 0; i < rows->n_columns; i++)
        free(rows->columns[i]);
    for (size_t i = 0; i < rows->n_cells; i++)
        free(rows->cells[i]);
    free(rows->columns);
    free(rows->cells);
    memset(rows, 0, sizeof(*rows));
}

void rows_add_column(struct rows *rows, const char *name)
{
    assert(rows->n_cells == 0);
    rows->columns =
        mem_resize(rows->columns, rows->n_columns + 1, sizeof(char *));
    rows->columns[rows->n_columns++] = mem_strdup(name);
}

void rows_text(struct rows *rows, const char *text)
{
    rows->cells = mem_grow(rows->cells, &rows->capacity, rows->n_cells + 1,
                           sizeof(char *));
    rows->cells[rows->n_cells++] = mem_strdup(text);
}

void rows_number(struct rows *rows, double value)
{
    char text[NUM_SIZE] = "";

    if (!isnan(value))
        num_format(text, value);
    rows_text(rows, text);
}

void rows_float(struct rows *rows, float value)
{
    char text[NUM_SIZE] = "";

    if (!isnan(value))
        num_format_float(text, value);
    rows_text(rows, text);
}

void rows_count(struct rows *rows, size_t value)
{
    char text[NUM_SIZE];

    snprintf(text, sizeof(text), "%zu", value);
    rows_text(rows, text);
}

size_t rows_n(const struct rows *rows)
{
    return rows->n_columns ? rows->n_cells / rows->n_columns : 0;
}

const char *rows_cell(const struct rows *rows, size_t row, size_t column)
{
    return rows->cells[row * rows->n_columns + column];
}

size_t rows_find(const struct rows *rows, const char *column)
{
    for (size_t i = 0; i < rows->n_columns; i++)
        if (strcmp(rows->columns[i], column) == 0)
            return i;
    return CSV_NONE;
}

const char *rows_named(const struct rows *rows, size_t row, const char *column)
{
    size_t at = rows_find(rows, column);

    return at == CSV_NONE ? "" : rows_cell(rows, row, at);
}

double rows_value(const struct rows *rows, size_t row, const char *column)
{
    const char *text = rows_named(rows, row, column);
    double value = NAN;

    num_parse_any(text, strlen(text), &value);
    return value;
}

int rows_write(const struct rows *rows, struct csv_writer *w, struct err *err)
{
    assert(rows->n_columns && rows->n_cells % rows->n_columns == 0);
    for (size_t i = 0; i < rows->n_columns; i++)
        csv_writer_text(w, rows->columns[i]);
    if (csv_writer_end(w, err) != 0)
        return -1;
    for (size_t i = 0; i < rows->n_cells; i++) {
        csv_writer_text(w, rows->cells[i]);
        if ((i + 1) % rows->n_columns == 0 && csv_writer_end(w, err) != 0)
            return -1;
    }
    return 0;
}
