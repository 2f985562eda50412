/*
 * synth_args: the options of `assay synth`.
 */
#ifndef CLI_SYNTH_ARGS_H
#define CLI_SYNTH_ARGS_H

#include "cli/args.h"
#include "synth/maker.h"

struct synth_args {
    struct synth_options synth;
    const char *truth; /* a file's name, or NULL */
};

/* args_parse for synth: reports what is wrong and exits. */
void synth_args_parse(struct args *args, struct synth_args *options, int argc,
                      char **argv);

#endif
