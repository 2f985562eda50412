/*
 * identity: what makes two trainings the same one: version, options, data.
 *
 * Not the number of threads, nor where results go, nor how much is said.
 */
#ifndef CLI_IDENTITY_H
#define CLI_IDENTITY_H

#include "cli/train_args.h"
#include "model/checkpoint.h"

/* Adds what is fitted to what: options and data, as "NAME=VALUE". */
int identity_add(struct list *items, const struct fit_setup *setup,
                 const struct table *table, struct err *err);

/* Fills *identity, whose items are then owned; fails where a file cannot be
 * read. */
int identity_of(struct checkpoint_identity *identity,
                const struct train_args *options, const struct table *table,
                struct err *err);

#endif
