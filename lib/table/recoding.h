/*
 * recoding: labels that become others, by a table `class,into`.
 */
#ifndef TABLE_RECODING_H
#define TABLE_RECODING_H

#include <stdbool.h>

#include "base/dict.h"
#include "base/err.h"
#include "csv/list.h"

/*
 * {0} leaves all labels alone.  from's label i becomes to.items[i]; met[i]: it
 * was asked for, or an earlier row of the table makes it.
 */
struct recoding {
    struct dict from;
    struct list to;
    bool *met; /* [capacity] */
    size_t capacity;
    size_t last_step; /* of all rows of the table, 0 if steps were not read */
};

/*
 * Reads the table; its rows apply in order, so that merges add up.  With
 * `steps` above 0 only rows whose column `step`, a whole number from 1, is at
 * most that: the first steps of a plan (stream/collapse_rows.h).
 */
int recoding_read(struct recoding *recoding, const char *path, size_t steps,
                  struct err *err);
void recoding_release(struct recoding *recoding);

/*
 * What the label becomes, a string of the recoding; NULL: it stays.  Notes that
 * there is such a label.
 */
const char *recoding_of(const struct recoding *recoding, const char *label,
                        size_t len);

/* How many labels of the table never came; the first of them, NULL: none. */
size_t recoding_unmet(const struct recoding *recoding, const char **first);

#endif
