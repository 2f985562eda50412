/*
 * findings_result: findings as the result of a tool.
 */
#ifndef CLI_FINDINGS_RESULT_H
#define CLI_FINDINGS_RESULT_H

#include "cli/result.h"
#include "stream/finding.h"

/*
 * Fills rows with them and shows these.  What a person should be told besides
 * comes between this and the end.
 */
void findings_show(const struct findings *findings, struct rows *rows,
                   result_draw *draw, const struct args *args);

/*
 * Ends the result (result_finish; gates are on check and subject, and on
 * `value`) and releases the rows.  Returns the exit status: EXIT_GATE, too,
 * where `strict` and one of them is `fail`.
 */
int findings_finish(const struct findings *findings, struct rows *rows,
                    bool strict, const struct args *args);

#endif
