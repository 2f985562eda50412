/*
 * date: points in time as ISO 8601 writes them.
 */
#ifndef BASE_DATE_H
#define BASE_DATE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define DATE_DAY UINT64_C(86400000000) /* microseconds */

/*
 * Reads YYYY-MM, which counts as its first day, or YYYY-MM-DD, with blanks
 * around it; behind a day there may be 'T' or a blank and HH:MM, HH:MM:SS or
 * HH:MM:SS.fraction, and behind that Z, +HH:MM or -HH:MM, a distance from
 * universal time, which is taken where there is none.
 *
 * Days are those of the proleptic Gregorian calendar from year 1 on: 2021-02-29
 * is none.  `time` is in microseconds from an arbitrary beginning, above
 * 300 days; later times are larger numbers.  False for anything else.
 */
bool date_parse(const char *text, size_t len, uint64_t *time);

#endif
