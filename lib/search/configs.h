/*
 * configs: configurations from a CSV, a row each, as the method `manual` tries
 * them.
 */
#ifndef SEARCH_CONFIGS_H
#define SEARCH_CONFIGS_H

#include <stdbool.h>

#include "search/history.h"

/*
 * Reads the columns that have the names of the space; an empty cell is a
 * parameter that means nothing.  A column that is not there is an error.
 *
 * An empty space is made first: a choice for each column that `wanted` says
 * yes to (NULL: all but those of the stream of trials), of the values that
 * stand in it.  given->space must be the space.
 */
int configs_read(struct space *space, struct history *given, const char *path,
                 bool (*wanted)(const char *column), struct err *err);

#endif
