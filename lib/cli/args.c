#include "cli/args.h"

#include <stdlib.h>
#include <string.h>

#include "base/mem.h"
#include "base/num.h"
#include "base/parallel.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "csv/writer.h"

enum {
    KEY_SEED = 1000,
    KEY_PROGRESS,
    KEY_TIMINGS,
    KEY_BOM,
    KEY_DELIMITER,
    KEY_ENCODING,
    KEY_SKIP_BAD,
    KEY_GATE,
    KEY_APPEND,
    KEY_STAMP,
    KEY_VIEW,
    KEY_CSV
};

static const struct argp_option reading_options[] = {
    {0, 0, 0, 0, "Reading:", 10},
    {"delimiter", KEY_DELIMITER, "C", 0,
     "fields are separated by C (a comma; 'tab' for tabs)", 0},
    {"encoding", KEY_ENCODING, "NAME", 0,
     "the input is in this encoding (latin1, utf-16, ...), not UTF-8", 0},
    {"skip-bad", KEY_SKIP_BAD, 0, 0,
     "leave out ragged and non-UTF-8 records and count them", 0},
    {0}};

static const struct argp_option shared_options[] = {
    {0, 0, 0, 0, "Writing:", 11},
    {"output", 'o', "FILE", 0,
     "write to FILE (compressed if it ends in .gz), whole or not at all", 0},
    {"bom", KEY_BOM, 0, 0, "begin with a byte order mark, for spreadsheets", 0},
    {"append", KEY_APPEND, "FILE", 0, "also add the rows to a history", 0},
    {"stamp", KEY_STAMP, "NAME=VALUE", 0, "add a column with this value", 0},
    {"gate", KEY_GATE, "'[ROW.]NAME[.COLUMN] OP X'", 0,
     "exit with 3 unless the result satisfies this", 0},
    {0, 0, 0, 0, "Running:", 12},
    {"threads", 'j', "N", 0, "use N threads", 0},
    {"seed", KEY_SEED, "N", 0, "seed of all that is random (1)", 0},
    {"quiet", 'q', 0, 0, "no notes and no progress", 0},
    {"progress", KEY_PROGRESS, "auto|always|never", 0,
     "draw progress on standard error", 0},
    {"timings", KEY_TIMINGS, "FILE", 0, "write seconds by phase to FILE", 0},
    {0, 0, 0, 0, "Help:", -1},
    {0}};

static const struct argp_option view_options[] = {
    {"view", KEY_VIEW, 0, 0, "show the result for people, also into a pipe",
     11},
    {"csv", KEY_CSV, 0, 0, "write CSV, also on a terminal", 11},
    {0}};

struct parsing {
    struct args *args;
    const struct args_tool *tool;
    void *options;
};

int args_number(const char *option, const char *value, double low, double high,
                double *out, struct err *err)
{
    if (!num_parse(value, strlen(value), out) || *out < low || *out > high) {
        char least[NUM_SIZE], most[NUM_SIZE];
        num_format(least, low);
        num_format(most, high);
        return err_set(err, ERR_USAGE,
                       "--%s: '%s' is not a number from %s to %s", option,
                       value, least, most);
    }
    return 0;
}

int args_count(const char *option, const char *value, long low, long high,
               size_t *out, struct err *err)
{
    long n;

    if (!num_parse_long(value, low, high, &n))
        return err_set(err, ERR_USAGE,
                       "--%s: '%s' is not a whole number from %ld to %ld",
                       option, value, low, high);
    *out = (size_t)n;
    return 0;
}

int args_list(const char *option, const char *value, struct list *list,
              struct err *err)
{
    struct err why = {0};

    return list_add_record(list, value, &why) == 0
               ? 0
               : err_set(err, ERR_USAGE, "--%s: %s", option, why.message);
}

static int take_delimiter(struct args *args, const char *value, struct err *err)
{
    if (strcmp(value, "tab") == 0 || strcmp(value, "\\t") == 0)
        args->csv.delimiter = '\t';
    else if (strlen(value) == 1 && !strchr("\"\n\r", *value))
        args->csv.delimiter = *value;
    else
        return err_set(err, ERR_USAGE, "--delimiter: '%s' is not one character",
                       value);
    return 0;
}

static int take_progress(struct args *args, const char *value, struct err *err)
{
    if (strcmp(value, "auto") == 0)
        args->progress = PROGRESS_AUTO;
    else if (strcmp(value, "always") == 0)
        args->progress = PROGRESS_ALWAYS;
    else if (strcmp(value, "never") == 0)
        args->progress = PROGRESS_NEVER;
    else
        return err_set(err, ERR_USAGE,
                       "--progress: '%s' is not auto, always or never", value);
    return 0;
}

static int take_stamp(struct args *args, char *value, struct err *err)
{
    char *text = list_split_pair(value, false);

    if (!text || !*value)
        return err_set(err, ERR_USAGE, "--stamp: '%s' is not NAME=VALUE",
                       value);
    buf_add_char(&args->stamp_names, ',');
    csv_quote(&args->stamp_names, value, strlen(value));
    buf_add_char(&args->stamp_values, ',');
    csv_quote(&args->stamp_values, text, strlen(text));
    return 0;
}

static int take_gate(struct args *args, const char *value, struct err *err)
{
    args->gates =
        mem_resize(args->gates, args->n_gates + 1, sizeof(*args->gates));
    if (gate_parse(&args->gates[args->n_gates], value, err) != 0)
        return -1;
    args->n_gates++;
    return 0;
}

static int take_threads(const char *value, struct err *err)
{
    size_t n = 0;

    if (args_count("threads", value, 1, 1024, &n, err) != 0)
        return -1;
    parallel_set_threads((int)n);
    return 0;
}

static int take_seed(struct args *args, const char *value, struct err *err)
{
    size_t n = 0;

    if (args_count("seed", value, 0, INT64_MAX, &n, err) != 0)
        return -1;
    args->seed = n;
    args->has_seed = true;
    return 0;
}

/* 1 where the key is none of the shared ones. */
static int take_shared(struct args *args, int key, char *value, struct err *err)
{
    switch (key) {
    case KEY_DELIMITER:
        return take_delimiter(args, value, err);
    case KEY_PROGRESS:
        return take_progress(args, value, err);
    case KEY_GATE:
        return take_gate(args, value, err);
    case KEY_STAMP:
        return take_stamp(args, value, err);
    case KEY_SEED:
        return take_seed(args, value, err);
    case 'j':
        return take_threads(value, err);
    case KEY_ENCODING:
        args->csv.encoding = value;
        return 0;
    case KEY_TIMINGS:
        args->timings = value;
        return 0;
    case KEY_APPEND:
        args->append = value;
        return 0;
    case 'o':
        args->output = value;
        return 0;
    default:
        return 1;
    }
}

/* 1 where the key is none of the shared flags without a value. */
static int take_flag(struct args *args, int key)
{
    switch (key) {
    case KEY_SKIP_BAD:
        args->csv.skip_bad = true;
        return 0;
    case KEY_BOM:
        args->bom = true;
        return 0;
    case KEY_VIEW:
        args->view = VIEW_ALWAYS;
        return 0;
    case KEY_CSV:
        args->view = VIEW_NEVER;
        return 0;
    case 'q':
        args->quiet = true;
        return 0;
    default:
        return 1;
    }
}

static void add_file(struct args *args, char *path)
{
    args->files =
        mem_resize(args->files, args->n_files + 1, sizeof(*args->files));
    args->files[args->n_files++] = path;
}

static error_t on_key(int key, char *value, struct argp_state *state)
{
    struct parsing *p = state->input;
    struct err err = {0};
    int status;

    if (key == ARGP_KEY_ARG) {
        add_file(p->args, value);
        return 0;
    }
    if (key == ARGP_KEY_INIT || key >= (int)ARGP_KEY_FINI)
        return ARGP_ERR_UNKNOWN;
    status = take_flag(p->args, key);
    if (status == 1)
        status = take_shared(p->args, key, value, &err);
    if (status == 1)
        status = p->tool->take(p->options, key, value, &err);
    if (status == -1)
        report_fail(&err);
    return status == 0 ? 0 : ARGP_ERR_UNKNOWN;
}

/* argp's own parser calls this, which knows nothing of ours. */
static version_library *const *libraries_in_use;

static void on_version(FILE *out, struct argp_state *state)
{
    (void)state;
    version_print(out, libraries_in_use);
}

static const struct argp_option *join_options(const struct args_tool *tool)
{
    const struct argp_option *parts[4] = {
        tool->options, tool->results ? view_options : NULL,
        strstr(tool->operands, "FILE") ? reading_options : NULL,
        shared_options};
    struct argp_option *all = NULL;
    size_t n = 0;

    for (int i = 0; i < 4; i++)
        for (const struct argp_option *o = parts[i];
             o && (o->name || o->key || o->doc); o++) {
            all = mem_resize(all, n + 2, sizeof(*all));
            all[n++] = *o;
        }
    memset(&all[n], 0, sizeof(*all));
    return all;
}

void args_parse(struct args *args, const struct args_tool *tool, void *options,
                int argc, char **argv)
{
    struct parsing parsing = {args, tool, options};
    struct argp argp = {.options = join_options(tool),
                        .parser = on_key,
                        .args_doc = tool->operands,
                        .doc = tool->doc};
    char *name;

    report_start(tool->name);
    name = mem_strdup(report_name());
    argv[0] = name;
    memset(args, 0, sizeof(*args));
    args->seed = 1;
    parallel_set_threads(0);
    argp_err_exit_status = EXIT_USAGE;
    libraries_in_use = tool->libraries;
    argp_program_version_hook = on_version;
    argp_parse(&argp, argc, argv, 0, NULL, &parsing);
    report_quiet(args->quiet);
    if (args->view == VIEW_ALWAYS && args->output)
        report_usage("--view draws on standard output: leave out -o");
    file_names_check(args, NULL, 0, NULL);
    free((void *)argp.options);
    free(name);
    argv[0] = NULL;
}

void args_release(struct args *args)
{
    for (size_t i = 0; i < args->n_gates; i++)
        gate_release(&args->gates[i]);
    free(args->gates);
    free(args->files);
    buf_release(&args->stamp_names);
    buf_release(&args->stamp_values);
}

const char *args_option_name(const struct argp_option *options, int key)
{
    while (options->key != key)
        options++;
    return options->name;
}
