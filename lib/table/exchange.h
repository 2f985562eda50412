/*
 * exchange: the cells of one feature, moved between the rows of a table.
 *
 *     struct exchange x;
 *
 *     exchange_begin(&x, &table, feature);
 *     exchange_apply(&x, from);    // row r has the cell of row from[r]
 *     …
 *     exchange_end(&x);            // as it was
 *
 * What belongs to a cell goes with it: that it is missing, a text's n-grams,
 * the tokens of its column.
 */
#ifndef TABLE_EXCHANGE_H
#define TABLE_EXCHANGE_H

#include "table/table.h"

/* The cells as they were: numbers, levels, a text or the tokens, by type. */
struct exchange {
    struct table *table;
    enum column_type type;
    size_t place; /* among the features of its type */
    float *numbers;
    uint32_t *levels;
    struct ngrams text;
    struct tokens tokens;
};

/* Whether a column of the schema is a feature that can be exchanged: number,
 * category or text. */
bool exchange_can(const struct column *column);

/*
 * `feature` is such a column.  Memory: its cells once more.  Of FORM_TOKENS the
 * table must hold whole rows of tokens, whatever the schema's max_steps: they
 * are cut to it by exchange_apply.
 */
void exchange_begin(struct exchange *x, struct table *table, size_t feature);

/* from[table->n]; NULL: every row its own cell. */
void exchange_apply(struct exchange *x, const size_t *from);

void exchange_end(struct exchange *x);

#endif
