/*
 * joining: inside stream/joined.h, files while they are being joined.
 */
#ifndef STREAM_JOINING_H
#define STREAM_JOINING_H

#include "base/hash_set.h"
#include "stream/joined.h"

#define NO_CLASS UINT32_MAX

/* One file while it is read. */
struct source {
    struct prediction_reader reader;
    bool open;
    uint32_t *class; /* [class_capacity] of the reader's: ours + 1; 0: none */
    size_t class_capacity;
    bool numbered;         /* all ids so far are the numbers of the rows */
    struct hash_set stray; /* keys of rows without a partner */
    size_t *left;          /* [n_splits] rows that not all files have */
    size_t left_capacity, n_left;
};

/* Columns that tell rows of one id apart, in prediction_reader. */
enum { BY_SPLIT, BY_FOLD, BY_REPLICA, BY_SIZE, N_BY };

struct joining {
    struct joined *out;
    const struct joined_options *options;
    struct source *sources; /* [out->n_models] */
    size_t first;           /* the one whose labels count */
    bool by[N_BY], any_split;
    bool held_out; /* rows of train are left out */
    bool dropped;  /* some were */
    size_t n, capacity;
    uint64_t *key, *id_hash; /* [n] */
    uint32_t *slots;         /* [n_slots] row + 1; 0: free */
    size_t n_slots;
    struct hash_set stray_ids;
    struct hash_set ruled_out; /* keys of rows that a file has in another split;
                                  where the split is part of the key: empty */
    size_t unlabelled, moved;
    struct buf example; /* an id without a partner */
    size_t example_of;
};

/* The number among our classes of one of the reader's, or NO_CLASS. */
uint32_t joining_class(struct joining *joining, struct source *source,
                       size_t class);

/* What the current row of a file says goes to `row`, whose label is there. */
void joining_fill(struct joining *joining, size_t file, size_t row);

/* An error where the current row has another label than `row`, and none of the
 * two was said to count. */
int joining_check_label(struct joining *joining, struct source *source,
                        size_t row, struct err *err);

/* Counts a row of a file that not all files have. */
void joining_leave(struct joining *joining, size_t file, const char *split);

/* Once all are read: keeps the rows that every file has; errors as in
 * stream/joined.h. */
int joining_keep(struct joining *joining, struct err *err);

/* How many rows there are, and which are left out. */
void joining_note(const struct joining *joining, struct buf *notes);

#endif
