#include "analysis/row_values.h"

#include <math.h>
#include <stdlib.h>

#include "base/mem.h"

double row_number(const struct table *t, size_t row, size_t c)
{
    return (double)t->numbers[row * t->n_numbers + c];
}

double row_words(const struct table *t, size_t row, size_t c)
{
    const struct ngrams *g = &t->texts[c];
    double words = 0;

    for (size_t e = g->start[row]; e < g->start[row + 1]; e++)
        words += g->bucket[e] < NGRAM_GROUP ? (double)g->count[e] : 0;
    return words > 0 ? words : NAN;
}

double row_steps(const struct table *t, size_t row, size_t which)
{
    const struct sequences *s = &t->sequences;
    size_t steps = s->start[row + 1] - s->start[row];
    double sum = 0;

    (void)which;
    for (size_t i = s->start[row]; i < s->start[row + 1]; i++)
        sum += (double)s->value[i * s->width];
    return isnan(sum) ? NAN : (double)steps;
}

double row_step_mean(const struct table *t, size_t row, size_t which)
{
    const struct sequences *s = &t->sequences;
    double sum = 0;

    for (size_t i = s->start[row]; i < s->start[row + 1]; i++)
        sum += (double)s->value[i * s->width + which];
    return sum / (double)(s->start[row + 1] - s->start[row]);
}

double row_pixel(const struct table *t, size_t row, size_t which)
{
    const size_t *shape = t->schema->shape;
    size_t n = shape[0] * shape[1] * shape[2];
    uint8_t *room = mem_alloc(n, 1);
    const uint8_t *pixel = image_rows_pixels(t->images, row, room);
    double sum = 0;

    (void)which;
    for (size_t i = 0; i < n; i++)
        sum += pixel[i];
    free(room);
    return sum / (double)n;
}
