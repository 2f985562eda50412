/*
 * row_orders: the orders in which somebody may have listed the rows of a table:
 * by each of its columns.
 *
 * A column is put in order as numbers (where all cells are), as text by bytes
 * (10 before 9), as text with capitals and small letters alike, in natural
 * order (9 before 10 inside of names), and, where cells are paths, the last two
 * by what stands behind the last slash; rising and falling.  Equal cells stay
 * in the order of the file.  For each, either the labels stand in that order
 * and the rows do not, or the inputs do and the labels beside the column do
 * not.
 */
#ifndef ANALYSIS_ROW_ORDERS_H
#define ANALYSIS_ROW_ORDERS_H

#include "base/buf.h"
#include "stats/alignment.h"
#include "table/table.h"

struct row_orders;

/*
 * Of the rows row[n] of the table, which were read from `data` (NULL: there are
 * no orders); all are borrowed.  Cells are read, once more, when they are first
 * asked for: up to 16 columns, those that are no features and names first, of
 * tables of up to 100,000 rows.  Cells count up to their 200th byte.
 */
struct row_orders *row_orders_new(const struct table *table,
                                  struct csv_reader *data, const size_t *row,
                                  size_t n);
void row_orders_free(struct row_orders *orders);

/*
 * For alignment_test, as long as the orders live.  Where labels are not lost,
 * only columns that look like names, in tables of up to 20,000 rows.
 */
struct known_orders row_orders_known(struct row_orders *orders);

/* -1 if the cells could not be read. */
int row_orders_failed(const struct row_orders *orders, struct err *err);

/* "the labels stand in the order of column 'file' as text ...: join them by
 * key: assay pair --key=file", where the column can be a key. */
void row_orders_say(const struct row_orders *orders, size_t order,
                    struct buf *out);

/* Whether inputs may go with an order because it is that of one of them. */
bool row_orders_by_input(const struct row_orders *orders, size_t order);

#endif
