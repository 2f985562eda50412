#include "cli/train_args.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "cli/stop.h"
#include "csv/input.h"
#include "model/safetensors.h"
#include "nn/product.h"

static version_library *const libraries[] = {
    input_library, text_library, product_library, tensors_library, NULL};

enum {
    KEY_ADAPT = KEY_PAUSE_END,
    KEY_TARGET,
    KEY_ADAPT_WEIGHT,
    KEY_FOLDS,
    KEY_ALL_ROWS,
    KEY_REPLICAS,
    KEY_REPLICA_BY,
    KEY_TRAIN_SIZES,
    KEY_LR_RANGE,
    KEY_PREDICT,
    KEY_PROBS,
    KEY_KEEP,
    KEY_CURVE,
    KEY_EXPLAIN,
    KEY_LIST
};

static const struct argp_option no_options[] = {{0}};

static const struct argp_option own_options[] = {
    {0, 0, 0, 0, "Other data to come:", 6},
    {"adapt", KEY_ADAPT, "coral", 0,
     "align features to rows without labels, by covariances", 0},
    {"target", KEY_TARGET, "FILE", 0, "where these rows are", 0},
    {"adapt-weight", KEY_ADAPT_WEIGHT, "X", 0, "how much that counts (3)", 0},
    {0, 0, 0, 0, "Many models:", 7},
    {"folds", KEY_FOLDS, "K", 0, "K models, each tested on its own fold", 0},
    {"all-rows", KEY_ALL_ROWS, 0, 0, "folds take the rows of 'test' too", 0},
    {"replicas", KEY_REPLICAS, "R", 0, "R models of the same rows", 0},
    {"replica-by", KEY_REPLICA_BY, "seed|bootstrap", 0,
     "how replicas differ (seed)", 0},
    {"train-sizes", KEY_TRAIN_SIZES, "A,B", 0,
     "models of 10% of the rows, or of 500, each among the next", 0},
    {0, 0, 0, 0, "Pauses:", 8},
    {"checkpoint", KEY_CHECKPOINT, "FILE", 0,
     "keep the state in FILE, and go on from it", 0},
    {"every", KEY_EVERY, "N", 0,
     "keep it after N epochs (1, not more than once a second)", 0},
    {"time-limit", KEY_TIME_LIMIT, "TIME", 0,
     "stop after TIME: 90, 30s, 10m, 1.5h", 0},
    {0, 0, 0, 0, "Results:", 9},
    {"model", 'm', "FILE", 0, "write the model to FILE", 0},
    {"predict", KEY_PREDICT, 0, 0, "write predictions, not the curve", 0},
    {"probs", KEY_PROBS, 0, 0, "with a column p:CLASS for each class", 0},
    {"keep", KEY_KEEP, "A,B", 0, "with these columns of the data", 0},
    {"curve", KEY_CURVE, "FILE", 0, "write the curve to FILE", 0},
    {"lr-range", KEY_LR_RANGE, 0, 0,
     "loss by learning rate (range test), train nothing", 0},
    {"explain", KEY_EXPLAIN, 0, 0, "show the columns' types, train nothing", 0},
    {"hyperparameters", KEY_LIST, 0, 0,
     "show all of them: range, default, networks", 0},
    {0}};

/* ---- runs ---- */

static int take_replica_by(struct fit_options *fit, const char *value,
                           struct err *err)
{
    fit->replica_by = strcmp(value, "bootstrap") == 0 ? REPLICA_BOOTSTRAP
                                                      : REPLICA_SEED;
    if (fit->replica_by == REPLICA_SEED && strcmp(value, "seed") != 0)
        return err_set(err, ERR_USAGE,
                       "--replica-by: '%s' is not seed or bootstrap", value);
    return 0;
}

static int take_runs(struct train_args *o, int key, char *value,
                     struct err *err)
{
    struct fit_options *fit = &o->setup.fit;

    switch (key) {
    case KEY_FOLDS:
        return args_count("folds", value, 2, 1000, &fit->folds, err);
    case KEY_REPLICAS:
        return args_count("replicas", value, 2, 1000, &fit->replicas, err);
    case KEY_REPLICA_BY:
        o->has_replica_by = true;
        return take_replica_by(fit, value, err);
    case KEY_TRAIN_SIZES:
        return args_list("train-sizes", value, &fit->train_sizes, err);
    case KEY_ON:
        return args_list("on", value, &fit->on, err);
    case KEY_STOP_ON:
        fit->stop_on = value;
        return 0;
    case KEY_ALL_ROWS:
        fit->all_rows = true;
        return 0;
    default:
        return 1;
    }
}

static int take_adapt(struct train_args *o, int key, char *value,
                      struct err *err)
{
    switch (key) {
    case KEY_ADAPT:
        o->adapt = true;
        if (strcmp(value, "coral") != 0)
            return err_set(err, ERR_USAGE, "--adapt: '%s' is not coral", value);
        return 0;
    case KEY_TARGET:
        o->target = value;
        return 0;
    case KEY_ADAPT_WEIGHT:
        return args_number("adapt-weight", value, 1e-6, 1e6, &o->adapt_weight,
                           err);
    default:
        return 1;
    }
}

static int take_results(struct train_args *o, int key, char *value,
                        struct err *err)
{
    switch (key) {
    case 'm':
        o->model = value;
        return 0;
    case KEY_CURVE:
        o->curve = value;
        return 0;
    case KEY_KEEP:
        return args_list("keep", value, &o->keep, err);
    case KEY_PREDICT:
        o->predict = true;
        return 0;
    case KEY_PROBS:
        o->probs = true;
        return 0;
    case KEY_EXPLAIN:
        o->explain = true;
        return 0;
    case KEY_LR_RANGE:
        o->lr_range = true;
        return 0;
    case KEY_LIST:
        o->list_hypers = true;
        return 0;
    default:
        return 1;
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct train_args *o = options;
    int status = pause_take(&o->pause, key, value, err);

    if (status == 1)
        status = fit_setup_take(&o->setup, key, value, err);
    if (status == 1)
        status = take_runs(o, key, value, err);
    if (status == 1)
        status = take_adapt(o, key, value, err);
    return status == 1 ? take_results(o, key, value, err) : status;
}

/* Its texts live as long as the program: --help may print them. */
static const struct args_tool *make_tool(void)
{
    static struct args_tool tool = {
        .name = "train",
        .operands = "[FILE...]",
        .doc = "Fits a network to a table and writes its learning curve or "
               "predictions.",
        .libraries = libraries,
        .results = true,
        .take = take};

    if (!tool.options)
        tool.options = setup_options(no_options, own_options, NULL);
    return &tool;
}

/* ---- what one option alone cannot know ---- */

static bool is_stream(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static void check_files(const struct train_args *o, const struct args *args)
{
    const struct file_name outputs[] = {{"-m", o->model},
                                        {"--curve", o->curve},
                                        {"--checkpoint", o->pause.path}};
    size_t len = o->model ? strlen(o->model) : 0;

    pause_check(&o->pause, !o->lr_range && !o->list_hypers);
    if (is_stream(o->model) || is_stream(o->curve))
        report_usage("standard output is for the stream: name a file");
    file_names_check(args, outputs, 3, o->setup.config.path);
    if (len > 3 && strcmp(o->model + len - 3, ".gz") == 0)
        report_usage("-m: a model is not compressed: leave out .gz");
}

static void check_runs(const struct train_args *o)
{
    const struct fit_options *fit = &o->setup.fit;

    if (fit->folds && o->model)
        report_usage("--folds trains many models: leave out -m");
    if (fit->replicas && o->model)
        report_usage("--replicas trains many models: leave out -m");
    if (fit->train_sizes.n > 1 && o->model)
        report_usage("--train-sizes trains many models: leave out -m");
    if (fit->train_sizes.n > TRAIN_SIZES)
        report_usage("--train-sizes: at most %d", TRAIN_SIZES);
    if (o->has_replica_by && !fit->replicas)
        report_usage("--replica-by needs --replicas");
    if (fit->folds && fit->stop_on && strcmp(fit->stop_on, "none") != 0)
        report_usage("--folds stops on a tenth of its training rows, or with "
                     "--stop-on none never");
    if (fit->all_rows && !fit->folds)
        report_usage("--all-rows needs --folds");
}

static bool is_input(const struct args *args, const char *path)
{
    bool is = args->n_files == 0 && is_stream(path);

    for (size_t i = 0; i < args->n_files; i++)
        is |= is_stream(path) && is_stream(args->files[i]);
    return is;
}

static void check_adapt(const struct train_args *o, const struct args *args)
{
    const struct hyper *hyper = &o->setup.fit.hyper;

    if (o->adapt != (o->target != NULL))
        report_usage("--%s needs --%s", o->adapt ? "adapt" : "target",
                     o->adapt ? "target" : "adapt");
    if (o->adapt_weight > 0 && !o->adapt)
        report_usage("--adapt-weight needs --adapt");
    if (!o->adapt)
        return;
    if (hyper->net != NET_MLP)
        report_usage("--adapt: --net %s is not adapted (mlp is)",
                     net_kind_name(hyper->net));
    if (hyper->mixup > 0)
        report_usage("--mixup: mixed rows have other covariances than those "
                     "that --adapt aligns");
    if (is_input(args, o->target))
        report_usage("--target: standard input is the data");
}

static void check_results(const struct train_args *o, const struct args *args)
{
    if (o->predict && args->view == VIEW_ALWAYS)
        report_usage("--view: predictions are always CSV");
    if (!o->predict && (o->probs || o->keep.n || o->curve))
        report_usage("--probs, --keep and --curve need --predict");
    if (o->lr_range && (o->predict || o->model || o->explain))
        report_usage("--lr-range trains nothing: leave out --predict, -m and "
                     "--explain");
    if (o->lr_range && (o->setup.fit.folds || o->setup.fit.replicas ||
                        o->setup.fit.train_sizes.n))
        report_usage("--lr-range is of one run: leave out --folds, --replicas "
                     "and --train-sizes");
    if (o->lr_range && o->setup.fit.hyper.net == NET_MAJORITY)
        report_usage("--lr-range: --net majority has no learning rate");
    check_files(o, args);
}

void train_args_parse(struct args *args, struct train_args *o, int argc,
                      char **argv)
{
    memset(o, 0, sizeof(*o));
    fit_setup_init(&o->setup);
    args_parse(args, make_tool(), o, argc, argv);
    stop_watch();
    o->setup.fit.watch = &o->pause.watch;
    fit_setup_finish(&o->setup, args, &o->keep);
    check_runs(o);
    check_adapt(o, args);
    check_results(o, args);
}

void train_args_release(struct train_args *o)
{
    fit_setup_release(&o->setup);
    list_release(&o->keep);
}
