/*
 * join: a table held in memory by its key, and which of its rows met what.
 *
 * The rows of the held table (labels, corrections) stay in memory; those of
 * the other side (images, rows of data) come one by one and ask for their
 * partner.  Each row may meet one partner and no two rows may have one key, on
 * either side: what breaks that is remembered, and join_check tells of all of
 * it at once.  Memory is that of the held table, and of the keys of the other
 * side that met nothing.
 */
#ifndef TABLE_JOIN_H
#define TABLE_JOIN_H

#include <stdbool.h>
#include <stddef.h>

#include "base/buf.h"
#include "base/dict.h"
#include "csv/held.h"
#include "csv/reader.h"
#include "csv/writer.h"
#include "table/key.h"

#define JOIN_NONE SIZE_MAX

/* A key of the other side without a partner, and where it was met. */
struct join_stray {
    char *text; /* as it stood; owned */
    size_t place;
};

/* The first few of what is wrong, and how many there are. */
struct join_list {
    size_t n;
    struct buf text;
};

/*
 * How the other side is spoken of.  A place is a line, a record's number or,
 * with `paths`, an index into them.
 */
struct join_other {
    const char *one, *many; /* "image", "images" */
    const char *partner;    /* what a row lacks: "image" */
    const char *place;      /* "line", "record" */
    char *const *paths;
};

/* Invariant: row i of `held` has key i of `keys`, in its made form. */
struct join {
    struct key_rule rule;
    struct join_other other;
    struct csv_reader *table; /* owned; at its end */
    size_t key;               /* its key column */
    struct held_records held;
    struct dict keys;
    long *lines;     /* [keys.count] */
    size_t *partner; /* [keys.count] place + 1; 0: none so far */
    size_t n_met;
    struct dict loose; /* made by the widest rule; only with join_expect_few */
    struct dict stray_keys;
    struct join_stray *strays; /* [stray_keys.count] */
    bool few;
    size_t stray_capacity, capacity, partner_capacity;
    struct join_list twice, other_twice;
    struct buf made;
};

/*
 * Reads the table at `path`, whose key column is `key`.  An empty key is an
 * error.  On failure `join` owns nothing.
 */
int join_open(struct join *join, const char *path,
              const struct csv_options *options, const char *key,
              struct key_rule rule, struct err *err);
void join_release(struct join *join);

/*
 * Before any is met: most of the other side has no partner and needs none,
 * so that only those are remembered which might have been meant.
 */
void join_expect_few(struct join *join);

/*
 * The row whose key this is, or JOIN_NONE.  Of an image compared by its path
 * also the row that has the path with backslashes, where none has it as it is.
 */
size_t join_meet(struct join *join, const char *key, size_t len, size_t place);

/* Before any is met: an error where rows of the held table share a key. */
int join_check_held(const struct join *join, struct err *err);

/*
 * The columns of the held table that are wanted, in that order: those of
 * `keep`, or all of them but, without `with_key`, the key.  *columns is owned
 * by the caller, also on failure.
 */
int join_columns(const struct join *join, const struct list *keep,
                 bool with_key, size_t **columns, size_t *n, struct err *err);

/* The cells of a row. */
const struct csv_field *join_fields(const struct join *join, size_t row);

/*
 * Once all have met: an error that lists the keys that occur twice and, unless
 * `all_rows` and `all_others` are false, the rows and the others that have no
 * partner; where another rule would find more of them, it says which.
 */
int join_check(struct join *join, bool all_rows, bool all_others,
               struct err *err);

/*
 * The rows `side,key,place` of all that has no partner, to an open writer;
 * of the held table alone after join_expect_few.
 */
int join_write_unmatched(struct join *join, struct csv_writer *writer,
                         struct err *err);

#endif
