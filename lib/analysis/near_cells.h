/*
 * near_cells: rows of a table as cells for stats/near_rows.h.
 *
 * Numbers agree within a 200th of their deviation, a missing one with a missing
 * one; levels and texts are the same or not.  Of more than NEAR_COLUMNS columns
 * those in which rows agree least often are taken.
 */
#ifndef ANALYSIS_NEAR_CELLS_H
#define ANALYSIS_NEAR_CELLS_H

#include "stats/near_rows.h"
#include "table/table.h"

/* column[shape.columns]: numbers first, then categories, then texts. */
struct near_cells {
    struct near_shape shape;
    size_t column[NEAR_COLUMNS];
};

/* Agreement is that of 20,000 pairs of rows with one label. */
void near_cells_init(struct near_cells *cells, const struct table *table,
                     uint64_t seed);

/* Cells of rows row[n]: new memory, [n][shape.columns]. */
float *near_cells_of(const struct near_cells *cells, const struct table *table,
                     const size_t *row, size_t n);

#endif
