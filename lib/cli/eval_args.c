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
    KEY_FIRST = 256,
    KEY_LABEL = KEY_FIRST,
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
    KEY_REPEATS,
    KEY_COMPARE,
    KEY_METRIC,
    KEY_GROUP,
    KEY_MARGIN,
    KEY_LABELS_FROM,
    KEY_END
};

_Static_assert(KEY_END - KEY_FIRST <= EVAL_ARGS_KEYS, "a place for each key");

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
    {0, 0, 0, 0, "Comparing predictions of the same rows:", 3},
    {"compare", KEY_COMPARE, 0, 0,
     "is any FILE better than the first? joined by id", 0},
    {"metric", KEY_METRIC, "A,B", 0,
     "error, log_loss, brier, macro_f1, balanced_error (all there are; with "
     "--importance one, error)",
     0},
    {"margin", KEY_MARGIN, "X", 0,
     "also test whether they differ by less than X", 0},
    {"group", KEY_GROUP, "COLUMN", 0,
     "rows with the same COLUMN are resampled together", 0},
    {"labels-from", KEY_LABELS_FROM, "FILE", 0,
     "whose labels count where they differ: a FILE, or A, B, ...", 0},
    {0}};

/* What a run is for. */
enum { APPLY = 1, IMPORTANCE = 2, METRICS = 4, COVERAGE = 8, COMPARE = 16 };

enum { SCORES = METRICS | COVERAGE | COMPARE, OF_MODEL = APPLY | IMPORTANCE };

/* Options that a kind of run has no use for, and why. */
static const struct misfit {
    int key, runs;
    const char *why;
} misfits[] = {
    {KEY_PROBS, IMPORTANCE, ": importance is no table of predictions"},
    {KEY_KEEP, IMPORTANCE, ": importance is no table of predictions"},
    {KEY_UNBUFFERED, IMPORTANCE, ": importance needs all rows"},
    {KEY_ID, IMPORTANCE, ": importance names no rows"},
    {KEY_REPEATS, ~IMPORTANCE, " needs --importance"},
    {KEY_METRIC, ~(COMPARE | IMPORTANCE), " needs --compare or --importance"},
    {KEY_MARGIN, ~COMPARE, " needs --compare"},
    {KEY_GROUP, ~COMPARE, " needs --compare"},
    {KEY_LABELS_FROM, ~COMPARE, " needs --compare"},
    {KEY_GOAL, ~COVERAGE, " needs --coverage"},
    {KEY_SEQUENCE, SCORES, " is for data: -m MODEL"},
    {KEY_ROOT, SCORES, " is for data: -m MODEL"},
    {KEY_PROBS, SCORES, " is for data: -m MODEL"},
    {KEY_KEEP, SCORES, " is for data: -m MODEL"},
    {KEY_BAD, SCORES, " is for data: -m MODEL"},
    {KEY_UNBUFFERED, SCORES, " is for data: -m MODEL"},
    {KEY_ID, SCORES, " is for data: -m MODEL (else --columns id=COLUMN)"},
    {KEY_LABEL, SCORES, " is for data: -m MODEL (else --columns label=COLUMN)"},
    {KEY_COLUMNS, OF_MODEL, " is for predictions, not for data"}};

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

static int take_metrics(struct comparison_options *o, const char *value,
                        struct err *err)
{
    struct list names = {0};
    int status = args_list("metric", value, &names, err);

    for (size_t i = 0; i < names.n && status == 0; i++) {
        enum metric_kind kind;
        status = metric_kind_parse(names.items[i], &kind, err);
        for (size_t k = 0; k < o->n_kinds && status == 0; k++)
            if (o->kinds[k] == kind)
                status = err_set(err, ERR_USAGE, "--metric: '%s' occurs twice",
                                 names.items[i]);
        if (status == 0)
            o->kinds[o->n_kinds++] = kind;
    }
    list_release(&names);
    return status;
}

/* What belongs to --compare. */
static int take_compared(struct eval_args *o, int key, char *value,
                         struct err *err)
{
    switch (key) {
    case KEY_METRIC:
        return take_metrics(&o->comparison, value, err);
    case KEY_GROUP:
        o->joined.group = value;
        return 0;
    case KEY_LABELS_FROM:
        o->joined.labels_from = value;
        return 0;
    case KEY_MARGIN:
        return args_number("margin", value, 1e-9, 1 - 1e-9,
                           &o->comparison.margin, err);
    default:
        return 1;
    }
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
    case KEY_REPEATS:
        return args_count("repeats", value, 1, 10000, &o->permutation.repeats,
                          err);
    case KEY_GOAL:
        o->cover.has_goal = true;
        return args_number("goal", value, 0, 1, &o->cover.goal, err);
    default:
        return take_compared(o, key, value, err);
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct eval_args *o = options;

    if (key >= KEY_FIRST && key < KEY_END)
        o->given[key - KEY_FIRST] = true;
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
    case KEY_COMPARE:
        o->compare = true;
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
    "Applies a model to data (-m), scores predictions (--metrics, "
    "--coverage), or compares them (--compare).",
    option_table,
    libraries,
    true,
    take};

static const char *option_name(int key)
{
    return args_option_name(option_table, key);
}

/* The one kind of run that was asked for. */
static int run_of(const struct eval_args *o)
{
    if (o->importance && !o->model)
        report_usage("--importance needs a model: -m MODEL");
    if ((o->model != NULL) + o->metrics + o->coverage + o->compare != 1)
        report_usage("one of -m MODEL, --metrics, --coverage and --compare is "
                     "needed");
    return o->importance ? IMPORTANCE
           : o->model    ? APPLY
           : o->metrics  ? METRICS
           : o->coverage ? COVERAGE
                         : COMPARE;
}

static void check_misfits(const struct eval_args *o, int run)
{
    for (size_t i = 0; i < sizeof(misfits) / sizeof(*misfits); i++)
        if (o->given[misfits[i].key - KEY_FIRST] && misfits[i].runs & run)
            report_usage("--%s%s", option_name(misfits[i].key), misfits[i].why);
}

static bool has_mean(const struct comparison_options *o)
{
    for (size_t i = 0; i < o->n_kinds; i++)
        if (o->kinds[i] != METRIC_MACRO_F1 &&
            o->kinds[i] != METRIC_BALANCED_ERROR)
            return true;
    return o->n_kinds == 0;
}

/* Standard input can be read once. */
static void check_pipes(const struct args *args)
{
    size_t n = 0;

    for (size_t i = 0; i < args->n_files; i++)
        n += strcmp(args->files[i], "-") == 0;
    if (n > 1)
        report_usage("--compare: only one file can be '-', standard input");
}

static void check(const struct eval_args *o, const struct args *args)
{
    int run = run_of(o);

    check_misfits(o, run);
    if (run == COMPARE && args->n_files < 2)
        report_usage("--compare needs two files or more");
    if (run == COMPARE)
        check_pipes(args);
    if (run == COMPARE && o->comparison.margin > 0 && !has_mean(&o->comparison))
        report_usage("--margin is for error, log_loss and brier");
    if (run == IMPORTANCE && o->comparison.n_kinds > 1)
        report_usage("--metric: importance is by one");
    if (run == APPLY && args->view == VIEW_ALWAYS)
        report_usage("--view: predictions are always CSV");
    file_names_check(args, NULL, 0, o->model);
}

static void choose_table(struct eval_args *o, const struct args *args)
{
    o->permutation.seed = args->seed;
    if (o->comparison.n_kinds)
        o->permutation.metric = o->comparison.kinds[0];
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
