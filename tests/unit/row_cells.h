/*
 * row_cells: rows of a result table, written as one string a row.
 */
#ifndef UNIT_ROW_CELLS_H
#define UNIT_ROW_CELLS_H

#include <stdlib.h>
#include <string.h>

#include "csv/rows.h"

/* Adds the cells of "val|error||0.11". */
static inline void add(struct rows *rows, const char *cells)
{
    for (;;) {
        size_t len = strcspn(cells, "|");
        char *cell = strndup(cells, len);
        rows_text(rows, cell);
        free(cell);
        if (!cells[len])
            return;
        cells += len + 1;
    }
}

#endif
