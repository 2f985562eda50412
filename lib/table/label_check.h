/*
 * label_check: labels that are not classes.
 */
#ifndef TABLE_LABEL_CHECK_H
#define TABLE_LABEL_CHECK_H

#include "base/err.h"
#include "table/table.h"

/*
 * Refuses (ERR_DATA) labels that hold several in one cell: 5 % of the labelled
 * rows have a `;` or a `|`, or half of them a comma and a blank, and most of
 * the pieces so parted stand in another label too, alone or in other company;
 * of those between commas more than 30 % in front of a label and elsewhere.
 */
int label_check_several(const struct table *table, struct err *err);

/*
 * Refuses (ERR_DATA) amounts: all labels are numbers, at least 100 different
 * ones, and not all are whole or there are fewer than 10 rows for each; or at
 * least 20, and more than half as many as rows.
 */
int label_check_amount(const struct table *table, struct err *err);

/* Both. */
int label_check(const struct table *table, struct err *err);

#endif
