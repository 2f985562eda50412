/*
 * assay shift: are two sets of rows of one distribution, does it matter, and
 * what is to be done?
 */
#include "cli/report.h"
#include "cli/result.h"
#include "cli/shift_args.h"

static int run(struct shift_args *o, const struct args *args)
{
    (void)args;
    switch (o->mode) {
    case SHIFT_COMPARE:
    case SHIFT_BY:
    case SHIFT_PROFILE:
    case SHIFT_MERGE:
    case SHIFT_LABELS:
    case SHIFT_WEIGHTS:
    case SHIFT_ERRORS:
        break;
    }
    report_usage("not there yet");
}

int main(int argc, char **argv)
{
    struct shift_args options;
    struct args args;
    int status;

    shift_args_parse(&args, &options, argc, argv);
    status = run(&options, &args);
    shift_args_release(&options);
    args_release(&args);
    return status;
}
