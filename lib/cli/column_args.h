/*
 * column_args: the options that say which columns of a table are what, spelled
 * the same in every tool that reads data for a network.
 */
#ifndef CLI_COLUMN_ARGS_H
#define CLI_COLUMN_ARGS_H

#include "cli/args.h"
#include "csv/rows.h"
#include "table/schema.h"

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
    KEY_COLUMNS_END /* the first key of a tool's own */
};

/* Lines of an option table: what is learned from, and the other roles. */
/* clang-format off */
#define COLUMN_OPTIONS                                                   \
    {"label", KEY_LABEL, "COLUMN", 0, "what to learn (label)", 0},       \
    {"features", KEY_FEATURES, "A,B", 0,                                 \
     "learn from these columns only", 0},                                \
    {"exclude", KEY_EXCLUDE, "A,B", 0, "learn from all but these", 0},   \
    {"type", KEY_TYPE, "C=TYPE", 0,                                      \
     "C is a number, category, text, sequence or image", 0},             \
    {"missing", KEY_MISSING, "WORDS", 0, "cells that count as empty", 0}
#define ROLE_OPTIONS                                                     \
    {"id", KEY_ID, "COLUMN", 0, "names the row, never a feature (id)",   \
     0},                                                                 \
    {"group", KEY_GROUP, "COLUMN", 0, "never a feature", 0},             \
    {"time", KEY_TIME, "COLUMN", 0, "never a feature", 0},               \
    {"weight", KEY_WEIGHT, "COLUMN", 0, "how much each row counts", 0}
/* clang-format on */

/* Takes one of them: 0 or -1; 1 for any other key. */
int column_args_take(struct schema_request *request, int key, char *value,
                     struct err *err);

/* The stream `columns`: what each column of a schema is taken for. */
void column_args_describe(struct rows *rows, const struct schema *schema);

/*
 * The same for columns_view: also how many cells are not missing, how many
 * words they have, how many are numbers and how many are dates.
 */
void column_args_overview(struct rows *rows, const struct schema *schema);

#endif
