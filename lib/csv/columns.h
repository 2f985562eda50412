/*
 * columns: the names of the first file's header, and where they stand in the
 * current file.
 */
#ifndef CSV_COLUMNS_H
#define CSV_COLUMNS_H

#include <stdbool.h>

#include "base/dict.h"
#include "base/err.h"
#include "csv/cell_list.h"

/* {0} is a valid start. */
struct columns {
    struct dict names;
    struct dict raw_names; /* may hold doubles; numbered by raw_name_of */
    size_t *raw_name_of;
    size_t *place;   /* [names.count] field of this file -> column */
    size_t *field;   /* [names.count] column -> field of this file */
    bool same_order; /* as in the first file */
};

/*
 * A file's header, the one record of `header`, whose raw bytes are in `data`.
 * The first one gives the names; later ones must have the same, in any order.
 * -1 where they have not, or a name occurs twice.
 */
int columns_take(struct columns *columns, const struct cells *header,
                 const char *data, struct err *err);

void columns_release(struct columns *columns);

#endif
