#include "csv/cell_list.h"

#include <stdlib.h>
#include <string.h>

void cells_clear(struct cells *c)
{
    c->n = c->text_len = 0;
}

void cells_release(struct cells *c)
{
    free(c->text);
    free(c->start);
    free(c->raw);
    memset(c, 0, sizeof(*c));
}
