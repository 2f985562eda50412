/*
 * findings_result: findings as the result of a tool.
 */
#ifndef CLI_FINDINGS_RESULT_H
#define CLI_FINDINGS_RESULT_H

#include "cli/result.h"
#include "stream/finding.h"

/*
 * Shows them and ends the result (result_show, result_finish; gates are on
 * check and subject, and on `value`).  Returns the exit status: EXIT_GATE, too,
 * where `strict` and one of them is `fail`.
 */
int findings_result(const struct findings *findings, result_draw *draw,
                    bool strict, const struct args *args);

#endif
