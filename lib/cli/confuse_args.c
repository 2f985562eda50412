#include "cli/confuse_args.h"

#include <string.h>

#include "base/text.h"
#include "cli/confuse_view.h"
#include "cli/file_names.h"
#include "cli/reliability_view.h"
#include "cli/report.h"
#include "cli/slices_view.h"
#include "csv/input.h"
#include "stream/error_rows.h"
#include "stream/slice_rows.h"

enum {
    KEY_MATRIX = 256,
    KEY_BY_CLASS,
    KEY_TOP_LOSSES,
    KEY_ON,
    KEY_COLUMNS,
    KEY_LABEL_ISSUES,
    KEY_PRUNE,
    KEY_SCORE,
    KEY_OUT_OF_FOLD,
    KEY_COLLAPSE,
    KEY_SLICES,
    KEY_LEAST_ROWS,
    KEY_FLOW,
    KEY_TAGS,
    KEY_LABELS_FROM,
    KEY_NORMALISE,
    KEY_CALIBRATION,
    KEY_BINS,
    KEY_EQUAL_MASS
};

enum { LEAST_ROWS = 10 };

static const struct argp_option option_table[] = {
    {0, 0, 0, 0, "Tables, one a run (else the confused pairs):", 1},
    {"matrix", KEY_MATRIX, 0, 0, "the confusion matrix", 0},
    {"by-class", KEY_BY_CLASS, 0, 0, "precision, recall and F1 of each class",
     0},
    {"top-losses", KEY_TOP_LOSSES, "N", 0,
     "the N rows the model is most wrong about", 0},
    {"label-issues", KEY_LABEL_ISSUES, 0, 0,
     "the rows whose label is likely to be wrong", 0},
    {"collapse", KEY_COLLAPSE, "error|bits", OPTION_ARG_OPTIONAL,
     "what the error would be if labels were merged, by most errors, or by "
     "most errors for each bit the labels lose",
     0},
    {"slices", KEY_SLICES, "A,B|auto", 0,
     "the error by these columns and their pairs; auto: by all kept ones", 0},
    {"calibration", KEY_CALIBRATION, 0, 0,
     "how often predictions of each probability are right", 0},
    {"flow", KEY_FLOW, 0, 0,
     "what moved from the first FILE to the second, joined by id", 0},
    {"tags", KEY_TAGS, "FILE", 0,
     "a person's own categories (id,tag): how much of the error is each", 0},
    {0, 0, 0, 0, "How a table is made:", 2},
    {"prune", KEY_PRUNE, "HOW", 0,
     "label issues: noise_rate, class, both, off_diagonal or argmax "
     "(noise_rate)",
     0},
    {"score", KEY_SCORE, "HOW", 0,
     "label issues: rank by self or margin (self)", 0},
    {"out-of-fold", KEY_OUT_OF_FOLD, 0, 0,
     "label issues: the model has not seen the rows of train", 0},
    {"least-rows", KEY_LEAST_ROWS, "N", 0,
     "slices: the fewest rows of one (10)", 0},
    {"labels-from", KEY_LABELS_FROM, "FILE", 0,
     "flow: whose labels count where they differ, a FILE, or A or B", 0},
    {"normalise", KEY_NORMALISE, "row|column", 0,
     "matrix: shares of the label's rows, or of the prediction's", 0},
    {"bins", KEY_BINS, "N", 0, "calibration: how many bins (15)", 0},
    {"equal-mass", KEY_EQUAL_MASS, 0, 0,
     "calibration: as many rows in each bin", 0},
    {0, 0, 0, 0, "Rows:", 3},
    {"on", KEY_ON, "A,B", 0,
     "the splits to look at (all but train, if there are any)", 0},
    {"columns", KEY_COLUMNS, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 0},
    {0}};

static const struct confuse_kind kinds[] = {
    {0, &pair_table, draw_pairs},
    {KEY_MATRIX, &matrix_table, view_matrix},
    {KEY_BY_CLASS, &class_table, draw_classes},
    {KEY_TOP_LOSSES, &top_table, draw_top_losses},
    {KEY_LABEL_ISSUES, &issue_table, draw_label_issues},
    {KEY_COLLAPSE, &collapse_table, draw_merges},
    {KEY_SLICES, &slice_table, draw_slices},
    {KEY_FLOW, NULL, draw_flow},
    {KEY_TAGS, &tag_table, draw_tags},
    {KEY_CALIBRATION, &calibration_table, reliability_view}};

/* Options that belong to one kind. */
static const struct belonging {
    int key, kind;
} belongings[] = {
    {KEY_PRUNE, KEY_LABEL_ISSUES},       {KEY_SCORE, KEY_LABEL_ISSUES},
    {KEY_OUT_OF_FOLD, KEY_LABEL_ISSUES}, {KEY_LEAST_ROWS, KEY_SLICES},
    {KEY_LABELS_FROM, KEY_FLOW},         {KEY_NORMALISE, KEY_MATRIX},
    {KEY_BINS, KEY_CALIBRATION},         {KEY_EQUAL_MASS, KEY_CALIBRATION}};

enum { N_BELONGINGS = sizeof(belongings) / sizeof(*belongings) };

/* The matrix with --normalise. */
static const struct confuse_kind shares = {KEY_MATRIX, &matrix_table,
                                           view_matrix_shares};

static version_library *const libraries[] = {input_library, text_library, NULL};

static const char *option_name(int key)
{
    return args_option_name(option_table, key);
}

/* Takes the option of a kind: a second kind is wrong usage. */
static int take_kind(struct confuse_args *o, int key, struct err *err)
{
    for (size_t i = 0; i < sizeof(kinds) / sizeof(*kinds); i++) {
        if (kinds[i].key != key || o->kind == &kinds[i])
            continue;
        if (o->kind)
            return err_set(err, ERR_USAGE,
                           "--%s and --%s are one table each: ask for one",
                           option_name(o->kind->key), option_name(key));
        o->kind = &kinds[i];
    }
    return 0;
}

/* One of the names, which end in NULL. */
static int take_name(int key, const char *value, const char *const *names,
                     size_t *out, struct err *err)
{
    struct buf list = {0};

    for (*out = 0; names[*out]; ++*out)
        if (strcmp(names[*out], value) == 0)
            return 0;
    for (size_t i = 0; names[i]; i++)
        buf_printf(&list, "%s%s", i ? ", " : "", names[i]);
    err_set(err, ERR_USAGE, "--%s: '%s' is none of %s", option_name(key), value,
            list.data);
    buf_release(&list);
    return -1;
}

static int take_issues(struct confuse_args *o, int key, const char *value,
                       struct err *err)
{
    size_t name = 0;

    if (key == KEY_LABEL_ISSUES) {
        o->options = &o->issues;
        return 0;
    }
    if (key == KEY_OUT_OF_FOLD)
        o->issues.out_of_fold = true;
    else if (take_name(key, value,
                       key == KEY_PRUNE ? issue_prune_names : issue_score_names,
                       &name, err) != 0)
        return -1;
    else if (key == KEY_PRUNE)
        o->issues.prune = (enum label_prune)name;
    else
        o->issues.score = (enum label_score)name;
    return 0;
}

static int take_collapse(struct confuse_args *o, const char *by,
                         struct err *err)
{
    o->options = &o->collapse;
    o->collapse = by && strcmp(by, "bits") == 0 ? COLLAPSE_BY_BITS
                                                : COLLAPSE_BY_ERROR;
    if (!by || strcmp(by, "error") == 0 || o->collapse == COLLAPSE_BY_BITS)
        return 0;
    return err_set(err, ERR_USAGE, "--collapse: '%s' is not error or bits", by);
}

static int take_normalise(struct confuse_args *o, const char *value,
                          struct err *err)
{
    if (strcmp(value, "row") != 0 && strcmp(value, "column") != 0)
        return err_set(err, ERR_USAGE,
                       "--normalise: '%s' is neither row nor column", value);
    o->matrix.normalise = *value == 'r' ? NORMALISE_ROW : NORMALISE_COLUMN;
    return 0;
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct confuse_args *o = options;

    if (take_kind(o, key, err) != 0)
        return -1;
    for (size_t i = 0; i < N_BELONGINGS; i++)
        if (belongings[i].key == key)
            o->given[i] = true;
    switch (key) {
    case KEY_MATRIX:
        o->options = &o->matrix;
        return 0;
    case KEY_BY_CLASS:
    case KEY_FLOW:
        return 0;
    case KEY_TAGS:
        o->tags = value;
        o->tag.file = &o->tag_file;
        o->options = &o->tag;
        return 0;
    case KEY_LABELS_FROM:
        o->labels_from = value;
        return 0;
    case KEY_COLLAPSE:
        return take_collapse(o, value, err);
    case KEY_NORMALISE:
        return take_normalise(o, value, err);
    case KEY_CALIBRATION:
        o->options = &o->calibration;
        return 0;
    case KEY_BINS:
        return args_count("bins", value, 1, 1000, &o->calibration.bins, err);
    case KEY_EQUAL_MASS:
        o->calibration.equal_mass = true;
        return 0;
    case KEY_TOP_LOSSES:
        o->options = &o->top;
        return args_count("top-losses", value, 1, 1000000, &o->top.most, err);
    case KEY_SLICES:
        o->options = &o->slices;
        return args_list("slices", value, &o->slices.columns, err);
    case KEY_LEAST_ROWS:
        return args_count("least-rows", value, 1, 1000000000, &o->slices.least,
                          err);
    case KEY_ON:
        return args_list("on", value, &o->on, err);
    case KEY_COLUMNS:
        return args_list("columns", value, &o->columns, err);
    case KEY_LABEL_ISSUES:
    case KEY_PRUNE:
    case KEY_SCORE:
    case KEY_OUT_OF_FOLD:
        return take_issues(o, key, value, err);
    default:
        return 1;
    }
}

static const struct args_tool tool = {
    "confuse",
    "[FILE...]",
    "Says which classes are confused and which rows are wrong.",
    option_table,
    libraries,
    true,
    take};

static void check_belongings(const struct confuse_args *o)
{
    for (size_t i = 0; i < N_BELONGINGS; i++)
        if (o->given[i] && o->kind->key != belongings[i].kind)
            report_usage("--%s needs --%s", option_name(belongings[i].key),
                         option_name(belongings[i].kind));
}

static void check_slices(const struct list *columns)
{
    for (size_t i = 0; i < columns->n; i++)
        for (size_t k = 0; k < i; k++)
            if (strcmp(columns->items[i], columns->items[k]) == 0)
                report_usage("--slices: '%s' occurs twice", columns->items[i]);
}

/* What was not said. */
static void settle(struct confuse_args *o, uint64_t seed)
{
    if (!o->kind)
        o->kind = &kinds[0];
    if (o->kind->key == KEY_MATRIX && o->matrix.normalise)
        o->kind = &shares;
    if (!o->calibration.bins)
        o->calibration.bins = CALIBRATION_USUAL_BINS;
    o->calibration.seed = seed;
    if (!o->slices.least)
        o->slices.least = LEAST_ROWS;
}

void confuse_args_parse(struct args *args, struct confuse_args *o, int argc,
                        char **argv)
{
    memset(o, 0, sizeof(*o));
    args_parse(args, &tool, o, argc, argv);
    settle(o, args->seed);
    check_belongings(o);
    check_slices(&o->slices.columns);
    if (!o->kind->table && args->n_files != 2)
        report_usage("--flow needs two files");
    args->csv.reread = o->kind->table && o->kind->table->again;
    file_names_check(args, NULL, 0, o->tags);
}

void confuse_args_release(struct confuse_args *o)
{
    list_release(&o->on);
    list_release(&o->columns);
    list_release(&o->slices.columns);
    tag_file_release(&o->tag_file);
}
