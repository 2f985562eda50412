#include "cli/decompose_args.h"

#include <string.h>

#include "base/text.h"
#include "cli/report.h"
#include "cli/sources_view.h"
#include "csv/input.h"

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
    KEY_TRIAL_LOG
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
    {0, 0, 0, 0, "Rows:", 3},
    {"columns", KEY_COLUMNS, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 0},
    {0}};

static const struct decompose_kind kinds[] = {{0, &source_table, sources_view}};

/* The sources, where their values are no fractions. */
static const struct decompose_kind plain = {0, &source_table,
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

static int take(void *options, int key, char *value, struct err *err)
{
    struct decompose_args *o = options;

    if (key == KEY_COLUMNS)
        return args_list("columns", value, &o->columns, err);
    return take_sources(o, key, value, err);
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

void decompose_args_parse(struct args *args, struct decompose_args *o, int argc,
                          char **argv)
{
    memset(o, 0, sizeof(*o));
    args_parse(args, &tool, o, argc, argv);
    check_sources(o, args);
    if (!o->kind) {
        enum metric_kind metric = o->sources.score.metric;
        o->kind = metric == METRIC_LOG_LOSS || metric == METRIC_BRIER
                      ? &plain
                      : &kinds[0];
        o->options = &o->sources;
    }
    args->csv.reread =
        o->kind->table->again &&
        (o->kind->table != &source_table || source_table_reread(&o->sources));
}

void decompose_args_release(struct decompose_args *o)
{
    list_release(&o->columns);
    list_release(&o->sources.from.annotators);
}
