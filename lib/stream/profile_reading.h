/*
 * profile_reading: a profile that is being read, fact by fact.
 *
 * Calls return 0, or -1 with an error whose cell is `blamed`.
 */
#ifndef STREAM_PROFILE_READING_H
#define STREAM_PROFILE_READING_H

#include "stream/profile.h"

enum cell { FACT, CHECK, SUBJECT, NAME, VALUE, CELLS };

/* Counts are at most 2^53. */
#define PROFILE_MOST 9007199254740992.

/* The order of the facts; those before STAGE_MISSING stand once, all of them.
 */
enum stage {
    STAGE_FORMAT,
    STAGE_ROWS,
    STAGE_ACCURACY,
    STAGE_SEED,
    STAGE_SAMPLE,
    STAGE_MISSING,
    STAGE_CLASS,
    STAGE_COLUMN,
    STAGE_ITEM,
    STAGE_FEATURES,
    STAGE_ROW,
    STAGE_END
};

/*
 * `blamed` is the cell that an error is about; features: their facts so far. Of
 * the item that is being read: x[n], of level h of its sketch; total, how many
 * numbers its levels stand for; filled: buckets, or places of words, so far.
 */
struct reading {
    struct profile *profile;
    struct csv_reader *csv;
    size_t column[CELLS];
    const char *cell[CELLS];
    enum cell blamed;
    struct err *err;
    size_t facts, features;
    enum stage stage;
    struct dict columns;
    size_t columns_capacity;

    struct profile_item *item;
    struct moments moments;
    float range[2];
    double shift, total;
    float *x;
    size_t n, capacity, h, filled;
};

/* The error "not WHAT: 'cell'". */
int reading_wrong(struct reading *r, enum cell cell, const char *what);

/* For the calls that say what is wrong with a cell, but not which. */
struct err *reading_blame(struct reading *r, enum cell cell);

/* A whole number from 0 to `most`. */
int reading_count(struct reading *r, enum cell cell, double most,
                  double *value);

/* The facts of items, and what is to be called behind the last. */
int profile_read_item(struct reading *r);
int profile_read_sketch(struct reading *r);
int profile_read_level(struct reading *r);
int profile_read_bucket(struct reading *r);
int profile_read_words(struct reading *r);
int profile_read_items_end(struct reading *r);

#endif
