/*
 * net_space: what is searched for a network: a default for each, and what a
 * space has to do with its hyperparameters (nn/hyper.h).
 *
 * The defaults begin with what matters most by the lecture's table: learning
 * rate, schedule, loss, layer size; then depth, the layers' own parameters and
 * the weight of regularisation; last the batch size.  What is not among them
 * stays as it was given, or as `train` has it.
 */
#ifndef ANALYSIS_NET_SPACE_H
#define ANALYSIS_NET_SPACE_H

#include "nn/hyper.h"
#include "search/space.h"

/*
 * The default space, without what was given (by place in hyper_table; NULL:
 * nothing was).  Errors (ERR_USAGE): the network has nothing to search, or all
 * of it was given.
 */
int net_space_default(struct space *space, enum net_kind net,
                      const char *const given[HYPERS], struct err *err);

/*
 * Whether all of the space are hyperparameters of base->net, which were not
 * given too, with values in their range.  A parameter that means something only
 * for some values of another (momentum: optimizer=momentum,nesterov) gets that
 * condition where the other is searched too; it is an error where the other
 * one is not, and base has it otherwise.
 *
 * Errors (ERR_USAGE) name the parameter: no such hyperparameter, with a near
 * one if there is one; one that the network does not have; a number where there
 * are choices, fractions where there are whole numbers; a condition under which
 * it means nothing.
 */
int net_space_check(struct space *space, const struct hyper *base,
                    const char *const given[HYPERS], struct err *err);

/*
 * Sets a configuration of a checked space: value[space->n]; what means nothing
 * (NaN) stays as it is.
 */
int net_space_apply(const struct space *space, const double *value,
                    struct hyper *hyper, struct err *err);

/*
 * How large a network of a configuration is, to compare it with others of the
 * space: the product of its widths and depths that are searched.  NaN where
 * none is.
 */
double net_space_size(const struct space *space, const double *value);

/*
 * "epochs" or "patience" where the space has it, else NULL: trials then are not
 * comparable after the same number of epochs, as halving wants them.
 */
const char *net_space_length(const struct space *space);

#endif
