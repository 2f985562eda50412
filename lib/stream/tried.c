#include "stream/tried.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"

void tried_add(struct tried *t, const char *name, const char *value,
               bool changed)
{
    struct tried_value *v;
    double number = NAN;

    t->values =
        mem_grow(t->values, &t->capacity, t->n_values + 1, sizeof(*t->values));
    num_parse(value, strlen(value), &number);
    v = &t->values[t->n_values++];
    *v = (struct tried_value){mem_strdup(name), mem_strdup(value), changed,
                              number, number};
}

const struct tried_value *tried_find(const struct tried *t, const char *name)
{
    for (size_t i = 0; i < t->n_values; i++)
        if (strcmp(t->values[i].name, name) == 0)
            return &t->values[i];
    return NULL;
}

double tried_number(const struct tried *t, const char *name)
{
    const struct tried_value *v = tried_find(t, name);

    return v ? v->high : NAN;
}

void tried_release(struct tried *t)
{
    for (size_t i = 0; i < t->n_values; i++) {
        free(t->values[i].name);
        free(t->values[i].value);
    }
    free(t->values);
    free(t->net);
    free(t->model);
    free(t->label);
    free(t->columns);
    list_release(&t->features);
    memset(t, 0, sizeof(*t));
}
