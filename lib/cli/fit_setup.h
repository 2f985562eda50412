/*
 * fit_setup: the options that say what is fitted to what: columns, rows, the
 * network and its hyperparameters.  They are the same in every tool that trains
 * one.
 */
#ifndef CLI_FIT_SETUP_H
#define CLI_FIT_SETUP_H

#include "cli/args.h"
#include "cli/fit_config.h"
#include "cli/setup_options.h"
#include "model/fit.h"

/* Strings belong to argv or config; lists are owned. */
struct fit_setup {
    struct schema_request schema;
    struct fit_options fit;
    const char *hyper[HYPERS]; /* as given, by place in hyper_table, or NULL;
                                  after fit_setup_finish those of config too */
    bool has_net;              /* --net, or config names one */
    bool named_net;            /* --net */
    struct fit_config config;  /* --config */
    bool foreign;              /* --init-from is not a model of ours */
    const char *sequence;      /* --sequence; NULL: rows are wide */
    const char *root;          /* --root; NULL: the working directory */
    struct list row_columns;   /* columns of a sequence, not of its steps */
    size_t n_pixel_mean, n_pixel_std;
};

/* Zeroed, with the network that is taken where none is named. */
void fit_setup_init(struct fit_setup *setup);

/* An option of setup_options: 0, -1 with err, 1 if it is none of these. */
int fit_setup_take(struct fit_setup *setup, int key, char *value,
                   struct err *err);

/*
 * After the last option: reports what does not go together and exits; sets
 * how the data is read (args->csv).  `keep` are columns that are wanted beside
 * those of the schema, or NULL.
 */
void fit_setup_finish(struct fit_setup *setup, struct args *args,
                      const struct list *keep);
void fit_setup_release(struct fit_setup *setup);

/*
 * An option that was given and says nothing where no network is fitted:
 * "learning-rate"; NULL: none.  Valid as long as the program.
 */
const char *fit_setup_needs_net(const struct fit_setup *setup);

#endif
