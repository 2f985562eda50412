#include "cli/column_args.h"

#include <math.h>

int column_args_take(struct schema_request *q, int key, char *value,
                     struct err *err)
{
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
        return args_list("features", value, &q->features, err);
    case KEY_EXCLUDE:
        return args_list("exclude", value, &q->exclude, err);
    case KEY_TYPE:
        return args_list("type", value, &q->types, err);
    case KEY_MISSING:
        return args_list("missing", value, &q->missing, err);
    default:
        return 1;
    }
}

/* The cells of `columns`. */
static void describe(struct rows *rows, const struct column *c)
{
    bool feature = c->role == ROLE_FEATURE;
    bool number = feature && c->type == TYPE_NUMBER && !isnan(c->low);

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

void column_args_describe(struct rows *rows, const struct schema *schema)
{
    rows_init(rows, "column,type,role,missing,distinct,min,max,other,example");
    for (size_t i = 0; i < schema->n; i++)
        describe(rows, &schema->columns[i]);
}

void column_args_overview(struct rows *rows, const struct schema *schema)
{
    rows_init(rows, "column,type,role,missing,distinct,min,max,other,example,"
                    "cells,words,numbers,dates");
    for (size_t i = 0; i < schema->n; i++) {
        const struct column *c = &schema->columns[i];
        describe(rows, c);
        rows_count(rows, c->cells);
        rows_count(rows, c->words);
        rows_count(rows, c->numbers);
        rows_count(rows, c->kinds[CELL_ISO_DATE] + c->kinds[CELL_OTHER_DATE]);
    }
}
