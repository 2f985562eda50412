#include "analysis/data_checks.h"

/* All but whether rows and labels belong together; raw may be NULL. */
static void check_the_rest(const struct table *table,
                           const struct raw_cells *raw, uint64_t seed,
                           struct findings *findings)
{
    check_giveaway(table, findings);
    check_spellings(table, findings);
    check_outliers(table, findings);
    check_columns(table, findings);
    check_missing(table, seed, findings);
    check_duplicates(table, raw, seed, findings);
    check_near(table, raw, seed, findings);
    check_labels(table, seed, findings);
    check_parts(table, raw, findings);
    check_shares(table, raw, seed, findings);
    check_levels(table, raw, findings);
}

int data_checks(const struct table *table, struct csv_reader *data,
                uint64_t seed, struct findings *findings, struct err *err)
{
    struct raw_cells raw;

    if (check_alignment(table, data, seed, findings, err) != 0 ||
        (data && raw_cells_read(&raw, table, data, err) != 0))
        return -1;
    check_the_rest(table, data ? &raw : NULL, seed, findings);
    if (data)
        raw_cells_release(&raw);
    return 0;
}
