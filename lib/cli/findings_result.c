#include "cli/findings_result.h"

#include "cli/report.h"

int findings_result(const struct findings *findings, result_draw *draw,
                    bool strict, const struct args *args)
{
    bool failed = findings_count(findings, FINDING_FAIL) > 0;
    struct rows rows;
    int status;

    finding_rows(&rows, findings);
    result_show(&rows, draw, args);
    status = result_finish(&rows, "check,subject", "value", args);
    rows_release(&rows);
    return status == 0 && strict && failed ? EXIT_GATE : status;
}
