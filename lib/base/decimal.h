/*
 * decimal: the digits of a number to the nearest double, as strtod rounds.
 *
 * Up to 15 digits and 22 powers of ten are exact doubles, and one division or
 * product rounds right (Clinger 1990); up to 19 digits and 64 powers of ten by
 * a product of 128 bits (Lemire, "Number parsing at a gigabyte per second",
 * 2021; that it always is enough: Mushtak and Lemire 2022).
 */
#ifndef BASE_DECIMAL_H
#define BASE_DECIMAL_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum { DECIMAL_POWER = 64 };

/*
 * A sign, digits with a point among, before or behind them, an exponent.
 * False where text[0..len) is anything else or beyond those limits, which says
 * nothing: then ask strtod.
 */
bool decimal_parse(const char *text, size_t len, double *value);

#endif
