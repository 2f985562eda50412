#include "cli/tune_args.h"

#include <string.h>
#include <sys/stat.h>

#include "base/text.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "cli/stop.h"
#include "csv/input.h"
#include "model/safetensors.h"
#include "nn/product.h"

enum {
    KEY_SPACE = KEY_SETUP_END,
    KEY_METHOD,
    KEY_TRIALS,
    KEY_CONFIGS,
    KEY_HALVING,
    KEY_ETA,
    KEY_MIN_EPOCHS,
    KEY_NO_PRUNE,
    KEY_METRIC,
    KEY_FOLDS,
    KEY_REPEAT,
    KEY_CONTENDERS,
    KEY_LOG,
    KEY_WORKERS,
    KEY_TIME_LIMIT,
    KEY_COMMAND,
    KEY_ASK,
    KEY_TELL,
    KEY_TIMEOUT,
    KEY_BEST,
    KEY_WITHIN_NOISE,
    KEY_IMPORTANCE,
    KEY_MARGINAL
};

static const struct argp_option first_options[] = {{0}};

static const struct argp_option last_options[] = {
    {0, 0, 0, 0, "The search:", 6},
    {"space", KEY_SPACE, "SPACE|FILE", 0,
     "what is searched: 'learning_rate=log:1e-5..0.1 activation=relu,tanh', "
     "or a CSV",
     0},
    {"method", KEY_METHOD, "NAME", 0,
     "gp, tpe, coarse, random, sobol, grid or manual (gp)", 0},
    {"trials", KEY_TRIALS, "N", 0, "configurations to try (50)", 0},
    {"configs", KEY_CONFIGS, "FILE", 0,
     "try these, a row each (--method manual)", 0},
    {"halving", KEY_HALVING, "asha", 0,
     "train all a little, the better ones further", 0},
    {"eta", KEY_ETA, "N", 0, "with --halving: one of N goes on (3)", 0},
    {"min-epochs", KEY_MIN_EPOCHS, "N", 0,
     "with --halving: epochs of the first rung (1)", 0},
    {"no-prune", KEY_NO_PRUNE, 0, 0,
     "train on where a training is seen to explode or to be stuck", 0},
    {"metric", KEY_METRIC, "NAME", 0,
     "what is made small: error, log_loss, brier, macro_f1 (1 less it) or "
     "balanced_error (error)",
     0},
    {"folds", KEY_FOLDS, "K", 0, "the mean of K folds, instead of one part", 0},
    {"repeat", KEY_REPEAT, "N", 0,
     "train the best ones N times more, on fresh seeds (3; a command 0)", 0},
    {"contenders", KEY_CONTENDERS, "N", 0, "how many of them at most (3)", 0},
    {0, 0, 0, 0, "How it runs:", 7},
    {"log", KEY_LOG, "FILE", 0, "keep all events in FILE, and go on from it",
     0},
    {"workers", KEY_WORKERS, "N", 0,
     "trials at a time; 1: the same seed gives the same search (measured)", 0},
    {"time-limit", KEY_TIME_LIMIT, "TIME", 0,
     "stop after TIME: 90, 30s, 10m, 8h", 0},
    {0, 0, 0, 0, "Trials that others run:", 8},
    {"command", KEY_COMMAND, "CMD", 0,
     "run CMD for each trial, with its values as {NAME} and in the "
     "environment; the last line is the objective",
     0},
    {"ask", KEY_ASK, "N", 0, "write N configurations to try, with --log", 0},
    {"tell", KEY_TELL, 0, 0, "read what came of them: trial,objective", 0},
    {"timeout", KEY_TIMEOUT, "TIME", 0,
     "ask again for what was not told after TIME (1d); end a CMD that takes "
     "longer",
     0},
    {0, 0, 0, 0, "Looking at a log:", 9},
    {"best", KEY_BEST, 0, 0, "the best configuration, for train --config", 0},
    {"within-noise", KEY_WITHIN_NOISE, 0, 0,
     "all that are no worse than the best, as far as can be told", 0},
    {"importance", KEY_IMPORTANCE, 0, 0, "which hyperparameters mattered", 0},
    {"marginal", KEY_MARGINAL, "NAME", 0,
     "the objective by one of them, whatever the others are", 0},
    {0}};

static version_library *const libraries[] = {
    input_library, text_library, product_library, tensors_library, NULL};

/* ---- taking ---- */

static int take_method(struct tune_args *o, const char *value, struct err *err)
{
    o->has_method = true;
    if (search_method_parse(value, &o->method) == 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--method: '%s' is not gp, tpe, coarse, random, sobol, grid "
                   "or manual",
                   value);
}

static int take_halving(struct tune_args *o, const char *value, struct err *err)
{
    if (strcmp(value, "asha") != 0)
        return err_set(err, ERR_USAGE, "--halving: '%s' is not asha", value);
    if (!o->eta)
        o->eta = 3;
    o->halving = true;
    return 0;
}

static int take_search(struct tune_args *o, int key, char *value,
                       struct err *err)
{
    switch (key) {
    case KEY_SPACE:
        o->space = value;
        return 0;
    case KEY_METHOD:
        return take_method(o, value, err);
    case KEY_TRIALS:
        o->has_trials = true;
        return args_count("trials", value, 1, 1000000, &o->trials, err);
    case KEY_CONFIGS:
        o->configs = value;
        return 0;
    case KEY_HALVING:
        return take_halving(o, value, err);
    case KEY_ETA:
        return args_count("eta", value, 2, 100, &o->eta, err);
    case KEY_MIN_EPOCHS:
        return args_count("min-epochs", value, 1, 1000000, &o->min_epochs, err);
    case KEY_NO_PRUNE:
        o->no_prune = true;
        return 0;
    default:
        return 1;
    }
}

static int take_judging(struct tune_args *o, int key, char *value,
                        struct err *err)
{
    switch (key) {
    case KEY_METRIC:
        return metric_kind_parse(value, &o->metric, err);
    case KEY_FOLDS:
        return args_count("folds", value, 2, 1000, &o->setup.fit.folds, err);
    case KEY_REPEAT:
        return args_count("repeat", value, 0, 1000, &o->repeat, err);
    case KEY_CONTENDERS:
        return args_count("contenders", value, 1, 1000, &o->contenders, err);
    default:
        return 1;
    }
}

static int take_running(struct tune_args *o, int key, char *value,
                        struct err *err)
{
    switch (key) {
    case KEY_LOG:
        o->log = value;
        return 0;
    case KEY_WORKERS:
        return args_count("workers", value, 1, 1024, &o->workers, err);
    case KEY_TIME_LIMIT:
        return stop_parse_time("time-limit", value, &o->limit, err);
    case KEY_TIMEOUT:
        o->has_timeout = true;
        return stop_parse_time("timeout", value, &o->timeout, err);
    default:
        return 1;
    }
}

static int set_mode(struct tune_args *o, enum tune_mode mode, struct err *err)
{
    static const char *const names[] = {"",           "command", "ask",
                                        "tell",       "best",    "within-noise",
                                        "importance", "marginal"};

    if (o->mode != TUNE_NETWORK && o->mode != mode)
        return err_set(err, ERR_USAGE, "--%s and --%s: one of them",
                       names[o->mode], names[mode]);
    o->mode = mode;
    return 0;
}

static int take_mode(struct tune_args *o, int key, char *value, struct err *err)
{
    switch (key) {
    case KEY_COMMAND:
        o->command = value;
        return set_mode(o, TUNE_COMMAND, err);
    case KEY_ASK:
        if (args_count("ask", value, 1, 1000000, &o->ask, err) != 0)
            return -1;
        return set_mode(o, TUNE_ASK, err);
    case KEY_TELL:
        return set_mode(o, TUNE_TELL, err);
    case KEY_BEST:
        return set_mode(o, TUNE_BEST, err);
    case KEY_WITHIN_NOISE:
        return set_mode(o, TUNE_CONTENDERS, err);
    case KEY_IMPORTANCE:
        return set_mode(o, TUNE_IMPORTANCE, err);
    case KEY_MARGINAL:
        o->marginal = value;
        return set_mode(o, TUNE_MARGINAL, err);
    default:
        return 1;
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    static int (*const groups[])(struct tune_args *, int, char *,
                                 struct err *) = {take_search, take_judging,
                                                  take_running, take_mode};
    struct tune_args *o = options;
    int status = 1;

    for (int i = 0; i < 4 && status == 1; i++)
        status = groups[i](o, key, value, err);
    return status == 1 ? fit_setup_take(&o->setup, key, value, err) : status;
}

/* Its texts live as long as the program: --help may print them. */
static const struct args_tool *make_tool(void)
{
    static struct args_tool tool = {
        .name = "tune",
        .operands = "[FILE...]",
        .doc = "Searches hyperparameters of a network, or of any command, and "
               "says which ones matter, and how good the best really is.\v"
               "It also takes what assay train takes of columns, the network, "
               "its training, and rows: what is given is not searched.",
        .libraries = libraries,
        .results = true,
        .take = take};

    if (!tool.options)
        tool.options = setup_options(
            first_options, last_options,
            "tune this network: linear, mlp, lenet, resnet, lstm or attention "
            "(mlp)");
    return &tool;
}

/* ---- what one option alone cannot know ---- */

/* A log to look at is the FILE. */
static void take_log(struct tune_args *o, const struct args *args)
{
    if (o->mode < TUNE_BEST)
        return;
    if (args->n_files + (o->log != NULL) != 1)
        report_usage("name one log");
    if (!o->log)
        o->log = args->files[0];
}

static void check_others(const struct tune_args *o, const struct args *args)
{
    const char *needs_net;

    if (o->mode == TUNE_NETWORK)
        return;
    needs_net = fit_setup_needs_net(&o->setup);
    if (o->setup.has_net || o->setup.schema.label || needs_net)
        report_usage("--%s: no network is trained here",
                     o->setup.has_net        ? "net"
                     : o->setup.schema.label ? "label"
                                             : needs_net);
    if (args->n_files && o->mode < TUNE_TELL)
        report_usage("'%s': no data is read here", args->files[0]);
    if ((o->mode == TUNE_ASK || o->mode == TUNE_TELL) && !o->log)
        report_usage("--%s needs --log", o->mode == TUNE_ASK ? "ask" : "tell");
    if (o->mode == TUNE_COMMAND && !o->space && !o->configs && !o->log)
        report_usage("--command needs --space, or --configs");
    if (o->setup.fit.folds)
        report_usage("--folds is for networks");
    if (o->halving)
        report_usage("--halving is for networks: only they can be trained "
                     "further");
}

static void check_search(const struct tune_args *o)
{
    if (o->configs && o->has_method && o->method != METHOD_MANUAL)
        report_usage("--configs: --method is manual");
    if (o->method == METHOD_MANUAL && !o->configs)
        report_usage("--method manual needs --configs");
    if (o->min_epochs && !o->halving)
        report_usage("--min-epochs needs --halving");
    if (o->eta && !o->halving)
        report_usage("--eta needs --halving");
    if (o->log && (!*o->log || strcmp(o->log, "-") == 0))
        report_usage("--log: name a file");
    if (o->setup.fit.hyper.net == NET_MAJORITY)
        report_usage("--net majority: there is nothing to tune");
    if (o->setup.fit.folds && o->setup.fit.stop_on &&
        strcmp(o->setup.fit.stop_on, "none") != 0)
        report_usage("--folds stops on a tenth of its training rows, or with "
                     "--stop-on none never");
}

static bool is_same_file(const char *a, const char *b)
{
    struct stat x, y;

    return strcmp(a, b) == 0 ||
           (stat(a, &x) == 0 && stat(b, &y) == 0 && S_ISREG(x.st_mode) &&
            x.st_dev == y.st_dev && x.st_ino == y.st_ino);
}

void tune_args_parse(struct args *args, struct tune_args *o, int argc,
                     char **argv)
{
    memset(o, 0, sizeof(*o));
    o->method = METHOD_GP;
    o->trials = 50;
    o->repeat = SIZE_MAX;
    o->contenders = 3;
    o->timeout = 86400;
    fit_setup_init(&o->setup);
    args_parse(args, make_tool(), o, argc, argv);
    if (o->configs)
        o->method = METHOD_MANUAL;
    if (o->repeat == SIZE_MAX)
        o->repeat = o->mode == TUNE_NETWORK ? 3 : 0;
    take_log(o, args);
    check_others(o, args);
    check_search(o);
    file_names_check(args, NULL, 0, o->log);
    if (o->log && args->output && is_same_file(o->log, args->output))
        report_usage("-o would take the place of the log '%s'", o->log);
    stop_watch();
    stop_clock(o->limit);
    if (o->mode == TUNE_NETWORK)
        fit_setup_finish(&o->setup, args, NULL);
}

void tune_args_release(struct tune_args *o)
{
    fit_setup_release(&o->setup);
}
