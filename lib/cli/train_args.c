#include "cli/train_args.h"

#include <stdlib.h>
#include <string.h>

#include "base/text.h"
#include "cli/report.h"
#include "csv/input.h"
#include "model/safetensors.h"
#include "nn/product.h"

enum {
    KEY_LABEL = 256,
    KEY_ID,
    KEY_GROUP,
    KEY_TIME,
    KEY_WEIGHT,
    KEY_FEATURES,
    KEY_EXCLUDE,
    KEY_TYPE,
    KEY_MISSING,
    KEY_NGRAMS,
    KEY_NET,
    KEY_HIDDEN,
    KEY_EMBEDDING,
    KEY_DROPOUT,
    KEY_LEARNING_RATE,
    KEY_WEIGHT_DECAY,
    KEY_EPOCHS,
    KEY_BATCH,
    KEY_PATIENCE,
    KEY_STOP_ON,
    KEY_CLASS_WEIGHT,
    KEY_ON,
    KEY_FOLDS,
    KEY_ALL_ROWS,
    KEY_PREDICT,
    KEY_PROBS,
    KEY_KEEP,
    KEY_CURVE,
    KEY_EXPLAIN
};

static const struct argp_option option_table[] = {
    {0, 0, 0, 0, "Columns:", 1},
    {"label", KEY_LABEL, "COLUMN", 0, "what to learn (label)", 0},
    {"features", KEY_FEATURES, "A,B", 0, "learn from these columns only", 0},
    {"exclude", KEY_EXCLUDE, "A,B", 0, "learn from all but these", 0},
    {"type", KEY_TYPE, "C=TYPE", 0, "C is a number, category or text", 0},
    {"missing", KEY_MISSING, "WORDS", 0, "cells that count as empty", 0},
    {"ngrams", KEY_NGRAMS, "SIZES", 0, "n-grams of text (word=1-2,char=3-5)",
     0},
    {"id", KEY_ID, "COLUMN", 0, "names the row, never a feature (id)", 0},
    {"group", KEY_GROUP, "COLUMN", 0, "never a feature", 0},
    {"time", KEY_TIME, "COLUMN", 0, "never a feature", 0},
    {"weight", KEY_WEIGHT, "COLUMN", 0, "how much each row counts", 0},
    {0, 0, 0, 0, "Network:", 2},
    {"net", KEY_NET, "NAME", 0, "majority, linear or mlp (mlp)", 0},
    {"hidden", KEY_HIDDEN, "N,N", 0, "widths of the hidden layers (128)", 0},
    {"embedding", KEY_EMBEDDING, "N", 0,
     "width of text and large categories (16)", 0},
    {"dropout", KEY_DROPOUT, "X", 0, "share of hidden units dropped (0)", 0},
    {0, 0, 0, 0, "Training:", 3},
    {"on", KEY_ON, "A,B", 0, "train on these parts (train)", 0},
    {"learning-rate", KEY_LEARNING_RATE, "X", 0, "of Adam (3e-4)", 0},
    {"weight-decay", KEY_WEIGHT_DECAY, "X", 0, "added to gradients (0)", 0},
    {"batch", KEY_BATCH, "N", 0, "rows of a step (64)", 0},
    {"epochs", KEY_EPOCHS, "N", 0, "at most (100)", 0},
    {"patience", KEY_PATIENCE, "N", 0,
     "stop after N epochs without a better loss (10)", 0},
    {"stop-on", KEY_STOP_ON, "PART|none", 0,
     "the part whose loss decides (testval, val, or a tenth)", 0},
    {"class-weight", KEY_CLASS_WEIGHT, "balanced|none", 0,
     "let all classes count the same", 0},
    {"folds", KEY_FOLDS, "K", 0, "K models, each tested on its own fold", 0},
    {"all-rows", KEY_ALL_ROWS, 0, 0, "folds take the rows of 'test' too", 0},
    {0, 0, 0, 0, "Results:", 4},
    {"model", 'm', "FILE", 0, "write the model to FILE", 0},
    {"predict", KEY_PREDICT, 0, 0, "write predictions, not the curve", 0},
    {"probs", KEY_PROBS, 0, 0, "with a column p:CLASS for each class", 0},
    {"keep", KEY_KEEP, "A,B", 0, "with these columns of the data", 0},
    {"curve", KEY_CURVE, "FILE", 0, "write the curve to FILE", 0},
    {"explain", KEY_EXPLAIN, 0, 0, "show the columns' types, train nothing", 0},
    {0}};

static version_library *const libraries[] = {
    input_library, text_library, product_library, tensors_library, NULL};

static int take_hidden(struct net_spec *net, const char *value, struct err *err)
{
    struct list widths = {0};
    int status = list_add_record(&widths, value, err);

    if (status == 0 && widths.n > NET_HIDDEN)
        status =
            err_set(err, ERR_USAGE, "--hidden: at most %d layers", NET_HIDDEN);
    net->n_hidden = 0;
    for (size_t i = 0; i < widths.n && status == 0; i++)
        status = args_count("hidden", widths.items[i], 1, 65536,
                            &net->hidden[net->n_hidden++], err);
    list_release(&widths);
    return status;
}

static int take_class_weight(struct train_args *o, const char *value,
                             struct err *err)
{
    o->fit.training.balanced = strcmp(value, "balanced") == 0;
    if (!o->fit.training.balanced && strcmp(value, "none") != 0)
        return err_set(err, ERR_USAGE,
                       "--class-weight: '%s' is not balanced or none", value);
    return 0;
}

static int take_columns(struct train_args *o, int key, char *value,
                        struct err *err)
{
    struct schema_request *q = &o->schema;

    switch (key) {
    case KEY_LABEL:
        q->label = value;
        return 0;
    case KEY_ID:
        q->id = value;
        return 0;
    case KEY_GROUP:
        q->group = value;
        return 0;
    case KEY_TIME:
        q->time = value;
        return 0;
    case KEY_WEIGHT:
        q->weight = value;
        return 0;
    case KEY_FEATURES:
        return list_add_record(&q->features, value, err);
    case KEY_EXCLUDE:
        return list_add_record(&q->exclude, value, err);
    case KEY_TYPE:
        return list_add_record(&q->types, value, err);
    case KEY_MISSING:
        return list_add_record(&q->missing, value, err);
    case KEY_NGRAMS:
        return ngram_sizes_parse(&q->ngrams, value, err);
    default:
        return 1;
    }
}

static int take_training(struct train_args *o, int key, char *value,
                         struct err *err)
{
    struct train_options *t = &o->fit.training;

    switch (key) {
    case KEY_LEARNING_RATE:
        return args_number("learning-rate", value, 1e-9, 1e3, &t->learning_rate,
                           err);
    case KEY_WEIGHT_DECAY:
        return args_number("weight-decay", value, 0, 1e3, &t->weight_decay,
                           err);
    case KEY_EPOCHS:
        return args_count("epochs", value, 1, 1000000, &t->epochs, err);
    case KEY_BATCH:
        return args_count("batch", value, 1, 65536, &t->batch, err);
    case KEY_PATIENCE:
        return args_count("patience", value, 1, 1000000, &t->patience, err);
    case KEY_CLASS_WEIGHT:
        return take_class_weight(o, value, err);
    case KEY_FOLDS:
        return args_count("folds", value, 2, 1000, &o->fit.folds, err);
    case KEY_ON:
        return list_add_record(&o->fit.on, value, err);
    case KEY_STOP_ON:
        o->fit.stop_on = value;
        return 0;
    default:
        return 1;
    }
}

static int take_net(struct train_args *o, int key, char *value, struct err *err)
{
    struct net_spec *net = &o->fit.net;

    switch (key) {
    case KEY_NET:
        if (net_kind_parse(value, &net->kind) != 0)
            return err_set(err, ERR_USAGE,
                           "--net: '%s' is not majority, linear or mlp", value);
        return 0;
    case KEY_HIDDEN:
        o->for_mlp = "hidden";
        return take_hidden(net, value, err);
    case KEY_EMBEDDING:
        o->for_mlp = "embedding";
        return args_count("embedding", value, 1, 4096, &net->embedding, err);
    case KEY_DROPOUT:
        o->for_mlp = "dropout";
        return args_number("dropout", value, 0, .99, &net->dropout, err);
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
        return list_add_record(&o->keep, value, err);
    case KEY_PREDICT:
        o->predict = true;
        return 0;
    case KEY_PROBS:
        o->probs = true;
        return 0;
    case KEY_EXPLAIN:
        o->explain = true;
        return 0;
    case KEY_ALL_ROWS:
        o->fit.all_rows = true;
        return 0;
    default:
        return 1;
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    static int (*const groups[])(struct train_args *, int, char *,
                                 struct err *) = {take_columns, take_net,
                                                  take_training, take_results};
    int status = 1;

    for (int i = 0; i < 4 && status == 1; i++)
        status = groups[i](options, key, value, err);
    return status;
}

static const struct args_tool tool = {
    "train",
    "[FILE...]",
    "Fits a network to a table and writes its learning curve or predictions.",
    option_table,
    libraries,
    true,
    take};

static bool same_file(const char *a, const char *b)
{
    return a && b && strcmp(a, b) == 0;
}

static void check_files(const struct train_args *o, const struct args *args)
{
    size_t len = o->model ? strlen(o->model) : 0;

    if (same_file(o->model, args->output) || same_file(o->model, o->curve) ||
        same_file(o->curve, args->output))
        report_usage("-m, -o and --curve are to be different files");
    if (same_file(o->model, "-") || same_file(o->curve, "-"))
        report_usage("standard output is for the stream: name a file");
    if (len > 3 && strcmp(o->model + len - 3, ".gz") == 0)
        report_usage("-m: a model is not compressed: leave out .gz");
}

/* What one option alone cannot know. */
static void check(const struct train_args *o, const struct args *args)
{
    if (o->for_mlp && o->fit.net.kind != NET_MLP)
        report_usage("--%s: --net %s has none", o->for_mlp,
                     net_kind_name(o->fit.net.kind));
    if (o->predict && args->view == VIEW_ALWAYS)
        report_usage("--view: predictions are always CSV");
    if (o->fit.folds && o->model)
        report_usage("--folds trains many models: leave out -m");
    if (o->fit.folds && o->fit.stop_on && strcmp(o->fit.stop_on, "none") != 0)
        report_usage("--folds stops on a tenth of its training rows, or with "
                     "--stop-on none never");
    if (o->fit.all_rows && !o->fit.folds)
        report_usage("--all-rows needs --folds");
    if (!o->predict && (o->probs || o->keep.n || o->curve))
        report_usage("--probs, --keep and --curve need --predict");
    check_files(o, args);
    if (o->fit.stop_on && !o->fit.on.n && strcmp(o->fit.stop_on, "train") == 0)
        report_usage("--stop-on: 'train' is trained on");
    if (o->fit.stop_on && list_has(&o->fit.on, o->fit.stop_on))
        report_usage("--stop-on: '%s' is trained on", o->fit.stop_on);
}

/* Types are found from the rows that are trained on. */
static void set_fit_parts(struct train_args *o)
{
    for (size_t i = 0; i < o->fit.on.n; i++)
        list_add(&o->schema.fit_parts, o->fit.on.items[i]);
    if (!o->fit.on.n && !o->fit.folds)
        list_add(&o->schema.fit_parts, "train");
}

void train_args_parse(struct args *args, struct train_args *o, int argc,
                      char **argv)
{
    memset(o, 0, sizeof(*o));
    o->schema.ngrams = NGRAM_DEFAULTS;
    o->fit.training = TRAIN_DEFAULTS;
    o->fit.net.kind = NET_MLP;
    o->fit.net.embedding = NET_EMBEDDING;
    o->fit.net.hidden[0] = 128;
    o->fit.net.n_hidden = 1;
    args_parse(args, &tool, o, argc, argv);
    o->fit.training.seed = args->seed;
    if (!o->schema.label)
        o->schema.label = "label";
    set_fit_parts(o);
    check(o, args);
}

void train_args_release(struct train_args *o)
{
    schema_request_release(&o->schema);
    list_release(&o->fit.on);
    list_release(&o->keep);
}

void train_explain(struct rows *rows, const struct schema *schema)
{
    rows_init(rows, "column,type,role,missing,distinct,min,max,other,example");
    for (size_t i = 0; i < schema->n; i++) {
        const struct column *c = &schema->columns[i];
        bool feature = c->role == ROLE_FEATURE;
        bool number = feature && c->type == TYPE_NUMBER && c->cells;
        rows_text(rows, c->name);
        rows_text(rows, feature ? column_type_name(c->type) : "");
        rows_text(rows, column_role_name(c->role));
        rows_count(rows, c->missing);
        rows_count(rows, c->distinct);
        if (number) {
            rows_number(rows, c->low);
            rows_number(rows, c->high);
        } else {
            rows_text(rows, "");
            rows_text(rows, "");
        }
        rows_text(rows, c->reason ? c->reason : "");
        rows_text(rows, c->example ? c->example : "");
    }
}
