#include "cli/split_args.h"

#include <string.h>

#include "base/mem.h"
#include "base/text.h"
#include "cli/file_names.h"
#include "cli/report.h"
#include "csv/input.h"

enum {
    KEY_LABEL = 256,
    KEY_ID,
    KEY_PARTS,
    KEY_GROUP,
    KEY_TIME,
    KEY_GAP,
    KEY_GAP_TIME,
    KEY_NEAR,
    KEY_SIMILARITY,
    KEY_TARGET,
    KEY_FILL,
    KEY_REPLACE,
    KEY_WITHIN,
    KEY_HASH,
    KEY_ONLY,
    KEY_MAX_CLASSES,
    KEY_SUBSET,
    KEY_BALANCE,
    KEY_RECODE,
    KEY_STEPS
};

static const struct argp_option option_table[] = {
    {"label", KEY_LABEL, "COLUMN", 0,
     "keep the shares of this column's classes equal in all parts", 1},
    {"parts", KEY_PARTS, "NAME=SHARE,...", 0,
     "the parts and their shares (train=.8,val=.1,test=.1)", 1},
    {"id", KEY_ID, "COLUMN", 0,
     "the column that names a row (id; else one is added)", 1},
    {"group", KEY_GROUP, "COLUMN", 0,
     "keep rows with the same value here in one part", 1},
    {"near-duplicates", KEY_NEAR, "COLUMN,...", 0,
     "keep rows that are alike in these columns in one part", 1},
    {"similarity", KEY_SIMILARITY, "S", 0,
     "from where on texts are alike, up to 1 (.8)", 1},
    {"time", KEY_TIME, "COLUMN", 0,
     "earlier rows to earlier parts, by this column", 1},
    {"gap", KEY_GAP, "N", 0, "leave out N rows between parts by time", 1},
    {"gap-time", KEY_GAP_TIME, "SPAN", 0,
     "leave out rows of this span, in the column's units or days", 1},
    {"hash", KEY_HASH, "COLUMN", 0,
     "decide by this column's value, so that a row never moves", 1},
    {"target", KEY_TARGET, "FILE", 0,
     "take testval and test from this file, train and trainval from the others",
     1},
    {"fill", KEY_FILL, 0, 0, "assign only rows whose split is empty", 1},
    {"replace", KEY_REPLACE, 0, 0, "assign all rows anew", 1},
    {"within", KEY_WITHIN, "PART", 0, "divide only the rows of this part", 1},
    {"recode", KEY_RECODE, "FILE", 0, "replace labels by the table class,into",
     1},
    {"steps", KEY_STEPS, "N", 0, "only the first N steps of that table", 1},
    {"only", KEY_ONLY, "CLASS,...", 0, "leave out rows of other classes", 1},
    {"max-classes", KEY_MAX_CLASSES, "K", 0,
     "leave out rows of all but the K most frequent classes", 1},
    {"subset", KEY_SUBSET, "N|P%", 0,
     "leave out all but N rows, or P % of them, drawn from each class", 1},
    {"balance", KEY_BALANCE, "over|under|weight", 0,
     "repeat, leave out or weigh training rows: as much of every class", 1},
    {0}};

static version_library *const libraries[] = {input_library, text_library, NULL};

/* What take gathers, before it is put together. */
struct gathered {
    struct split_args *options;
    const char *parts, *target;
    bool similarity;
};

static int set_mode(struct splitter_options *o, enum split_mode mode,
                    struct err *err)
{
    if (o->mode != SPLIT_NEW && o->mode != mode)
        return err_set(err, ERR_USAGE,
                       "--fill, --replace and --within exclude each other");
    o->mode = mode;
    return 0;
}

static int set_balance(struct splitter_options *o, const char *value,
                       struct err *err)
{
    static const char *const names[] = {"over", "under", "weight"};

    for (int i = 0; i < 3; i++)
        if (strcmp(value, names[i]) == 0) {
            o->balance = (enum balance_kind)(BALANCE_OVER + i);
            return 0;
        }
    return err_set(err, ERR_USAGE,
                   "--balance: '%s' is not over, under or weight", value);
}

static int take_number(struct gathered *g, int key, const char *value,
                       struct err *err)
{
    struct splitter_options *o = &g->options->split;

    switch (key) {
    case KEY_GAP:
        return args_count("gap", value, 1, 1000000000, &o->gap.rows, err);
    case KEY_GAP_TIME:
        return args_number("gap-time", value, 0, 1e15, &o->gap.span, err);
    case KEY_SIMILARITY:
        g->similarity = true;
        return args_number("similarity", value, .5, 1, &o->similarity, err);
    case KEY_MAX_CLASSES:
        return args_count("max-classes", value, 1, 1000000000,
                          &o->subset.max_classes, err);
    case KEY_STEPS:
        return args_count("steps", value, 1, 1000000000, &g->options->steps,
                          err);
    case KEY_SUBSET:
        return subset_parse(&o->subset, value, err);
    default:
        return 1;
    }
}

static int take_choice(struct gathered *g, int key, const char *value,
                       struct err *err)
{
    struct splitter_options *o = &g->options->split;

    switch (key) {
    case KEY_FILL:
        return set_mode(o, SPLIT_FILL, err);
    case KEY_REPLACE:
        return set_mode(o, SPLIT_REPLACE, err);
    case KEY_WITHIN:
        o->within = value;
        return set_mode(o, SPLIT_WITHIN, err);
    case KEY_ONLY:
        return args_list("only", value, &o->subset.only, err);
    case KEY_NEAR:
        return args_list("near-duplicates", value, &o->near, err);
    case KEY_BALANCE:
        return set_balance(o, value, err);
    default:
        return take_number(g, key, value, err);
    }
}

static int take(void *options, int key, char *value, struct err *err)
{
    struct gathered *g = options;
    struct splitter_options *o = &g->options->split;
    const struct {
        int key;
        const char **to;
    } words[] = {{KEY_LABEL, &o->label},   {KEY_ID, &o->id},
                 {KEY_PARTS, &g->parts},   {KEY_GROUP, &o->group},
                 {KEY_TIME, &o->time},     {KEY_HASH, &o->hash},
                 {KEY_TARGET, &g->target}, {KEY_RECODE, &g->options->recode}};

    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (key == words[i].key) {
            *words[i].to = value;
            return 0;
        }
    return take_choice(g, key, value, err);
}

static const struct args_tool tool = {
    "split",
    "[FILE...]",
    "Says which row belongs to which part: adds the columns id and split.",
    option_table,
    libraries,
    false,
    take};

/* ---- options that need or exclude each other ---- */

static bool uses_classes(const struct split_args *a)
{
    const struct subset_options *subset = &a->split.subset;

    return a->recode || a->split.balance || subset->only.n ||
           subset->max_classes;
}

static void check_label(const struct split_args *a)
{
    const struct splitter_options *o = &a->split;
    bool subset = o->subset.rows || o->subset.fraction > 0;

    if (a->recode && !o->label)
        report_usage("--recode needs --label, the column it changes");
    if (a->steps && !a->recode)
        report_usage("--steps needs --recode");
    if (uses_classes(a) && !o->label)
        report_usage("%s needs --label, the column of the classes",
                     o->balance         ? "--balance"
                     : o->subset.only.n ? "--only"
                                        : "--max-classes");
    if ((o->hash || o->time) && o->label && !uses_classes(a) && !subset)
        report_usage("%s decides by one column alone: leave out --label",
                     o->hash ? "--hash" : "--time");
}

static void check_ways(const struct gathered *g)
{
    const struct splitter_options *o = &g->options->split;

    if (o->hash && o->time)
        report_usage("--hash and --time exclude each other");
    if ((o->hash || o->time) && (o->group || o->near.n))
        report_usage("%s decides by one column alone: leave out %s",
                     o->hash ? "--hash" : "--time",
                     o->group ? "--group" : "--near-duplicates");
    if (g->similarity && !o->near.n)
        report_usage("--similarity needs --near-duplicates");
    if (!o->time && (o->gap.rows || o->gap.span > 0))
        report_usage("%s needs --time", o->gap.rows ? "--gap" : "--gap-time");
    if (o->gap.rows && o->gap.span > 0)
        report_usage("--gap and --gap-time exclude each other");
    if (o->time && o->mode == SPLIT_FILL)
        report_usage("--fill leaves old rows where they are, --time orders "
                     "all: use --replace");
}

/* Those that are known stand in the order in which they come in time. */
static void check_order(const struct parts *parts)
{
    static const char *const order[] = {"train", "trainval", "val", "testval",
                                        "test"};
    int last = 0;

    for (size_t i = 0; i < parts->n; i++)
        for (int k = 0; k < 5; k++) {
            if (strcmp(parts->names[i], order[k]) != 0)
                continue;
            if (k < last)
                report_usage("--time: earlier rows go to the first part: in "
                             "--parts, '%s' comes before '%s'",
                             order[k], order[last]);
            last = k;
        }
}

static void check_target(const struct gathered *g, const struct args *args)
{
    const struct splitter_options *o = &g->options->split;
    static const char *const modes[] = {"", "--fill", "", "--within"};

    if (!g->target)
        return;
    if (*modes[o->mode] || o->time || o->near.n)
        report_usage("--target and %s exclude each other",
                     *modes[o->mode] ? modes[o->mode]
                     : o->time       ? "--time"
                                     : "--near-duplicates");
    for (size_t i = 0; i < args->n_files; i++)
        if (strcmp(args->files[i], g->target) == 0)
            report_usage("--target: '%s' is one of the other files too",
                         g->target);
    if (!args->n_files && strcmp(g->target, "-") == 0)
        report_usage("--target: '-' is one of the other files too");
}

/* ---- putting it together ---- */

static void set_parts(const struct gathered *g)
{
    struct splitter_options *o = &g->options->split;
    struct err err = {0};
    const char *parts = g->parts;

    if (g->target)
        report_check(parts_parse_two(&o->parts, &o->target_parts,
                                     parts ? parts
                                           : "train=.9,trainval=.1,"
                                             "testval=.5,test=.5",
                                     &err),
                     &err);
    else
        report_check(parts_parse(&o->parts,
                                 parts ? parts : "train=.8,val=.1,test=.1",
                                 &err),
                     &err);
    if (o->time)
        check_order(&o->parts);
}

static void add_file(struct args *args, const char *path)
{
    args->files =
        mem_resize(args->files, args->n_files + 1, sizeof(*args->files));
    args->files[args->n_files++] = (char *)path;
}

/* The target is the last of the files; what the reader calls it is kept. */
static void add_target(const struct gathered *g, struct args *args)
{
    if (!g->target)
        return;
    if (!args->n_files)
        add_file(args, "-");
    add_file(args, g->target);
    g->options->split.target = strcmp(g->target, "-") == 0 ? "<stdin>"
                                                           : g->target;
}

void split_args_parse(struct args *args, struct split_args *options, int argc,
                      char **argv)
{
    struct gathered g = {.options = options};

    memset(options, 0, sizeof(*options));
    options->split.similarity = .8;
    args_parse(args, &tool, &g, argc, argv);
    file_names_check(args, NULL, 0, options->recode);
    options->split.seed = args->seed;
    check_label(options);
    check_ways(&g);
    check_target(&g, args);
    set_parts(&g);
    add_target(&g, args);
    args->csv.reread = splitter_needs_pass(&options->split);
}

void split_args_release(struct split_args *a)
{
    parts_release(&a->split.parts);
    parts_release(&a->split.target_parts);
    list_release(&a->split.near);
    list_release(&a->split.subset.only);
}
