/*
 * fit: one network from rows of a table, ready to be trained.
 */
#ifndef MODEL_FIT_H
#define MODEL_FIT_H

#include "model/model.h"
#include "model/plan.h"

/* The rows of one training run and its seed. */
struct fit_rows {
    const size_t *fit, *stop; /* [n_fit], [n_stop] */
    size_t n_fit, n_stop;
    uint64_t seed;
};

/*
 * Makes the encoder, new and bound to the table, and the network.  With
 * options->init_from the weights are those of that file, and so is the encoder
 * if the file is one of ours; its last layer is taken if the classes are the
 * same; names of parameters that start anew are added to
 * left (or NULL).  With options->freeze parameters are fixed.
 *
 * NULL on failure, with *encoder empty: a network that cannot be
 * (network_check), weights that do not fit (weights_transfer), a prefix that
 * matches nothing.
 */
struct net *fit_prepare(struct encoder *encoder, const struct table *table,
                        const struct fit_rows *rows, const struct list *classes,
                        const struct fit_options *options, struct list *left,
                        struct err *err);

/*
 * The same in two parts, for several networks over one encoder, which none of
 * them changes: hyperparameters do not matter to it.
 */
int fit_encoder(struct encoder *encoder, const struct table *table,
                const struct fit_rows *rows, const struct list *classes,
                const struct fit_options *options, struct err *err);
struct net *fit_network(const struct encoder *encoder,
                        const struct fit_rows *rows, const struct list *classes,
                        const struct fit_options *options, struct list *left,
                        struct err *err);

#endif
