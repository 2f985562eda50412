#include "cli/findings_result.h"

#include "cli/report.h"

void findings_show(const struct findings *findings, struct rows *rows,
                   result_draw *draw, const struct args *args)
{
    finding_rows(rows, findings);
    result_show(rows, draw, args);
}

int findings_finish(const struct findings *findings, struct rows *rows,
                    bool strict, const struct args *args)
{
    int status = result_finish(rows, "check,subject", "value", args);

    rows_release(rows);
    return status == 0 && strict && findings_count(findings, FINDING_FAIL)
               ? EXIT_GATE
               : status;
}
