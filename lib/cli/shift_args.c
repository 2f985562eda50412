#include "cli/shift_args.h"

#include <string.h>

#include "analysis/shift_judge.h"
#include "base/text.h"
#include "cli/column_args.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "csv/input.h"
#include "model/safetensors.h"
#include "nn/product.h"
#include "stream/profile.h"

enum {
    KEY_BY = KEY_COLUMNS_END,
    KEY_PROFILE,
    KEY_MERGE,
    KEY_LABEL_SHIFT,
    KEY_WEIGHTS,
    KEY_ERRORS,
    KEY_PAIRS,
    KEY_WINDOW,
    KEY_AGAINST,
    KEY_ACCURACY,
    KEY_SAMPLE,
    KEY_LIKE,
    KEY_METHOD,
    KEY_CORRECT,
    KEY_COLLECT,
    KEY_ON,
    KEY_NAMES,
    KEY_ROOT,
    KEY_STRICT,
    KEY_TOLERATE,
    KEY_SHAPE,
    KEY_EACH,
    KEYS_END
};

static const struct argp_option option_table[] = {
    {0, 0, 0, 0, "What to do, one a run (else: has CURRENT changed?):", 1},
    {"by", KEY_BY, "COLUMN", 0,
     "compare the parts of one table: split, or with --window a time", 0},
    {"label-shift", KEY_LABEL_SHIFT, 0, 0,
     "how the mix of classes has changed, from predictions alone", 0},
    {"weights", KEY_WEIGHTS, 0, 0,
     "REFERENCE with a sample_weight that makes it look like CURRENT", 0},
    {"errors", KEY_ERRORS, 0, 0,
     "which slices carry the extra error of the later part", 0},
    {"profile", KEY_PROFILE, 0, 0, "sum up a table, to compare others with it",
     0},
    {"merge", KEY_MERGE, 0, 0, "profiles of parts to that of the whole", 0},
    {0, 0, 0, 0, "How it is done:", 2},
    {"pairs", KEY_PAIRS, "A:B,C:D", 0,
     "--by, --errors: which parts are compared", 0},
    {"window", KEY_WINDOW, "WIDTH", 0, "--by: windows of a number or a year",
     0},
    {"against", KEY_AGAINST, "first|previous", 0,
     "--window: which window is the reference (first)", 0},
    {"accuracy", KEY_ACCURACY, "X", 0,
     "--profile: rank error of its sketches (.001)", 0},
    {"each", KEY_EACH, 0, 0,
     "columns by themselves only, nothing that looks at rows", 0},
    {"tolerate", KEY_TOLERATE, "X", 0,
     "a rise of the error up to this is no harm (.02)", 0},
    {"sample", KEY_SAMPLE, "N", 0,
     "rows that are kept to tell the sides apart (2000)", 0},
    {"like", KEY_LIKE, "PROFILE", 0,
     "--profile: columns and scales as there, to be merged with it", 0},
    {"method", KEY_METHOD, "NAME", 0,
     "--label-shift: bbse-hard, bbse-soft, rlls or em (by conditioning)", 0},
    {"correct", KEY_CORRECT, 0, 0,
     "--label-shift: write CURRENT with corrected predictions", 0},
    {"collect", KEY_COLLECT, "N", 0,
     "--errors: the N rows to be labelled first", 0},
    {0, 0, 0, 0, "Columns and rows:", 3},
    COLUMN_OPTIONS,
    ROLE_OPTIONS,
    {"model", 'm', "FILE", 0, "look at its predictions, too", 0},
    {"root", KEY_ROOT, "DIR", 0, "where paths of images begin", 0},
    {"shape", KEY_SHAPE, "HxWxC", 0, "images are looked at in this size", 0},
    {"on", KEY_ON, "A,B", 0, "the splits to look at", 0},
    {"columns", KEY_NAMES, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 0},
    {"strict", KEY_STRICT, 0, 0, "exit with 3 if anything fails", 0},
    {0}};

/* A mode, and the options that are for some modes only. */
enum {
    COMPARE = 1 << SHIFT_COMPARE,
    BY = 1 << SHIFT_BY,
    PROFILE = 1 << SHIFT_PROFILE,
    MERGE = 1 << SHIFT_MERGE,
    LABELS = 1 << SHIFT_LABELS,
    WEIGHTS = 1 << SHIFT_WEIGHTS,
    ERRORS = 1 << SHIFT_ERRORS,
    DATA = COMPARE | BY | PROFILE | WEIGHTS
};

static const struct {
    int key, mode;
} modes[] = {{KEY_BY, SHIFT_BY},           {KEY_LABEL_SHIFT, SHIFT_LABELS},
             {KEY_WEIGHTS, SHIFT_WEIGHTS}, {KEY_ERRORS, SHIFT_ERRORS},
             {KEY_PROFILE, SHIFT_PROFILE}, {KEY_MERGE, SHIFT_MERGE}};

static const struct belonging {
    int key, modes;
} belongings[] = {{KEY_PAIRS, BY | ERRORS},
                  {KEY_WINDOW, BY},
                  {KEY_AGAINST, BY},
                  {KEY_ACCURACY, PROFILE},
                  {KEY_SAMPLE, COMPARE | BY | PROFILE},
                  {KEY_LIKE, PROFILE},
                  {KEY_METHOD, LABELS},
                  {KEY_CORRECT, LABELS},
                  {KEY_COLLECT, ERRORS},
                  {KEY_LABEL, DATA | LABELS},
                  {KEY_FEATURES, DATA | ERRORS},
                  {KEY_EXCLUDE, DATA | ERRORS},
                  {KEY_TYPE, DATA},
                  {KEY_MISSING, DATA},
                  {KEY_ID, DATA | LABELS},
                  {KEY_GROUP, DATA},
                  {KEY_TIME, DATA},
                  {KEY_WEIGHT, DATA},
                  {'m', COMPARE | BY | PROFILE | LABELS},
                  {KEY_ROOT, DATA | LABELS},
                  {KEY_ON, COMPARE | PROFILE | LABELS | WEIGHTS},
                  {KEY_NAMES, LABELS | ERRORS},
                  {KEY_STRICT, COMPARE | BY},
                  {KEY_TOLERATE, COMPARE | BY},
                  {KEY_EACH, COMPARE | BY | PROFILE},
                  {KEY_SHAPE, DATA}};

enum {
    N_MODES = sizeof(modes) / sizeof(*modes),
    N_BELONGINGS = sizeof(belongings) / sizeof(*belongings)
};

static version_library *const libraries[] = {
    input_library, text_library, product_library, tensors_library, NULL};

/* Which options there were. */
struct parse {
    struct shift_args *o;
    bool given[KEYS_END];
    int mode_key; /* 0: none */
};

static const char *option_name(int key)
{
    return args_option_name(option_table, key);
}

static int take_mode(struct parse *p, int key, struct err *err)
{
    for (size_t i = 0; i < N_MODES; i++) {
        if (modes[i].key != key)
            continue;
        if (p->mode_key && p->mode_key != key)
            return err_set(err, ERR_USAGE, "--%s and --%s: one a run",
                           option_name(p->mode_key), option_name(key));
        p->mode_key = key;
        p->o->mode = (enum shift_mode)modes[i].mode;
    }
    return 0;
}

static int take_against(struct shift_args *o, const char *value,
                        struct err *err)
{
    o->previous = strcmp(value, "previous") == 0;
    if (o->previous || strcmp(value, "first") == 0)
        return 0;
    return err_set(err, ERR_USAGE, "--against: '%s' is not first or previous",
                   value);
}

static int take_method(struct shift_args *o, const char *value, struct err *err)
{
    o->labels.chosen = true;
    if (label_shift_method_parse(value, &o->labels.method) == 0)
        return 0;
    return err_set(err, ERR_USAGE,
                   "--method: '%s' is not bbse-hard, bbse-soft, rlls or em",
                   value);
}

static int take_how(struct shift_args *o, int key, char *value, struct err *err)
{
    switch (key) {
    case KEY_BY:
        o->by = value;
        return 0;
    case KEY_PAIRS:
        return args_list("pairs", value, &o->pairs, err);
    case KEY_WINDOW:
        return args_number("window", value, 1e-9, 1e12, &o->window, err);
    case KEY_AGAINST:
        return take_against(o, value, err);
    case KEY_ACCURACY:
        return args_number("accuracy", value, .0001, .1, &o->accuracy, err);
    case KEY_SAMPLE:
        return args_count("sample", value, 100, 20000, &o->sample, err);
    case KEY_LIKE:
        o->like = value;
        return 0;
    case KEY_METHOD:
        return take_method(o, value, err);
    case KEY_CORRECT:
        o->correct = true;
        return 0;
    case KEY_TOLERATE:
        return args_number("tolerate", value, 0, 1, &o->tolerate, err);
    case KEY_SHAPE:
        return shape_parse(o->schema.shape, &o->schema.n_shape, value, err);
    case KEY_COLLECT:
        return args_count("collect", value, 1, 1000000, &o->collect, err);
    default:
        return 1;
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct parse *p = options;
    struct shift_args *o = p->o;

    if (key >= 0 && key < KEYS_END)
        p->given[key] = true;
    if (take_mode(p, key, err) != 0)
        return -1;
    switch (key) {
    case 'm':
        o->model = value;
        return 0;
    case KEY_ROOT:
        o->root = value;
        return 0;
    case KEY_ON:
        return args_list("on", value, &o->on, err);
    case KEY_NAMES:
        return args_list("columns", value, &o->columns, err);
    case KEY_EACH:
        o->each = true;
        return 0;
    case KEY_STRICT:
        o->strict = true;
        return 0;
    case KEY_PROFILE:
    case KEY_MERGE:
    case KEY_LABEL_SHIFT:
    case KEY_WEIGHTS:
    case KEY_ERRORS:
        return 0;
    default: {
        int status = take_how(o, key, value, err);
        return status == 1 ? column_args_take(&o->schema, key, value, err)
                           : status;
    }
    }
}

static const struct args_tool tool = {
    "shift",
    "REFERENCE CURRENT\n--by COLUMN [FILE...]\n--label-shift REFERENCE "
    "CURRENT\n--weights REFERENCE CURRENT\n--errors PREDICTIONS\n"
    "--profile [FILE...]\n--merge PROFILE...",
    "Says whether two sets of rows are of one distribution, whether that "
    "matters, and what to do.",
    option_table,
    libraries,
    true,
    take};

static void check_belongings(const struct parse *p)
{
    for (size_t i = 0; i < N_BELONGINGS; i++)
        if (p->given[belongings[i].key] &&
            !(belongings[i].modes & 1 << p->o->mode))
            report_usage(p->mode_key ? "--%s does not go with --%s"
                                     : "--%s needs another mode than "
                                       "REFERENCE CURRENT",
                         option_name(belongings[i].key),
                         p->mode_key ? option_name(p->mode_key) : "");
}

static void check_operands(const struct shift_args *o, const struct args *args)
{
    bool two = o->mode == SHIFT_COMPARE || o->mode == SHIFT_LABELS ||
               o->mode == SHIFT_WEIGHTS;
    size_t standard = 0;

    for (size_t i = 0; i < args->n_files; i++)
        standard += strcmp(args->files[i], "-") == 0;
    if (two && args->n_files == 1 && !standard && o->mode == SHIFT_COMPARE)
        report_usage("what is '%s' held against? REFERENCE CURRENT, or --by "
                     "COLUMN of one table",
                     args->files[0]);
    if (two && args->n_files != 2)
        report_usage("two files are needed, REFERENCE and CURRENT");
    if (standard > 1)
        report_usage("standard input can be read once only");
    if (o->mode == SHIFT_MERGE && !args->n_files)
        report_usage("--merge: which profiles?");
    if (o->by && o->window > 0 && o->pairs.n)
        report_usage("--pairs are of parts, not of windows: --against says "
                     "what a window is compared with");
    if (o->previous && !(o->window > 0))
        report_usage("--against needs --window");
    if (o->collect && o->correct)
        report_usage("--correct does not go with --collect");
    if (args->n_gates && (o->collect || o->correct))
        report_usage("--gate does not go with --%s, which writes rows and no "
                     "result",
                     o->collect ? "collect" : "correct");
    if (o->mode == SHIFT_ERRORS && o->pairs.n > 1)
        report_usage("--errors compares one pair of parts");
}

void shift_args_parse(struct args *args, struct shift_args *o, int argc,
                      char **argv)
{
    struct parse parse = {.o = o};

    memset(o, 0, sizeof(*o));
    o->accuracy = .001;
    o->tolerate = SHIFT_TOLERATED;
    o->sample = PROFILE_SAMPLE;
    o->schema.ngrams = NGRAM_DEFAULTS;
    o->schema.any_input = true;
    args_parse(args, &tool, &parse, argc, argv);
    o->labels.seed = args->seed;
    if (o->each)
        o->sample = 0;
    args->csv.reread |= o->mode == SHIFT_ERRORS;
    check_belongings(&parse);
    check_operands(o, args);
    file_names_check(args, NULL, 0, o->model);
    file_names_check(args, NULL, 0, o->like);
}

void shift_args_release(struct shift_args *o)
{
    schema_request_release(&o->schema);
    list_release(&o->columns);
    list_release(&o->on);
    list_release(&o->pairs);
}
