#include "cli/decompose_args.h"

#include <string.h>

#include "base/text.h"
#include "cli/sources_view.h"
#include "csv/input.h"

enum { KEY_GOAL = 256, KEY_COLUMNS };

static const struct argp_option option_table[] = {
    {"goal", KEY_GOAL, "X", 0,
     "the error that could be reached: a person's, say (0, marked as assumed)",
     1},
    {"columns", KEY_COLUMNS, "NAME=COLUMN,...", 0,
     "names in somebody else's predictions", 1},
    {0}};

static const struct decompose_kind kinds[] = {{0, &source_table, sources_view}};

static version_library *const libraries[] = {input_library, text_library, NULL};

static int take(void *options, int key, char *value, struct err *err)
{
    struct decompose_args *o = options;

    switch (key) {
    case KEY_GOAL:
        o->sources.has_goal = true;
        return args_number("goal", value, 0, 1, &o->sources.goal, err);
    case KEY_COLUMNS:
        return args_list("columns", value, &o->columns, err);
    default:
        return 1;
    }
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
    if (!o->kind) {
        o->kind = &kinds[0];
        o->options = &o->sources;
    }
    args->csv.reread = o->kind->table->again != NULL;
}

void decompose_args_release(struct decompose_args *o)
{
    list_release(&o->columns);
}
