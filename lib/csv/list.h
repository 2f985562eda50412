/*
 * list: the value of a list option, which is one CSV record:
 * --only 'painting,"on paper, print"'.
 */
#ifndef CSV_LIST_H
#define CSV_LIST_H

#include <stdbool.h>
#include <stddef.h>

#include "base/err.h"

/* {0} is a valid empty list; the items are owned. */
struct list {
    char **items;
    size_t n, capacity;
};

void list_release(struct list *list);
void list_add(struct list *list, const char *item);
bool list_has(const struct list *list, const char *item);

/* Adds the cells of one CSV record; an empty cell or bad quoting is -1. */
int list_add_record(struct list *list, const char *record, struct err *err);

/* As list_add_record, but cells may be empty; false: bad quoting. */
bool list_add_cells(struct list *list, const char *record);

/*
 * Splits "name=value" in place at its first '=' (or its last, with `last`):
 * the returned value starts behind it.  NULL where there is none.
 */
char *list_split_pair(char *item, bool last);

#endif
