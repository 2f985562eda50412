#include "stream/curve.h"

#include "base/num.h"

enum { DIGITS = 6 };

void curve_init(struct rows *rows, const struct run_columns *run)
{
    rows_init(rows, "epoch,split,loss,error,learning_rate,grad_norm,"
                    "update_ratio,dead,warning");
    run_columns_add(rows, run);
}

/* A curve is looked at, and its last digits are noise. */
static double rounded(double value)
{
    return num_round(value, DIGITS);
}

void curve_add(struct rows *rows, const struct run_columns *run,
               const struct curve_row *row)
{
    rows_count(rows, row->epoch);
    rows_text(rows, row->split);
    rows_number(rows, rounded(row->loss));
    rows_number(rows, rounded(row->error));
    rows_number(rows, row->learning_rate);
    rows_number(rows, rounded(row->grad_norm));
    rows_number(rows, rounded(row->update_ratio));
    rows_number(rows, rounded(row->dead));
    rows_text(rows, row->warning);
    run_id_add(rows, run, &row->run);
}
