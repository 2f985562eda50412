#include "cli/check_args.h"

#include <string.h>

#include "cli/column_args.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "csv/input.h"

enum {
    KEY_COLUMNS = KEY_COLUMNS_END,
    KEY_STRICT,
    KEY_ROOT,
    KEY_SHAPE,
    KEY_CURVE,
    KEY_PREDICTIONS,
    KEY_CLASSES,
    KEY_RENAME
};

static const struct argp_option option_table[] = {
    {"columns", KEY_COLUMNS, 0, 0, "what each column is taken for, no checks",
     0},
    {"strict", KEY_STRICT, 0, 0, "exit with 3 if any check fails", 0},
    {0, 0, 0, 0, "Columns of a table:", 1},
    COLUMN_OPTIONS,
    ROLE_OPTIONS,
    {"shape", KEY_SHAPE, "HxWxC", 0, "of a column of images", 0},
    {"root", KEY_ROOT, "DIR", 0, "where the paths of images begin", 0},
    {0, 0, 0, 0, "Anybody's training, seen from outside:", 2},
    {"curve", KEY_CURVE, "FILE", 0, "the log of a training run", 0},
    {"predictions", KEY_PREDICTIONS, "FILE", 0, "labels and predictions", 0},
    {"classes", KEY_CLASSES, "K", 0, "how many classes the curve is of", 0},
    {"rename", KEY_RENAME, "NAME=COLUMN,...", 0,
     "names in somebody else's curve or predictions", 0},
    {0}};

static version_library *const libraries[] = {input_library, NULL};

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
    case KEY_ROOT:
        o->root = value;
        return 0;
    case KEY_SHAPE:
        return shape_parse(o->schema.shape, &o->schema.n_shape, value, err);
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
        return column_args_take(&o->schema, key, value, err);
    }
}

static const struct args_tool tool = {
    "check",
    "[FILE...]",
    "Finds silent bugs in a table of rows and labels, or describes its columns "
    "(--columns); in anybody's training, by its curve and its predictions.",
    option_table,
    libraries,
    true,
    take};

static bool is_standard(const char *path)
{
    return path && strcmp(path, "-") == 0;
}

static void check_inputs(const struct args *args, const struct check_args *o)
{
    size_t standard = is_standard(o->curve) + is_standard(o->predictions);

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

void check_args_parse(struct args *args, struct check_args *o, int argc,
                      char **argv)
{
    memset(o, 0, sizeof(*o));
    args_parse(args, &tool, o, argc, argv);
    o->data = args->n_files || o->schema.label ||
              (!o->curve && !o->predictions);
    check_inputs(args, o);
    file_names_check(args, NULL, 0, o->curve);
    file_names_check(args, NULL, 0, o->predictions);
}

void check_args_release(struct check_args *o)
{
    schema_request_release(&o->schema);
    list_release(&o->rename);
}
