/*
 * replica_sums: what several models said of the same rows, joined by id.
 *
 * Of predictions with a column `replica` the held-out rows are kept: those of
 * all splits but train, or those of the splits asked for.  A row is its id,
 * whatever the order; the same id in several splits is the same row.  In a
 * stream of several training sizes each row keeps the models of the largest
 * one that predicted it.
 *
 * Rows may have been predicted by some replicas only (out-of-bag predictions):
 * each counts once, with its own number of replicas; those of fewer than two
 * are counted and left out.
 *
 * Memory a row: 20 to 60 bytes (hash, number, label; arrays double), 2 a
 * replica; for brier and log_loss 8 a class; 24 and the id where ids are kept;
 * 81 in the end.
 */
#ifndef STREAM_REPLICA_SUMS_H
#define STREAM_REPLICA_SUMS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/hash_index.h"
#include "stats/bias_variance.h"
#include "stream/prediction.h"

struct replica_options {
    const struct list *on; /* splits; NULL or empty: all but train */
    enum decomposition decomposition;
    bool keep_ids;
};

struct replica_sums {
    const struct replica_options *options; /* must outlive the sums */
    struct hash_index ids;
    uint32_t *label;      /* [ids.count] */
    uint32_t *train_size; /* [ids.count]; NULL without the column */
    uint16_t **pred;      /* [n_replicas][capacity] class + 1, 0: none */
    size_t n_replicas, capacity;
    double *sum; /* [ids.count][n_p + 1] of p or ln p, then of p² */
    size_t n_p;
    size_t *text_at; /* [ids.count] where its id begins in text */
    struct buf text;
    bool *splits; /* [n_splits] whether rows are of it, by number */
    size_t n_splits;
    bool has_sizes;
    size_t row; /* number of the row added last, CSV_NONE: it was left out */
};

/* Rows, in the order of their first prediction. */
struct replica_rows {
    size_t n;
    struct row_parts *parts; /* [n]; main: in prediction_reader.classes */
    size_t *number;          /* [n] in the sums */
    double *wrong;           /* [n] share of its replicas */
    bool *alike;             /* [n] whether all of them say the same class */
    size_t few;              /* rows left out: fewer than two replicas */
    size_t partial;          /* rows that some replica did not predict */
};

/*
 * Empty sums, or NULL: no column replica or id, or (brier, log_loss) none of
 * p:.
 */
struct replica_sums *replica_sums_new(const struct replica_options *options,
                                      const struct prediction_reader *from,
                                      struct err *err);
void replica_sums_free(struct replica_sums *sums); /* NULL is fine */

/*
 * Adds the reader's current row, which has a label.  Errors, with their line:
 * no id; an id that occurs twice in a replica; a label that is another one than
 * before; more than 4096 replicas or 65534 classes.
 */
int replica_sums_add(struct replica_sums *sums,
                     const struct prediction_reader *from, struct err *err);

/* The id of a row, NUL-terminated; options.keep_ids. */
const char *replica_sums_id(const struct replica_sums *sums, size_t number);

/*
 * The parts of every row.  chance[ids.count][classes.count]: what each row's
 * label is a draw from, rows and classes by their numbers; NULL: labels are
 * taken as right.  Where two classes have as many votes, or are as probable, it
 * is the first in sorted order that counts.
 */
void replica_rows_make(struct replica_sums *sums,
                       const struct prediction_reader *from,
                       const double *chance, struct replica_rows *out);
void replica_rows_release(struct replica_rows *rows);

#endif
