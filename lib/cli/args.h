/*
 * args: the command line, spelled the same in every tool.
 *
 * A tool brings a table of its own options and a function that takes them;
 * what all tools share (output, threads, seed, reading, results) is added
 * here, so that one flag means one thing everywhere.
 */
#ifndef CLI_ARGS_H
#define CLI_ARGS_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>

#include "cli/gate.h"
#include "cli/progress.h"
#include "cli/version.h"
#include "csv/list.h"
#include "csv/reader.h"

enum view_mode { VIEW_AUTO, VIEW_ALWAYS, VIEW_NEVER };

/* What the shared options said.  Strings belong to argv. */
struct args {
    const char *output; /* -o; NULL: standard output */
    const char *timings;
    const char *append; /* --append; NULL: no history */
    uint64_t seed;
    bool has_seed; /* it was given */
    bool quiet, bom;
    enum progress_mode progress;
    enum view_mode view;
    struct csv_options csv;
    struct gate *gates;
    size_t n_gates;
    struct buf stamp_names, stamp_values; /* ",a,b" and ",1,2" */
    char **files;                         /* [n_files], none: standard input */
    size_t n_files;
};

/* What a tool brings. */
struct args_tool {
    const char *name;     /* "split" */
    const char *operands; /* "[FILE...]"; no FILE: no options of reading */
    const char *doc;      /* one sentence, then "\v" and more */
    const struct argp_option *options; /* ends in {0}; keys >= 256 or letters */
    version_library *const *libraries; /* for --version; ends in NULL */
    bool results; /* it writes a result table: --view, --csv */

    /* Takes one option of the tool: 0, or -1 with an ERR_USAGE error. */
    int (*take)(void *options, int key, char *value, struct err *err);
};

/*
 * Parses the command line into args and, by tool->take, into options; sets
 * the number of threads; --help and --version print and exit, a wrong command
 * line exits with status 2.  Calls report_start.
 */
void args_parse(struct args *args, const struct args_tool *tool, void *options,
                int argc, char **argv);

void args_release(struct args *args);

/* A number in [low, high], or an ERR_USAGE error that names the option. */
int args_number(const char *option, const char *value, double low, double high,
                double *out, struct err *err);
int args_count(const char *option, const char *value, long low, long high,
               size_t *out, struct err *err);

/* The name of the option with that key, which is in the table. */
const char *args_option_name(const struct argp_option *options, int key);

/* Adds the items of a list (list_add_record), or names the option. */
int args_list(const char *option, const char *value, struct list *list,
              struct err *err);

#endif
