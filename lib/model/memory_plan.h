/*
 * memory_plan: how much memory a training will take, before it begins.
 *
 * What is there already is measured (the program, its libraries, the encoded
 * data); what a model takes is reckoned: parameters, gradients, moments, the
 * best epoch's parameters, a batch with its activations and gradients, a block
 * of rows in prediction; times the number of models trained at once; and the
 * predictions of all that are kept.
 */
#ifndef MODEL_MEMORY_PLAN_H
#define MODEL_MEMORY_PLAN_H

#include "model/fit.h"

/* In bytes. */
struct memory_plan {
    double have;        /* of this process now */
    double model;       /* one model in training */
    size_t at_once;     /* models */
    double predictions; /* kept */
    double total;       /* at most, of this process */
};

/* Of a network that has been made; it counts as part of its model. */
struct memory_plan memory_plan(struct net *net, const struct encoder *encoder,
                               const struct table *table,
                               const struct fit_plan *plan,
                               const struct fit_options *options, bool predict);

/*
 * Whether so many bytes beyond what the process has will be there: else an
 * ERR_DATA error "WHAT about N MB of memory, but LIMIT allows M MB".
 */
int memory_check(double more, const char *what, struct err *err);

/*
 * Makes the first run's network without training it and checks that all of
 * the training fits.
 */
int memory_check_fit(struct memory_plan *memory, const struct table *table,
                     const struct fit_plan *plan,
                     const struct fit_options *options, bool predict,
                     struct err *err);

/* Of the bare parameters of a network, before it is made. */
int memory_check_network(const struct net_spec *spec, struct err *err);

/* Of rows that were read once, before they are read again and kept. */
int memory_check_rows(const struct schema *schema, size_t rows,
                      struct err *err);

#endif
