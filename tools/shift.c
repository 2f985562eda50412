/*
 * assay shift: are two sets of rows of one distribution, does it matter, and
 * what is to be done?
 */
#include "cli/report.h"
#include "cli/result.h"
#include "cli/shift_args.h"
#include "cli/shift_compare.h"

static int run(struct shift_args *o, const struct args *args)
{
    switch (o->mode) {
    case SHIFT_COMPARE:
        return shift_compare(o, args);
    case SHIFT_BY:
        return shift_by(o, args);
    case SHIFT_PROFILE:
        return shift_profile(o, args);
    case SHIFT_MERGE:
        return shift_merge(o, args);
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
