#include "cli/train_options.h"

#include <string.h>

#include "base/buf.h"
#include "base/mem.h"

/* Those before the hyperparameters, and those after them. */
static const struct argp_option first_options[] = {
    {0, 0, 0, 0, "Columns:", 1},
    COLUMN_OPTIONS,
    {"ngrams", KEY_NGRAMS, "SIZES", 0, "n-grams of text (word=1-2,char=3-5)",
     0},
    {"tokens", KEY_TOKENS, "word|char", 0,
     "what text is to lstm and attention (word)", 0},
    {"max-steps", KEY_MAX_STEPS, "N", 0, "cut longer texts (256)", 0},
    {"shape", KEY_SHAPE, "HxWxC|SxV", 0,
     "the columns are an image, or steps of values", 0},
    {"root", KEY_ROOT, "DIR", 0, "where the paths of images begin", 0},
    {"sequence", KEY_SEQUENCE, "COLUMN", 0,
     "rows with the same COLUMN are the steps of one sequence", 0},
    {"pixel-mean", KEY_PIXEL_MEAN, "X,...", 0,
     "taken off pixels from 0 to 1, a number a channel", 0},
    {"pixel-std", KEY_PIXEL_STD, "X,...", 0, "then divides them", 0},
    ROLE_OPTIONS,
    {0, 0, 0, 0, "Network:", 2},
    {"net", KEY_NET, "NAME", 0,
     "majority, linear, mlp, lenet, resnet, lstm or attention (mlp)", 0},
    {"init-from", KEY_INIT_FROM, "FILE", 0,
     "begin with the weights of a model, or of safetensors", 0},
    {"freeze", KEY_FREEZE, "A,B", 0,
     "parameters whose names begin so stay as they are", 0},
    {0}};

static const struct argp_option last_options[] = {
    {0, 0, 0, 0, "Rows:", 5},
    {"on", KEY_ON, "A,B", 0, "train on these parts (train)", 0},
    {"stop-on", KEY_STOP_ON, "PART|none", 0,
     "the part whose loss decides (testval, val, or a tenth)", 0},
    {0, 0, 0, 0, "Many models:", 6},
    {"folds", KEY_FOLDS, "K", 0, "K models, each tested on its own fold", 0},
    {"all-rows", KEY_ALL_ROWS, 0, 0, "folds take the rows of 'test' too", 0},
    {"replicas", KEY_REPLICAS, "R", 0, "R models of the same rows", 0},
    {"replica-by", KEY_REPLICA_BY, "seed|bootstrap", 0,
     "how replicas differ (seed)", 0},
    {"train-sizes", KEY_TRAIN_SIZES, "A,B", 0,
     "models of 10% of the rows, or of 500, each among the next", 0},
    {0, 0, 0, 0, "Pauses:", 7},
    {"checkpoint", KEY_CHECKPOINT, "FILE", 0,
     "keep the state in FILE, and go on from it", 0},
    {"every", KEY_EVERY, "N", 0,
     "keep it after N epochs (1, not more than once a second)", 0},
    {"time-limit", KEY_TIME_LIMIT, "TIME", 0,
     "stop after TIME: 90, 30s, 10m, 1.5h", 0},
    {0, 0, 0, 0, "Results:", 8},
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

static void add_option(struct argp_option **all, size_t *n,
                       const struct argp_option *option)
{
    *all = mem_resize(*all, *n + 2, sizeof(**all));
    (*all)[(*n)++] = *option;
    memset(&(*all)[*n], 0, sizeof(**all));
}

char *train_option_name(const struct hyper_entry *e)
{
    char *name = mem_strdup(e->name);

    for (char *c = name; *c; c++)
        *c = *c == '_' ? '-' : *c;
    return name;
}

/* With the choices and the default. */
static struct argp_option describe(const struct hyper_entry *e, int key)
{
    struct argp_option option = {.key = key, .arg = e->operand};
    struct buf doc = {0};

    option.name = train_option_name(e);
    if (e->choices)
        for (int i = 0; e->choices[i]; i++)
            buf_printf(&doc, "%s%s", i ? ", " : "", e->choices[i]);
    buf_printf(&doc, "%s%s (%s)", e->choices ? ": " : "", e->help, e->fallback);
    option.doc = doc.data;
    return option;
}

struct argp_option *train_options(void)
{
    struct argp_option *all = NULL;
    const char *section = "Network";
    int group = 2;
    size_t n = 0;

    for (const struct argp_option *o = first_options; o->name || o->doc; o++)
        add_option(&all, &n, o);
    for (int i = 0; hyper_table[i].name; i++) {
        struct argp_option option = describe(&hyper_table[i], KEY_HYPER + i);
        if (strcmp(hyper_table[i].section, section) != 0) {
            struct buf title = {0};
            section = hyper_table[i].section;
            buf_printf(&title, "%s:", section);
            add_option(
                &all, &n,
                &(struct argp_option){.doc = title.data, .group = ++group});
        }
        add_option(&all, &n, &option);
    }
    for (const struct argp_option *o = last_options; o->name || o->doc; o++)
        add_option(&all, &n, o);
    return all;
}
