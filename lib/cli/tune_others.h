/*
 * tune_others: trials that somebody else runs: --ask and --tell.  Functions
 * return the exit status, or end the process where something is wrong.
 */
#ifndef CLI_TUNE_OTHERS_H
#define CLI_TUNE_OTHERS_H

#include "cli/tune_args.h"

int tune_ask(struct tune_args *options, const struct args *args);
int tune_tell(struct tune_args *options, const struct args *args);

#endif
