/*
 * row_values: a row's column as one number, whatever its type is.
 *
 * NaN where the cell is missing.  Each is a row_value; `which` says what of it.
 */
#ifndef ANALYSIS_ROW_VALUES_H
#define ANALYSIS_ROW_VALUES_H

#include "table/table.h"

typedef double row_value(const struct table *table, size_t row, size_t which);

/* The number in that place of the table, less its column's shift. */
row_value row_number;

/* How many word n-grams the text in that place has. */
row_value row_words;

/* How many steps the sequence has, and the mean of value `which` of them. */
row_value row_steps, row_step_mean;

/* The image's mean pixel, 0 to 255. */
row_value row_pixel;

#endif
