#include "table/unlabelled.h"

/* So that a level has the same number in both. */
static void copy_levels(struct table *t, const struct table *like)
{
    for (size_t i = 0; i < t->n_categories; i++)
        for (size_t l = 0; l < like->dicts[i].count; l++)
            dict_add(&t->dicts[i], like->dicts[i].text[l],
                     like->dicts[i].len[l]);
}

static void forget_new_levels(struct table *t, const struct table *like)
{
    for (size_t k = 0; k < t->n * t->n_categories; k++)
        if (t->levels[k] >= like->dicts[k % t->n_categories].count)
            t->levels[k] = LEVEL_UNSEEN;
}

int unlabelled_read(struct table *t, const struct table *like, const char *root,
                    struct csv_reader *reader, struct err *err)
{
    if (table_init(t, like->schema, reader, err) != 0)
        return -1;
    for (size_t i = 0; i < t->schema->n; i++)
        if (t->schema->columns[i].role != ROLE_FEATURE)
            t->source[i] = CSV_NONE;
    table_set_root(t, root);
    copy_levels(t, like);
    if (table_read(t, reader, err) != 0)
        return -1;
    forget_new_levels(t, like);
    return 0;
}
