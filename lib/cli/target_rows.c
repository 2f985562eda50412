#include "cli/target_rows.h"

#include "cli/report.h"
#include "table/unlabelled.h"

static const double USUAL_WEIGHT = 3;

void target_rows_read(struct table *rows, struct train_args *o,
                      const struct args *args, const struct fit_data *data)
{
    char *const path = (char *)o->target;
    struct csv_reader *reader;
    struct err err = {0};

    if (!o->adapt)
        return;
    reader = csv_reader_open(&path, 1, &args->csv, &err);
    report_check(reader ? 0 : -1, &err);
    report_check(
        unlabelled_read(rows, &data->table, o->setup.root, reader, &err), &err);
    report_skipped(csv_reader_skipped(reader));
    if (rows->n < 2)
        report_bad(csv_reader_file(reader),
                   "a single row has no covariance to align to (--target)");
    csv_reader_close(reader);
    o->setup.fit.adaptation = (struct adaptation){
        rows, o->adapt_weight > 0 ? o->adapt_weight : USUAL_WEIGHT};
    report_note("aligned to %zu rows of '%s'", rows->n, o->target);
}
