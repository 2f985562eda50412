#include "cli/fit_data.h"

#include <string.h>

#include "cli/report.h"
#include "cli/timings.h"
#include "model/memory_plan.h"
#include "model/transfer.h"
#include "table/label_check.h"

void fit_data_open(struct fit_data *d, const struct args *args, bool rows)
{
    struct csv_options reread = args->csv;
    struct err err = {0};

    memset(d, 0, sizeof(*d));
    reread.reread = rows;
    d->reader = csv_reader_open(args->files, args->n_files, &reread, &err);
    report_check(d->reader ? 0 : -1, &err);
}

void fit_data_types(struct fit_data *d, const struct fit_setup *setup,
                    struct buf *notes)
{
    struct err err = {0};

    report_check(
        schema_infer(&d->schema, d->reader, &setup->schema, notes, &err), &err);
    if (setup->fit.init_from && !setup->foreign)
        report_check(transfer_schema(&d->schema, setup->fit.init_from, &err),
                     &err);
}

void fit_data_read(struct fit_data *d, const char *root, const char *purpose)
{
    struct err err = {0};

    timings_phase("read");
    report_check(
        memory_check_rows(&d->schema, csv_reader_records(d->reader), &err),
        &err);
    report_check(csv_reader_rewind(d->reader, &err), &err);
    report_check(table_init(&d->table, &d->schema, d->reader, &err), &err);
    table_set_root(&d->table, root);
    report_check(table_read(&d->table, d->reader, &err), &err);
    if (schema_role(&d->schema, ROLE_FEATURE) == CSV_NONE)
        report_bad(csv_reader_file(d->reader), "no column is left to %s",
                   purpose);
}

void fit_data_plan(struct fit_data *d, const struct fit_options *options)
{
    struct buf notes = {0};
    struct err err = {0};

    report_check(label_check(&d->table, &err), &err);
    report_check(plan_rows(&d->plan, &d->table, options, &err), &err);
    plan_notes(&d->plan, options, &notes);
    report_notes(&notes);
    buf_release(&notes);
}

void fit_data_release(struct fit_data *d)
{
    plan_release(&d->plan);
    table_release(&d->table);
    schema_release(&d->schema);
    csv_reader_close(d->reader);
}
