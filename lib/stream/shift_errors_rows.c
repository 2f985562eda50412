#include "stream/shift_errors.h"

static void add_names(const struct shift_errors *e,
                      const struct error_slice *slice, struct rows *rows)
{
    struct buf name = {0}, value = {0};

    slice_column_name(&e->columns[slice->column], &name);
    slice_column_level(&e->columns[slice->column], slice->level, &value);
    if (slice->other != SLICE_NONE) {
        buf_add_text(&name, SLICE_AND);
        buf_add_text(&value, SLICE_AND);
        slice_column_name(&e->columns[slice->other], &name);
        slice_column_level(&e->columns[slice->other], slice->other_level,
                           &value);
    }
    rows_text(rows, name.data);
    rows_text(rows, value.data);
    buf_release(&name);
    buf_release(&value);
}

static void add_part(const struct extra_part *part, struct rows *rows)
{
    rows_number(rows, part->value);
    rows_number(rows, part->ci.low);
    rows_number(rows, part->ci.high);
}

static void add_numbers(const struct extra_counts *counts,
                        const struct extra_error *e, double p_adjusted,
                        struct rows *rows)
{
    rows_count(rows, counts->n[1]);
    rows_number(rows, e->error[1]);
    rows_number(rows, e->error_ci.low);
    rows_number(rows, e->error_ci.high);
    rows_number(rows, e->share[1]);
    rows_number(rows, e->excess.value);
    rows_number(rows, e->excess.p);
    rows_number(rows, p_adjusted);
    rows_number(rows, e->excess.ci.low);
    rows_number(rows, e->excess.ci.high);
    add_part(&e->by_share, rows);
    add_part(&e->by_rate, rows);
    rows_count(rows, counts->n[0]);
    rows_number(rows, e->error[0]);
    rows_number(rows, e->share[0]);
    rows_number(rows, e->by_share.p);
    rows_number(rows, e->by_rate.p);
}

void shift_errors_rows(const struct shift_errors *e, struct rows *rows)
{
    rows_init(rows, "slice,value,n,error,low,high,share,excess,p_value,"
                    "p_adjusted,excess_low,excess_high,by_share,by_share_low,"
                    "by_share_high,by_rate,by_rate_low,by_rate_high,"
                    "n_reference,error_reference,share_reference,p_share,"
                    "p_rate");
    rows_text(rows, "total");
    rows_text(rows, "");
    add_numbers(&e->all, &e->total, e->total.excess.p, rows);
    for (size_t i = 0; i < e->n_slices; i++) {
        add_names(e, &e->slices[i], rows);
        add_numbers(&e->slices[i].counts, &e->slices[i].extra,
                    e->slices[i].p_adjusted, rows);
    }
}
