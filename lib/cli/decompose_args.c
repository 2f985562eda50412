#include "cli/decompose_args.h"

#include <string.h>

#include "base/text.h"
#include "cli/file_names.h"
#include "cli/learning_view.h"
#include "cli/parts_view.h"
#include "cli/report.h"
#include "cli/sources_view.h"
#include "csv/input.h"
#include "model/tried_read.h"

enum {
    KEY_GOAL = 256,
    KEY_COLUMNS,
    KEY_ANNOTATORS,
    KEY_ANNOTATOR,
    KEY_GOAL_FROM,
    KEY_METRIC,
    KEY_WEIGHT,
    KEY_GROUP,
    KEY_TUNED,
    KEY_TRIAL_LOG,
    KEY_BY_CLASS,
    KEY_BY_ROW,
    KEY_DECOMPOSITION,
    KEY_LEARNING_CURVE,
    KEY_TRIED,
    KEY_ON
};

static const struct argp_option option_table[] = {
    {0, 0, 0, 0, "The error that could be reached (0, marked as assumed):", 1},
    {"goal", KEY_GOAL, "X", 0, "this number", 0},
    {"annotators", KEY_ANNOTATORS, "A,B,...", 0,
     "one person's, from columns of several persons' judgements", 0},
    {"annotator", KEY_ANNOTATOR, "COLUMN", 0,
     "one person's, from judgements against the label", 0},
    {"goal-from", KEY_GOAL_FROM, "FILE", 0,
     "that of other predictions, of a baseline say", 0},
    {0, 0, 0, 0, "Scores:", 2},
    {"metric", KEY_METRIC, "NAME", 0,
     "error (the default), log_loss, brier, macro_f1 or balanced_error", 0},
    {"weight", KEY_WEIGHT, "COLUMN", 0, "how much a row counts", 0},
    {"group", KEY_GROUP, "COLUMN", 0,
     "rows with the same value here are one unit in the intervals", 0},
    {"tuned", KEY_TUNED, "N", 0,
     "the model was chosen as the best of N on val: by how much val is too low",
     0},
    {"trial-log", KEY_TRIAL_LOG, "FILE", 0,
     "the same from the errors of the trials", 0},
    {0, 0, 0, 0, "Bias and variance, of predictions with replicas:", 3},
    {"by-class", KEY_BY_CLASS, 0, 0, "of the rows of each class too", 0},
    {"by-row", KEY_BY_ROW, 0, 0,
     "of each row instead: which are always wrong, and which by luck", 0},
    {"decomposition", KEY_DECOMPOSITION, "domingos|kohavi_wolpert", 0,
     "how the error is split (domingos)", 0},
    {0, 0, 0, 0, "Learning curve, of predictions by training size:", 4},
    {"learning-curve", KEY_LEARNING_CURVE, 0, 0,
     "error by training size, and the rows that --goal takes", 0},
    {0, 0, 0, 0, "Advice:", 5},
    {"model", 'm', "FILE", 0, "the model that made the predictions", 0},
    {"tried", KEY_TRIED, "FILE", 0,
     "hyperparameters that were tried: a row, or the trials of a search", 0},
    {0, 0, 0, 0, "Rows:", 6},
    {"on", KEY_ON, "A,B", 0,
     "the held-out splits of bias and variance, and of the learning curve "
     "(all but train)",
     0},
    {"columns", KEY_COLUMNS, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 0},
    {0}};

static const struct decompose_kind sources_kind = {0, &source_table,
                                                   sources_view};
static const struct decompose_kind by_row_kind = {KEY_BY_ROW, &by_row_table,
                                                  draw_by_row};

static const struct decompose_kind learning_kind = {
    KEY_LEARNING_CURVE, &learning_table, learning_view};

/* The sources, where their values are no fractions. */
static const struct decompose_kind plain_kind = {0, &source_table,
                                                 sources_view_plain};

/* More trials than anybody makes; the largest log loss there is a use for. */
static const long MOST_TRIALS = 1000000000;
static const double MOST_LOSS = 1e6;

static version_library *const libraries[] = {input_library, text_library, NULL};

/* Goals, scores: 1 where the key is another. */
static int take_sources(struct decompose_args *o, int key, char *value,
                        struct err *err)
{
    struct source_options *s = &o->sources;

    switch (key) {
    case KEY_GOAL:
        o->goal = value;
        return 0;
    case KEY_ANNOTATORS:
        return args_list("annotators", value, &s->from.annotators, err);
    case KEY_ANNOTATOR:
        s->from.annotator = value;
        return 0;
    case KEY_GOAL_FROM:
        s->from.from = value;
        return 0;
    case KEY_METRIC:
        return metric_kind_parse(value, &s->score.metric, err);
    case KEY_WEIGHT:
        s->score.weight = value;
        return 0;
    case KEY_GROUP:
        s->score.group = value;
        return 0;
    case KEY_TUNED:
        return args_count("tuned", value, 1, MOST_TRIALS, &s->tuned, err);
    case KEY_TRIAL_LOG:
        s->trial_log = value;
        return 0;
    default:
        return 1;
    }
}

static int take_decomposition(struct part_options *parts, const char *value,
                              struct err *err)
{
    enum decomposition *d = &parts->replicas.decomposition;

    parts->asked = true;
    *d = strcmp(value, "domingos") == 0 ? PARTS_DOMINGOS : PARTS_KOHAVI_WOLPERT;
    if (*d == PARTS_KOHAVI_WOLPERT && strcmp(value, "kohavi_wolpert") != 0)
        return err_set(err, ERR_USAGE,
                       "--decomposition: '%s' is not domingos or "
                       "kohavi_wolpert",
                       value);
    return 0;
}

/* The table that is asked for: one a run. */
static int take_kind(struct decompose_args *o,
                     const struct decompose_kind *kind, struct err *err)
{
    if (o->kind && o->kind != kind)
        return err_set(err, ERR_USAGE,
                       "--by-row and --learning-curve are one table each: ask "
                       "for one");
    o->kind = kind;
    return 0;
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct decompose_args *o = options;
    struct part_options *parts = &o->sources.parts;

    switch (key) {
    case KEY_BY_CLASS:
        parts->by_class = parts->asked = true;
        return 0;
    case KEY_BY_ROW:
        return take_kind(o, &by_row_kind, err);
    case KEY_LEARNING_CURVE:
        return take_kind(o, &learning_kind, err);
    case 'm':
        o->model = value;
        return 0;
    case KEY_TRIED:
        o->tried_rows = value;
        return 0;
    case KEY_DECOMPOSITION:
        o->has_decomposition = true;
        return take_decomposition(parts, value, err);
    case KEY_ON:
        return args_list("on", value, &o->on, err);
    case KEY_COLUMNS:
        return args_list("columns", value, &o->columns, err);
    default:
        return take_sources(o, key, value, err);
    }
}

/* On the scale of the metric, which may be named after it. */
static int take_goal(struct decompose_args *o, struct err *err)
{
    enum metric_kind metric = o->sources.score.metric;
    double most = metric == METRIC_LOG_LOSS ? MOST_LOSS
                  : metric == METRIC_BRIER  ? 2
                                            : 1;

    if (!o->goal)
        return 0;
    o->sources.has_goal = true;
    return args_number("goal", o->goal, 0, most, &o->sources.goal, err);
}

static bool reads_standard_input(const struct args *args)
{
    for (size_t i = 0; i < args->n_files; i++)
        if (strcmp(args->files[i], "-") == 0)
            return true;
    return args->n_files == 0;
}

static void check_sources(struct decompose_args *o, const struct args *args)
{
    struct source_options *s = &o->sources;
    const struct goal_options *from = &s->from;
    int goals = (o->goal != NULL) + (from->annotators.n > 0) +
                (from->annotator != NULL) + (from->from != NULL);
    struct err err = {0};

    if (goals > 1)
        report_usage("one of --goal, --annotators, --annotator and --goal-from "
                     "is enough");
    if (from->annotators.n == 1)
        report_usage("--annotators needs two columns or more (--annotator: one "
                     "against the label)");
    for (size_t i = 0; i < from->annotators.n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(from->annotators.items[i], from->annotators.items[k]) ==
                0)
                report_usage("--annotators: '%s' occurs twice",
                             from->annotators.items[i]);
    if (s->tuned && s->trial_log)
        report_usage("--tuned and --trial-log say the same: one is enough");
    report_check(take_goal(o, &err), &err);
    if (from->from && strcmp(from->from, "-") == 0 &&
        reads_standard_input(args))
        report_usage("--goal-from: standard input can be read once");
    file_names_check(args, NULL, 0, from->from);
    file_names_check(args, NULL, 0, s->trial_log);
    s->from.csv = &args->csv;
    s->from.columns = &o->columns;
}

static const struct args_tool tool = {
    "decompose",
    "[FILE...]",
    "Splits the error into its sources and says which to attack first.",
    option_table,
    libraries,
    true,
    take};

/* Of each row there are no gaps, and no advice. */
static void check_by_row(const struct decompose_args *o)
{
    const struct source_options *s = &o->sources;
    const char *option = s->has_goal         ? "--goal"
                         : s->from.annotator ? "--annotator"
                         : s->from.from      ? "--goal-from"
                         : s->score.weight   ? "--weight"
                         : s->score.group    ? "--group"
                         : s->tuned          ? "--tuned"
                         : s->trial_log      ? "--trial-log"
                         : o->model          ? "--model"
                         : o->tried_rows     ? "--tried"
                                             : NULL;

    if (option)
        report_usage("%s does not go with --by-row", option);
}

/* What bias and variance take from the other options. */
static void set_parts(struct decompose_args *o, const struct args *args)
{
    struct part_options *parts = &o->sources.parts;
    enum metric_kind metric = o->sources.score.metric;
    bool by_row = o->kind == &by_row_kind;

    if (by_row && parts->by_class)
        report_usage("--by-row and --by-class are one table each: ask for one");
    if (by_row)
        check_by_row(o);
    if (o->has_decomposition && metric != METRIC_ERROR)
        report_usage("--decomposition goes with --metric error");
    parts->asked |= by_row || o->on.n;
    parts->none = !part_decomposition(metric, &parts->replicas.decomposition);
    if (parts->none && parts->asked)
        report_usage("--metric: bias and variance are of error, brier or "
                     "log_loss, not of %s",
                     metric_kind_name(metric));
    parts->replicas.on = &o->on;
    parts->replicas.keep_ids = by_row;
    parts->has_goal = o->sources.has_goal;
    parts->goal = o->sources.goal;
    parts->seed = args->seed;
}

/* What was tried, and the file by which commands call the predictions. */
static void read_known(struct decompose_args *o, const struct args *args)
{
    struct err err = {0};

    if (o->model && o->tried_rows)
        report_usage("--tried: the model says what was tried");
    if (o->model)
        report_check(tried_from_model(&o->tried, o->model, &err), &err);
    if (o->tried_rows)
        report_check(
            tried_from_rows(&o->tried, o->tried_rows, &args->csv, &err), &err);
    o->known.tried = &o->tried;
    /* a stream has the same bytes whatever its input is called */
    if (result_is_drawn(args) && args->n_files == 1 &&
        strcmp(args->files[0], "-") != 0)
        o->known.predictions = args->files[0];
    o->sources.known = &o->known;
    o->sources.seed = args->seed;
}

/* The learning curve is of errors: what belongs to other tables is refused. */
static void set_learning(struct decompose_args *o, const struct args *args)
{
    const struct source_options *s = &o->sources;
    const char *option = goal_option(&s->from)  ? goal_option(&s->from)
                         : s->score.metric      ? "--metric"
                         : s->score.weight      ? "--weight"
                         : s->score.group       ? "--group"
                         : s->tuned             ? "--tuned"
                         : s->trial_log         ? "--trial-log"
                         : s->parts.by_class    ? "--by-class"
                         : o->has_decomposition ? "--decomposition"
                                                : NULL;

    if (option)
        report_usage("%s does not go with --learning-curve", option);
    o->learning = (struct learning_options){&o->on, s->has_goal, s->goal,
                                            args->seed, &o->known};
    o->options = &o->learning;
}

void decompose_args_parse(struct args *args, struct decompose_args *o, int argc,
                          char **argv)
{
    memset(o, 0, sizeof(*o));
    args_parse(args, &tool, o, argc, argv);
    check_sources(o, args);
    read_known(o, args);
    o->options = &o->sources;
    if (o->kind == &learning_kind)
        set_learning(o, args);
    else
        set_parts(o, args);
    if (!o->kind) {
        enum metric_kind metric = o->sources.score.metric;
        o->kind = metric == METRIC_LOG_LOSS || metric == METRIC_BRIER
                      ? &plain_kind
                      : &sources_kind;
    }
    args->csv.reread = o->kind != &learning_kind &&
                       source_table_reread(&o->sources);
}

void decompose_args_release(struct decompose_args *o)
{
    list_release(&o->columns);
    list_release(&o->on);
    tried_release(&o->tried);
    list_release(&o->sources.from.annotators);
}
