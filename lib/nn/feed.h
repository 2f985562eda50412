/*
 * feed: rows of a table on their way through a network, in training and in
 * prediction: encoded as they are needed, augmented in training.
 *
 * Where the network's first layers never change (--freeze), their outputs for
 * the rows are computed once and kept, and passes start behind them.
 */
#ifndef NN_FEED_H
#define NN_FEED_H

#include "nn/shards.h"
#include "table/table.h"

/* Of the rows in one pass; owns everything but net, encoder and table. */
struct feed {
    struct net *net;
    const struct encoder *encoder;
    const struct table *table;
    struct batch batch, targets; /* rows, and those that join them */
    struct shards shards;
    size_t first;              /* layers whose outputs are kept; 0: none */
    size_t size;               /* values of a kept row */
    real *kept;                /* [n_kept][size] */
    uint32_t *place;           /* [table->n] row -> kept row + 1, or 0 */
    const struct mixup *mixup; /* of the next training pass; NULL: none */
    real *x; /* [padded][size] kept rows of a batch, side by side */
    size_t x_capacity;
    const struct train_hooks *hooks; /* of a test; NULL */
    uint64_t looks;                  /* with hooks: passes that predicted */
};

/* Everything zero but the three pointers. */
void feed_init(struct feed *feed, struct net *net,
               const struct encoder *encoder, const struct table *table);
void feed_release(struct feed *feed);

/*
 * From now on training rows have target rows behind them, where there are any;
 * those of the next pass have been taken (adapt_take).
 */
void feed_adapt(struct feed *feed, struct adapt *adapt);

/* For a test (nn/hooks.h); NULL: none. */
void feed_hook(struct feed *feed, const struct train_hooks *hooks);

/*
 * Keeps the outputs of the layers that never change for these rows; does
 * nothing where there are none, or where training rows are augmented, or have
 * target rows behind them.
 */
void feed_keep(struct feed *feed, const size_t *rows, size_t n);

/*
 * Logits [padded][classes] of rows[0..n), valid until the next call.  They must
 * be among the kept ones where some are kept.
 */
const real *feed_look(struct feed *feed, const size_t *rows, size_t n);

/*
 * A training step but for the optimizer's part: forward, grade (shards.h) and
 * backward, of rows augmented as epoch pass->epoch wants it, and of target rows
 * (feed_adapt) behind them.  Returns the number of shards.
 */
size_t feed_train(struct feed *feed, const size_t *rows, size_t n,
                  const struct pass *pass, shards_grade_fn *grade,
                  void *context);

/*
 * prob[n][classes] for rows[0..n), in blocks.  A row's numbers do not depend
 * on the rows beside it.
 */
void feed_predict(struct feed *feed, const size_t *rows, size_t n, float *prob);

/* Steps of the table's longest row; 1 without any. */
size_t feed_steps(const struct feed *feed);

/* Multiply-adds of the products of the table's longest row, forward. */
size_t feed_row_work(const struct feed *feed);

/* Rows that predict at a time, so that the activations stay in bounds. */
size_t feed_block(const struct feed *feed);

#endif
