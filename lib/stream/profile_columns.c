#include "stream/profile_columns.h"

#include <string.h>

void profile_columns_index(const struct profile *p, struct dict *names)
{
    for (size_t i = 0; i < p->n_columns; i++)
        dict_add(names, p->columns[i].name, strlen(p->columns[i].name));
}

double profile_columns_shift(const struct profile *p, const struct dict *names,
                             const struct profile_item *item)
{
    size_t at = strcmp(item->check, "number") == 0
                    ? dict_find(names, item->subject, strlen(item->subject))
                    : DICT_NONE;

    return at == DICT_NONE ? 0 : p->columns[at].shift;
}
