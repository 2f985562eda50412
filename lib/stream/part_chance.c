#include "stream/part_chance.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

static const uint32_t NONE = UINT32_MAX;

void part_chance_set(struct part_chance *c, size_t row, size_t pattern)
{
    c->pattern =
        mem_grow(c->pattern, &c->capacity, row + 1, sizeof(*c->pattern));
    while (c->n <= row)
        c->pattern[c->n++] = NONE;
    c->pattern[row] = (uint32_t)pattern;
}

/* place[k]: the number of the reader's class k in the fit, or SIZE_MAX. */
static size_t *find_places(const struct goal *goal,
                           const struct prediction_reader *from,
                           const struct annotators *fit)
{
    const struct dict *classes = &from->classes;
    size_t *place = mem_alloc(classes->count, sizeof(*place));

    for (size_t k = 0; k < classes->count; k++) {
        place[k] = goal_class(goal, classes->text[k], classes->len[k]);
        if (place[k] >= fit->n_classes)
            place[k] = SIZE_MAX;
    }
    return place;
}

double *part_chance_make(const struct part_chance *c, size_t rows,
                         const struct goal *goal,
                         const struct prediction_reader *from)
{
    const struct annotators *fit = goal_annotators(goal);
    size_t n = from->classes.count, *place;
    double *out, *p;

    if (!fit || !rows)
        return NULL;
    place = find_places(goal, from, fit);
    p = mem_alloc(fit->n_classes, sizeof(*p));
    out = mem_alloc(rows * n, sizeof(*out));
    for (size_t i = 0; i < rows; i++) {
        uint32_t pattern = i < c->n ? c->pattern[i] : NONE;
        if (pattern == NONE)
            memcpy(p, fit->prior, fit->n_classes * sizeof(*p));
        else
            goal_posterior(goal, pattern, p);
        for (size_t k = 0; k < n; k++)
            out[i * n + k] = place[k] == SIZE_MAX ? 0 : p[place[k]];
    }
    free(p);
    free(place);
    return out;
}

void part_chance_release(struct part_chance *c)
{
    free(c->pattern);
    memset(c, 0, sizeof(*c));
}
