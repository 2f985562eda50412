/*
 * top_conflicts: which of a few rows have a near-identical twin of another
 * label among many, so that one of the two labels must be wrong.
 *
 * Near-identical as `split --near-duplicates` has it: the same numbers
 * (csv/row_key.h), and texts whose shingles (base/shingles.h) have a Jaccard
 * similarity of .8 and more.
 *
 *     struct top_conflicts c;
 *     top_conflicts_init(&c, n_columns);  and c.key.columns[]
 *     top_conflicts_scan(&c, record);               all rows
 *     text = top_conflicts_add(&c, record);         each of the few
 *     top_conflicts_index(&c);
 *     top_conflicts_see(&c, record, label, id);     all rows again
 *     twin = top_conflicts_of(&c, text, label);
 *
 * Memory: the different texts of the few rows, with some 120 bytes a character.
 */
#ifndef STREAM_TOP_CONFLICTS_H
#define STREAM_TOP_CONFLICTS_H

#include "base/dict.h"
#include "base/shingles.h"
#include "csv/row_key.h"
#include "stats/look_alikes.h"

#define TOP_NO_TEXT SIZE_MAX

/* A row that is like a text; id NULL: none was seen. */
struct top_twin {
    size_t label;
    char *id;
};

/* The first row like a text, and the first of another label than that one. */
struct top_text {
    struct top_twin first, other;
};

struct top_conflicts {
    struct row_key key;
    bool all_text; /* nothing is left to be scanned */
    struct dict texts;
    struct top_text *twins; /* [texts.count] */
    size_t capacity;
    size_t open; /* texts whose `other` is still to be found */
    struct shingles shingles;
    struct look_alikes alikes;
};

void top_conflicts_init(struct top_conflicts *c, size_t n_columns);
void top_conflicts_release(struct top_conflicts *c);

void top_conflicts_scan(struct top_conflicts *c,
                        const struct csv_field *record);

/* The number of the row's text; TOP_NO_TEXT where all its cells are empty. */
size_t top_conflicts_add(struct top_conflicts *c,
                         const struct csv_field *record);

void top_conflicts_index(struct top_conflicts *c);

/* The id is copied. */
void top_conflicts_see(struct top_conflicts *c, const struct csv_field *record,
                       size_t label, const char *id);

/* The first row seen that is like the text and has another label; or NULL. */
const struct top_twin *top_conflicts_of(const struct top_conflicts *c,
                                        size_t text, size_t label);

#endif
