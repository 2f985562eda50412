#include "cli/setup_options.h"

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
    {"config", KEY_CONFIG, "FILE", 0, "hyperparameters from a row of a CSV", 0},
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
    {0}};

static void add_option(struct argp_option **all, size_t *n,
                       const struct argp_option *option)
{
    *all = mem_resize(*all, *n + 2, sizeof(**all));
    (*all)[(*n)++] = *option;
    memset(&(*all)[*n], 0, sizeof(**all));
}

char *setup_option_name(const struct hyper_entry *e)
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

    option.name = setup_option_name(e);
    if (e->choices)
        for (int i = 0; e->choices[i]; i++)
            buf_printf(&doc, "%s%s", i ? ", " : "", e->choices[i]);
    buf_printf(&doc, "%s%s (%s)", e->choices ? ": " : "", e->help, e->fallback);
    option.doc = doc.data;
    return option;
}

static void add_options(struct argp_option **all, size_t *n,
                        const struct argp_option *options)
{
    for (const struct argp_option *o = options; o->name || o->doc; o++)
        add_option(all, n, o);
}

static void add_hypers(struct argp_option **all, size_t *n, bool titles)
{
    const char *section = "Network";
    int group = 2;

    for (int i = 0; hyper_table[i].name; i++) {
        struct argp_option option = describe(&hyper_table[i], KEY_HYPER + i);
        if (titles && strcmp(hyper_table[i].section, section) != 0) {
            struct buf title = {0};
            section = hyper_table[i].section;
            buf_printf(&title, "%s:", section);
            add_option(
                all, n,
                &(struct argp_option){.doc = title.data, .group = ++group});
        }
        add_option(all, n, &option);
    }
}

static bool is_brief(const struct argp_option *o)
{
    return o->name ? o->key < KEY_NGRAMS || o->key == KEY_SHAPE ||
                         o->key == KEY_ROOT || o->key == KEY_NET
                   : o->group <= 2;
}

/* Hides what is not brief: options, and titles altogether. */
static size_t hide(struct argp_option *options, size_t n, const char *net)
{
    size_t kept = 0;

    for (size_t i = 0; i < n; i++) {
        if (!is_brief(&options[i])) {
            if (!options[i].name)
                continue;
            options[i].flags |= OPTION_HIDDEN;
        }
        if (options[i].key == KEY_NET)
            options[i].doc = net;
        options[kept++] = options[i];
    }
    return kept;
}

struct argp_option *setup_options(const struct argp_option *before,
                                  const struct argp_option *after,
                                  const char *brief)
{
    struct argp_option *all = NULL;
    size_t n = 0, own;

    add_options(&all, &n, before);
    own = n;
    add_options(&all, &n, first_options);
    add_hypers(&all, &n, !brief);
    add_options(&all, &n, last_options);
    if (brief)
        n = own + hide(all + own, n - own, brief);
    add_options(&all, &n, after);
    return all;
}
