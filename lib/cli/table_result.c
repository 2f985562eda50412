#include "cli/table_result.h"

#include "cli/report.h"
#include "cli/timings.h"

void table_open(struct prediction_reader *r, const struct list *columns,
                const struct args *args)
{
    struct buf notes = {0};
    struct err err = {0};

    timings_phase("read");
    report_check(prediction_reader_open(r, args->files, args->n_files,
                                        &args->csv, columns, &err),
                 &err);
    prediction_note_models(r, &notes);
    report_notes(&notes);
    buf_release(&notes);
}

int table_show(const struct prediction_table *table, void *sums,
               const struct prediction_reader *r, result_draw *draw,
               const struct args *args)
{
    struct buf notes = {0};
    struct rows rows, gates;
    struct err err = {0};
    int status;

    report_check(table->rows(sums, r, &rows, &notes, &err), &err);
    report_notes(&notes);
    buf_release(&notes);
    result_show(&rows, draw, args);
    if (table->gate_rows && args->n_gates) {
        table->gate_rows(sums, r, &gates);
        status = result_finish(&gates, table->keys, table->value, args);
        rows_release(&gates);
    } else {
        status = result_finish(&rows, table->keys, table->value, args);
    }
    rows_release(&rows);
    return status;
}
