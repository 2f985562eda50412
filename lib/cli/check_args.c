#include "cli/check_args.h"

#include <string.h>

#include "base/text.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "csv/input.h"
#include "model/safetensors.h"
#include "nn/product.h"

enum {
    KEY_COLUMNS = KEY_SETUP_END,
    KEY_STRICT,
    KEY_BASELINE,
    KEY_CURVE,
    KEY_PREDICTIONS,
    KEY_CLASSES,
    KEY_RENAME
};

static const struct argp_option first_options[] = {
    {"columns", KEY_COLUMNS, 0, 0, "what each column is taken for, no checks",
     0},
    {"strict", KEY_STRICT, 0, 0, "exit with 3 if any check fails", 0},
    {0}};

static const struct argp_option last_options[] = {
    {"baseline", KEY_BASELINE, "FILE", 0,
     "with --net: the curve of an earlier training, to be as fast as", 2},
    {0, 0, 0, 0, "Anybody's training, seen from outside:", 6},
    {"curve", KEY_CURVE, "FILE", 0, "the log of a training run", 0},
    {"predictions", KEY_PREDICTIONS, "FILE", 0, "labels and predictions", 0},
    {"classes", KEY_CLASSES, "K", 0, "how many classes the curve is of", 0},
    {"rename", KEY_RENAME, "NAME=COLUMN,...", 0,
     "names in somebody else's curve or predictions", 0},
    {0}};

static version_library *const libraries[] = {
    input_library, text_library, product_library, tensors_library, NULL};

static int take(void *options, int key, char *value, struct err *err)
{
    struct check_args *o = options;

    switch (key) {
    case KEY_COLUMNS:
        o->columns = true;
        return 0;
    case KEY_STRICT:
        o->strict = true;
        return 0;
    case KEY_BASELINE:
        o->baseline = value;
        return 0;
    case KEY_CURVE:
        o->curve = value;
        return 0;
    case KEY_PREDICTIONS:
        o->predictions = value;
        return 0;
    case KEY_CLASSES:
        return args_count("classes", value, 2, 1000000, &o->classes, err);
    case KEY_RENAME:
        return args_list("rename", value, &o->rename, err);
    default:
        return fit_setup_take(&o->setup, key, value, err);
    }
}

/* Its texts live as long as the program: --help may print them. */
static const struct args_tool *make_tool(void)
{
    static struct args_tool tool = {
        .name = "check",
        .operands = "[FILE...]",
        .doc =
            "Finds silent bugs in a table of rows and labels, and with --net "
            "in a network before it is trained on them; or describes its "
            "columns (--columns).  Finds them in anybody's training, by its "
            "curve and its predictions.\vWith --net it also takes what assay "
            "train takes of columns, the network, its training, and rows.",
        .libraries = libraries,
        .results = true,
        .take = take};

    if (!tool.options)
        tool.options = setup_options(
            first_options, last_options,
            "look at this network too: linear, mlp, lenet, resnet, lstm or "
            "attention");
    return &tool;
}

static bool is_standard(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static void check_inputs(const struct args *args, const struct check_args *o)
{
    size_t standard = (size_t)is_standard(o->curve) +
                      is_standard(o->predictions) + is_standard(o->baseline);

    for (size_t i = 0; i < args->n_files; i++)
        standard += is_standard(args->files[i]);
    if (standard > 1 || (standard && o->data && !args->n_files))
        report_usage("standard input can be read once only");
    if (o->columns && (o->curve || o->predictions))
        report_usage("--columns describes a table: it goes with neither "
                     "--curve nor --predictions");
    if (o->classes && !o->curve)
        report_usage("--classes needs --curve");
    if (o->rename.n && !o->curve == !o->predictions)
        report_usage(o->curve ? "--rename is for one file: check --curve and "
                                "--predictions in two runs"
                              : "--rename needs --curve or --predictions");
}

static void check_net(struct args *args, struct check_args *o)
{
    const char *needs_net = o->setup.has_net ? NULL
                                             : fit_setup_needs_net(&o->setup);

    if (o->setup.has_net && (o->columns || !o->data))
        report_usage("--net is for a table of rows and labels: leave out "
                     "--columns, or name the table");
    if (o->setup.has_net && o->setup.fit.hyper.net == NET_MAJORITY)
        report_usage("--net majority: it learns nothing that could be checked");
    if (o->setup.has_net)
        fit_setup_finish(&o->setup, args, NULL);
    else if (needs_net)
        report_usage("--%s needs --net", needs_net);
    else if (o->baseline)
        report_usage("--baseline needs --net");
    if (!o->setup.has_net) {
        o->setup.schema.ngrams = NGRAM_DEFAULTS;
        o->setup.schema.any_input = true;
    }
}

void check_args_parse(struct args *args, struct check_args *o, int argc,
                      char **argv)
{
    memset(o, 0, sizeof(*o));
    fit_setup_init(&o->setup);
    args_parse(args, make_tool(), o, argc, argv);
    o->data = args->n_files || o->setup.schema.label || o->setup.has_net ||
              (!o->curve && !o->predictions);
    check_inputs(args, o);
    check_net(args, o);
    file_names_check(args, NULL, 0, o->curve);
    file_names_check(args, NULL, 0, o->predictions);
    file_names_check(args, NULL, 0, o->baseline);
}

void check_args_release(struct check_args *o)
{
    fit_setup_release(&o->setup);
    list_release(&o->rename);
}
