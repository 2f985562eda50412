#include "cli/synth_args.h"

#include <limits.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "csv/input.h"

enum {
    KEY_ROWS = 256,
    KEY_CLASSES,
    KEY_SIZE,
    KEY_NOISE,
    KEY_LABEL_NOISE,
    KEY_IMBALANCE,
    KEY_DUPLICATES,
    KEY_LEAK,
    KEY_MISALIGN,
    KEY_SHIFT,
    KEY_SHIFT_BY,
    KEY_TRUTH
};

/* Rows times numbers of a row: 16 GB of memory. */
static const double MOST_NUMBERS = 2e9;

static const struct argp_option option_table[] = {
    {0, 0, 0, 0, "What to make:", 1},
    {"rows", KEY_ROWS, "N", 0, "so many rows (1000)", 0},
    {"classes", KEY_CLASSES, "K", 0, "so many classes (the kind's)", 0},
    {"size", KEY_SIZE, "N", 0,
     "features (blobs), steps (parity, order), pixels a side (glyphs)", 0},
    {"noise", KEY_NOISE, "X", 0, "how hard it is (the kind's)", 0},
    {"truth", KEY_TRUTH, "FILE", 0,
     "write the best possible error, and what made the data", 0},
    {0, 0, 0, 0, "What is wrong with it:", 2},
    {"label-noise", KEY_LABEL_NOISE, "X", 0,
     "this share of the labels is another class (0)", 0},
    {"imbalance", KEY_IMBALANCE, "X", 0,
     "the first class has X times the rows of the last (1)", 0},
    {"duplicates", KEY_DUPLICATES, "X", 0,
     "this share of the rows repeats others (0)", 0},
    {"leak", KEY_LEAK, "X", 0,
     "add a column that names the label in this share of the rows", 0},
    {"misalign", KEY_MISALIGN, "HOW[@X]", 0,
     "labels beside the wrong rows: an offset, shuffle, sort or reverse; "
     "behind the share X of the rows",
     0},
    {"shift", KEY_SHIFT, "covariate|label|concept", 0,
     "rows from another world", 0},
    {"shift-by", KEY_SHIFT_BY, "X", 0, "so far away (1; concept: .2)", 0},
    {0}};

static int take_misalign(struct misalign *m, char *value, struct err *err)
{
    char *at = strrchr(value, '@');
    double by;

    if (at) {
        *at = '\0';
        if (args_number("misalign", at + 1, 0, 1, &m->from, err) != 0)
            return -1;
    }
    if (strcmp(value, "shuffle") == 0)
        m->how = MISALIGN_SHUFFLE;
    else if (strcmp(value, "sort") == 0)
        m->how = MISALIGN_SORT;
    else if (strcmp(value, "reverse") == 0)
        m->how = MISALIGN_REVERSE;
    else if (num_parse(value, strlen(value), &by) && by == trunc(by) &&
             fabs(by) < 1e9) {
        m->how = MISALIGN_BY;
        m->by = (long)by;
    } else
        return err_set(err, ERR_USAGE,
                       "--misalign: '%s' is not an offset, shuffle, sort or "
                       "reverse",
                       value);
    return 0;
}

static int take_shift(struct synth_options *o, const char *value,
                      struct err *err)
{
    for (int i = SHIFT_COVARIATE; i <= SHIFT_CONCEPT; i++)
        if (strcmp(value, synth_shift_name((enum synth_shift)i)) == 0) {
            o->shift = (enum synth_shift)i;
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "--shift: '%s' is not covariate, label or concept", value);
}

static int take_share(struct synth_options *o, int key, const char *value,
                      struct err *err)
{
    switch (key) {
    case KEY_LABEL_NOISE:
        return args_number("label-noise", value, 0, .99, &o->label_noise, err);
    case KEY_DUPLICATES:
        return args_number("duplicates", value, 0, .99, &o->duplicates, err);
    case KEY_LEAK:
        return args_number("leak", value, 0, 1, &o->leak, err);
    case KEY_IMBALANCE:
        return args_number("imbalance", value, 1, 1e6, &o->imbalance, err);
    case KEY_SHIFT_BY:
        return args_number("shift-by", value, -20, 20, &o->shift_by, err);
    default:
        return 1;
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct synth_args *a = options;
    struct synth_options *o = &a->synth;

    switch (key) {
    case KEY_ROWS:
        return args_count("rows", value, 1, 1000000000, &o->rows, err);
    case KEY_CLASSES:
        return args_count("classes", value, 2, 1000, &o->world.classes, err);
    case KEY_SIZE:
        return args_count("size", value, 2, 10000, &o->world.size, err);
    case KEY_NOISE:
        return args_number("noise", value, 1e-6, 100, &o->world.noise, err);
    case KEY_MISALIGN:
        return take_misalign(&o->misalign, value, err);
    case KEY_SHIFT:
        return take_shift(o, value, err);
    case KEY_TRUTH:
        a->truth = value;
        return 0;
    default:
        return take_share(o, key, value, err);
    }
}

static version_library *const libraries[] = {input_library, NULL};

static const struct args_tool tool = {
    "synth",
    "KIND",
    "Makes data whose best possible error is known.\v"
    "KIND is blobs, xor, moons, spirals, tabular, glyphs, parity, order or "
    "titles.",
    option_table,
    libraries,
    false,
    take};

static void check_kind(struct synth_options *o, const struct args *args)
{
    if (args->n_files != 1)
        report_usage("one KIND is needed: blobs, xor, moons, spirals, tabular, "
                     "glyphs, parity, order or titles");
    o->kind = synth_kind_find(args->files[0]);
    if (!o->kind)
        report_usage("'%s' is not blobs, xor, moons, spirals, tabular, glyphs, "
                     "parity, order or titles",
                     args->files[0]);
}

static void check_world(struct synth_options *o)
{
    const struct synth_kind *k = o->kind;
    struct world *w = &o->world;

    if (w->size && !k->size_means)
        report_usage("--size means nothing to '%s'", k->name);
    w->size = w->size ? w->size : k->usual.size;
    w->classes = w->classes ? w->classes : k->usual.classes;
    w->noise = w->noise > 0 ? w->noise : k->usual.noise;
    if (w->classes < k->least_classes || w->classes > k->most_classes)
        report_usage("--classes: '%s' has %zu to %zu", k->name,
                     k->least_classes, k->most_classes);
    if (w->size < k->least_size || w->size > k->most_size)
        report_usage("--size: '%s' has %zu to %zu %s", k->name, k->least_size,
                     k->most_size, k->size_means);
    if (w->noise > k->most_noise)
        report_usage("--noise of '%s' is at most %g", k->name, k->most_noise);
}

static void check_shift(struct synth_options *o, bool given)
{
    if (given && o->shift == SHIFT_NONE)
        report_usage("--shift-by needs --shift");
    if (!given)
        o->shift_by = o->shift == SHIFT_CONCEPT ? .2 : 1;
    if (o->shift == SHIFT_CONCEPT && !(o->shift_by >= 0 && o->shift_by <= 1))
        report_usage("--shift-by: with concept it is a share, 0 to 1");
}

void synth_args_parse(struct args *args, struct synth_args *a, int argc,
                      char **argv)
{
    struct synth_options *o = &a->synth;

    memset(a, 0, sizeof(*a));
    o->rows = 1000;
    o->imbalance = 1;
    o->shift_by = NAN;
    args_parse(args, &tool, a, argc, argv);
    check_kind(o, args);
    check_world(o);
    check_shift(o, !isnan(o->shift_by));
    if ((double)o->rows * (double)o->kind->width(&o->world) > MOST_NUMBERS)
        report_usage("--rows: too many for memory");
    if (args->n_gates && !a->truth)
        report_usage("--gate needs --truth");
    o->seed = args->seed;
    args->n_files = 0;
    file_names_check(args, &(struct file_name){"--truth", a->truth}, 1, NULL);
}
