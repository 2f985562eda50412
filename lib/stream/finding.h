/*
 * finding: what a test found, with its evidence and what to do about it.
 *
 *     check,subject,status,value,limit,p_value,p_adjusted,effect,low,high,
 *         detectable,test,n_reference,n_current,advice
 *
 * subject is the column, partition, class, block of rows or window that it is
 * about.  Cells that mean nothing to a check are empty.
 */
#ifndef STREAM_FINDING_H
#define STREAM_FINDING_H

#include <stddef.h>

#include "csv/rows.h"
#include "stats/interval.h"

/* In the order in which they are written. */
enum finding_status {
    FINDING_FAIL,
    FINDING_WARN,
    FINDING_UNDECIDED,
    FINDING_OK,
    FINDING_STATUSES
};

/*
 * Numbers that are not known are NaN: begin with finding_of.  value: what was
 * measured; limit: what it was held against; effect, ci: how much it matters;
 * detectable: the least effect that so many rows could have shown.  Texts are
 * copied when it is added.
 */
struct finding {
    const char *check, *subject;
    enum finding_status status;
    double value, limit, p, p_adjusted, effect;
    struct interval ci;
    double detectable;
    const char *test;
    double n_reference, n_current;
    const char *advice;
};

struct finding finding_of(const char *check, const char *subject,
                          enum finding_status status);

/* {0} is empty. */
struct findings {
    struct finding *at;
    size_t n, capacity;
};

void findings_add(struct findings *findings, const struct finding *finding);
void findings_release(struct findings *findings);

/*
 * What one check found of several things, `noun` ("columns"): adds those that
 * are not ok, at most ten, the worst first by status and size of effect, in the
 * order in which they came where these are equal; of several, the first one's
 * advice says how many there are.  Where all is well it adds `ok`, or if that
 * is NULL the first of those that are, of "all columns" where there are
 * several. Releases `found`.
 */
void findings_add_worst(struct findings *findings, struct findings *found,
                        const char *noun, const struct finding *ok);

/* The rows, the most serious first, and in the order in which they came. */
void finding_rows(struct rows *rows, const struct findings *findings);

/* How many have that status. */
size_t findings_count(const struct findings *findings,
                      enum finding_status status);

/* "fail", "warn", "undecided", "ok". */
const char *finding_status_name(enum finding_status status);

#endif
