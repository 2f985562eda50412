/*
 * row_chance: could the columns of a table tell its rows apart, so that equal
 * ones are copies (stats/coincidence.h)?
 */
#ifndef ANALYSIS_ROW_CHANCE_H
#define ANALYSIS_ROW_CHANCE_H

#include "analysis/raw_cells.h"

/*
 * ROW_COPIES: there are more equal rows than chance can explain by any column
 * in which less than a tenth of the pairs of rows agree (of rows with one
 * label); ROW_CHANCE: there are not, or no column tells that much (of 16
 * and more, neither do neighbours together).  Of a single
 * column of texts or sequences, words, characters or steps take the place of
 * columns.
 */
enum row_chance { ROW_COPIES, ROW_CHANCE };

/* raw: the texts, or NULL: then texts count as values of their column. */
enum row_chance row_chance(const struct table *table,
                           const struct raw_cells *raw);

#endif
