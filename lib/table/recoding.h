/*
 * recoding: labels that become others, by a table `class,into`.
 */
#ifndef TABLE_RECODING_H
#define TABLE_RECODING_H

#include "base/dict.h"
#include "base/err.h"
#include "csv/list.h"

/* {0} leaves all labels alone.  from's label i becomes to.items[i]. */
struct recoding {
    struct dict from;
    struct list to;
};

/* Reads the table; its rows apply in order, so that merges add up. */
int recoding_read(struct recoding *recoding, const char *path, struct err *err);
void recoding_release(struct recoding *recoding);

/* What the label becomes, a string of the recoding; NULL: it stays. */
const char *recoding_of(const struct recoding *recoding, const char *label,
                        size_t len);

#endif
