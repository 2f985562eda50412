#include "analysis/data_checks.h"

void data_checks(const struct table *table, const struct raw_cells *raw,
                 uint64_t seed, struct findings *findings)
{
    check_alignment(table, seed, findings);
    check_giveaway(table, findings);
    check_spellings(table, findings);
    check_outliers(table, findings);
    check_columns(table, findings);
    check_missing(table, seed, findings);
    check_duplicates(table, raw, seed, findings);
    check_near(table, raw, seed, findings);
    check_parts(table, raw, findings);
    check_shares(table, raw, seed, findings);
    check_levels(table, findings);
    check_labels(table, seed, findings);
}
