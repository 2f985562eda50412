#include "stream/source_table.h"

#include <stdlib.h>

#include "base/mem.h"
#include "stream/source.h"

struct source_sums {
    struct source_options options;
    struct split_errors part[SPLIT_COUNT];
    size_t others;
};

static void *begin(const void *options, const struct prediction_reader *from,
                   struct err *err)
{
    struct source_sums *s = mem_zalloc(1, sizeof(*s));

    (void)from;
    (void)err;
    s->options = *(const struct source_options *)options;
    return s;
}

static int add(void *sums, const struct prediction_reader *from,
               struct err *err)
{
    struct source_sums *s = sums;
    int which = source_split(from->splits.text[from->row.split]);

    (void)err;
    if (which < 0) {
        s->others++;
        return 0;
    }
    s->part[which].present = true;
    s->part[which].n++;
    s->part[which].errors += from->row.label != from->row.pred;
    return 0;
}

int source_table_rows(struct rows *rows, const struct source_options *options,
                      const struct split_errors part[SPLIT_COUNT],
                      struct err *err)
{
    struct gaps gaps;
    bool any = false;

    for (int i = 0; i < SPLIT_COUNT; i++)
        any |= part[i].present;
    if (!any)
        return err_set(err, ERR_DATA, "no labelled row of a known split");
    gaps_measure(options->goal, part, &gaps);
    source_rows(rows, &gaps, options->goal, !options->has_goal, part);
    return 0;
}

static int rows_of(void *sums, const struct prediction_reader *from,
                   struct rows *rows, struct buf *notes, struct err *err)
{
    struct source_sums *s = sums;

    (void)from;
    if (s->others)
        buf_printf(notes,
                   "%zu row%s left out: the split is not train, trainval, "
                   "val, testval or test\n",
                   s->others, s->others == 1 ? "" : "s");
    return source_table_rows(rows, &s->options, s->part, err);
}

const struct prediction_table source_table = {
    "kind,name", "value", begin, add, NULL, rows_of, NULL, free};
