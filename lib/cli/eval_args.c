#include "cli/eval_args.h"

#include <string.h>

#include "base/text.h"
#include "cli/eval_view.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "csv/input.h"
#include "model/safetensors.h"
#include "nn/product.h"

enum {
    KEY_LABEL = 256,
    KEY_ID,
    KEY_SEQUENCE,
    KEY_ROOT,
    KEY_METRICS,
    KEY_COVERAGE,
    KEY_GOAL,
    KEY_ON,
    KEY_PROBS,
    KEY_KEEP,
    KEY_BAD,
    KEY_COLUMNS,
    KEY_UNBUFFERED,
    KEY_IMPORTANCE,
    KEY_METRIC,
    KEY_REPEATS
};

static const struct argp_option option_table[] = {
    {0, 0, 0, 0, "Applying a model:", 1},
    {"model", 'm', "FILE", 0, "the model", 0},
    {"probs", KEY_PROBS, 0, 0, "add a column p:CLASS for each class", 0},
    {"keep", KEY_KEEP, "A,B", 0, "add these columns of the data", 0},
    {"label", KEY_LABEL, "COLUMN", 0,
     "the column with the truth (as in training)", 0},
    {"id", KEY_ID, "COLUMN", 0, "the column that names a row (id)", 0},
    {"sequence", KEY_SEQUENCE, "COLUMN", 0,
     "rows with the same COLUMN are the steps of one sequence", 0},
    {"root", KEY_ROOT, "DIR", 0, "where the paths of images begin", 0},
    {"bad", KEY_BAD, "error|missing", 0,
     "what a cell is that should be a number or an image and is not (error)",
     0},
    {"unbuffered", KEY_UNBUFFERED, 0, 0,
     "answer every row at once, for slow pipes", 0},
    {"importance", KEY_IMPORTANCE, 0, 0,
     "in place of predictions: how much worse they are without each feature",
     0},
    {"metric", KEY_METRIC, "NAME", 0,
     "with --importance: error (default), log_loss, brier, macro_f1 or "
     "balanced_error",
     0},
    {"repeats", KEY_REPEATS, "R", 0,
     "with --importance: permutations of each feature (10)", 0},
    {0, 0, 0, 0, "Scoring predictions:", 2},
    {"metrics", KEY_METRICS, 0, 0, "scores by split, with intervals", 0},
    {"coverage", KEY_COVERAGE, 0, 0,
     "error by confidence: which share can be decided unattended", 0},
    {"goal", KEY_GOAL, "X", 0,
     "with --coverage: only the largest share with an error of at most X", 0},
    {"columns", KEY_COLUMNS, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 0},
    {"on", KEY_ON, "A,B", 0, "use only the rows of these splits", 0},
    {0}};

static version_library *const libraries[] = {
    input_library, text_library, product_library, tensors_library, NULL};

static int take_bad(struct eval_args *o, const char *value, struct err *err)
{
    o->predict.bad_as_missing = strcmp(value, "missing") == 0;
    if (!o->predict.bad_as_missing && strcmp(value, "error") != 0)
        return err_set(err, ERR_USAGE, "--bad: '%s' is not error or missing",
                       value);
    return 0;
}

static int take_value(struct eval_args *o, int key, char *value,
                      struct err *err)
{
    switch (key) {
    case 'm':
        o->model = value;
        return 0;
    case KEY_LABEL:
        o->predict.label = value;
        return 0;
    case KEY_ID:
        o->predict.id = value;
        return 0;
    case KEY_SEQUENCE:
        o->sequence = value;
        return 0;
    case KEY_ROOT:
        o->predict.root = value;
        return 0;
    case KEY_KEEP:
        return args_list("keep", value, &o->predict.keep, err);
    case KEY_ON:
        return args_list("on", value, &o->on, err);
    case KEY_COLUMNS:
        return args_list("columns", value, &o->columns, err);
    case KEY_BAD:
        return take_bad(o, value, err);
    case KEY_METRIC:
        o->metric_name = value;
        return metric_kind_parse(value, &o->permutation.metric, err);
    case KEY_REPEATS:
        return args_count("repeats", value, 1, 10000, &o->permutation.repeats,
                          err);
    case KEY_GOAL:
        o->cover.has_goal = true;
        return args_number("goal", value, 0, 1, &o->cover.goal, err);
    default:
        return 1;
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct eval_args *o = options;

    switch (key) {
    case KEY_METRICS:
        o->metrics = true;
        return 0;
    case KEY_COVERAGE:
        o->coverage = true;
        return 0;
    case KEY_IMPORTANCE:
        o->importance = true;
        return 0;
    case KEY_PROBS:
        o->predict.probs = true;
        return 0;
    case KEY_UNBUFFERED:
        o->unbuffered = true;
        return 0;
    default:
        return take_value(o, key, value, err);
    }
}

static const struct args_tool tool = {
    "eval",
    "[FILE...]",
    "Applies a model to data (-m), or scores predictions (--metrics, "
    "--coverage).",
    option_table,
    libraries,
    true,
    take};

/* What is for predictions alone, and what for importance. */
static void check_importance(const struct eval_args *o)
{
    if (o->importance && !o->model)
        report_usage("--importance needs a model: -m MODEL");
    if (o->importance && o->predict.probs)
        report_usage("--probs: importance is no table of predictions");
    if (o->importance && o->predict.keep.n)
        report_usage("--keep: importance is no table of predictions");
    if (o->importance && o->unbuffered)
        report_usage("--unbuffered: importance needs all rows");
    if (o->importance && o->predict.id)
        report_usage("--id: importance names no rows");
    if (!o->importance && o->metric_name)
        report_usage("--metric needs --importance");
    if (!o->importance && o->permutation.repeats)
        report_usage("--repeats needs --importance");
}

static void check(const struct eval_args *o, const struct args *args)
{
    check_importance(o);
    if ((o->model != NULL) + o->metrics + o->coverage != 1)
        report_usage("one of -m MODEL, --metrics and --coverage is needed");
    if (o->cover.has_goal && !o->coverage)
        report_usage("--goal needs --coverage");
    if (o->model && !o->importance && args->view == VIEW_ALWAYS)
        report_usage("--view: predictions are always CSV");
    if (o->sequence && !o->model)
        report_usage("--sequence is for data: -m MODEL");
    if (o->predict.root && !o->model)
        report_usage("--root is for data: -m MODEL");
    if (o->columns.n && o->model)
        report_usage("--columns is for predictions, not for data");
    file_names_check(args, NULL, 0, o->model);
}

static void choose_table(struct eval_args *o, const struct args *args)
{
    o->permutation.seed = args->seed;
    if (!o->permutation.repeats)
        o->permutation.repeats = PERMUTATION_REPEATS;
    o->metric.seed = args->seed;
    o->cover.all = o->on.n > 0;
    if (o->metrics)
        o->table = (struct eval_table){&metric_table, &o->metric, NULL};
    if (o->coverage)
        o->table =
            (struct eval_table){&coverage_table, &o->cover, draw_coverage};
}

void eval_args_parse(struct args *args, struct eval_args *o, int argc,
                     char **argv)
{
    memset(o, 0, sizeof(*o));
    args_parse(args, &tool, o, argc, argv);
    check(o, args);
    choose_table(o, args);
}

void eval_args_release(struct eval_args *o)
{
    list_release(&o->on);
    list_release(&o->columns);
    list_release(&o->predict.keep);
}
