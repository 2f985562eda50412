/*
 * tune_args: the options of `assay tune`.
 */
#ifndef CLI_TUNE_ARGS_H
#define CLI_TUNE_ARGS_H

#include "cli/fit_setup.h"
#include "search/search_sampler.h"
#include "stream/metric_kind.h"

/* What the tool is to do. */
enum tune_mode {
    TUNE_NETWORK, /* search, training networks */
    TUNE_COMMAND, /* search, running a command */
    TUNE_ASK,
    TUNE_TELL,
    TUNE_BEST, /* from here on: look at a log */
    TUNE_CONTENDERS,
    TUNE_IMPORTANCE,
    TUNE_MARGINAL
};

/* Strings belong to argv; lists are owned. */
struct tune_args {
    struct fit_setup setup;
    enum tune_mode mode;
    const char *log;     /* --log, or the FILE of those that look at one */
    const char *space;   /* --space; NULL: not given */
    const char *configs; /* --configs; NULL: none */
    const char *command, *marginal;
    enum search_method method;
    enum metric_kind metric;
    size_t trials, ask, workers; /* workers 0: measure */
    bool halving;
    size_t eta, min_epochs;    /* of halving; 0: not given */
    size_t repeat, contenders; /* repeat: 0 for commands */
    double limit, timeout;     /* seconds; 0: none */
    bool no_prune;
    bool has_method, has_trials, has_timeout; /* given */
};

/* args_parse for tune: reports what is wrong and exits. */
void tune_args_parse(struct args *args, struct tune_args *options, int argc,
                     char **argv);
void tune_args_release(struct tune_args *options);

#endif
