#include "stream/part_chance.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

void part_chance_add(struct part_chance *c, const struct goal *goal,
                     const struct prediction_reader *from, size_t persons,
                     size_t row)
{
    if (row == CSV_NONE || row < c->n)
        return;
    c->persons = persons;
    c->class = mem_grow(c->class, &c->capacity, (c->n + 1) * persons,
                        sizeof(*c->class));
    goal_judgements(goal, from, c->class + c->n++ * persons);
}

/* Of one row, its classes in the reader's order. */
static void reorder(const double *p, const size_t *place, size_t n, double *out)
{
    for (size_t k = 0; k < n; k++)
        out[k] = place[k] == SIZE_MAX ? 0 : p[place[k]];
}

double *part_chance_make(const struct part_chance *c, const struct goal *goal,
                         const struct prediction_reader *from)
{
    const struct annotators *fit = goal_annotators(goal);
    size_t n = from->classes.count, *place;
    double *out, *p;

    if (!fit || !c->n)
        return NULL;
    place = mem_alloc(n, sizeof(*place));
    for (size_t k = 0; k < n; k++) {
        place[k] =
            goal_class(goal, from->classes.text[k], from->classes.len[k]);
        if (place[k] >= fit->n_classes)
            place[k] = SIZE_MAX;
    }
    p = mem_alloc(c->n * fit->n_classes, sizeof(*p));
    annotators_posteriors(fit, c->class, c->n, p);
    out = mem_alloc(c->n * n, sizeof(*out));
    for (size_t i = 0; i < c->n; i++)
        reorder(p + i * fit->n_classes, place, n, out + i * n);
    free(p);
    free(place);
    return out;
}

void part_chance_release(struct part_chance *c)
{
    free(c->class);
    memset(c, 0, sizeof(*c));
}
