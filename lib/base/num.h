/*
 * num: numbers to text and back, the same in every locale.
 */
#ifndef BASE_NUM_H
#define BASE_NUM_H

#include <stdbool.h>
#include <stddef.h>

#define NUM_SIZE 32 /* bytes that hold any formatted number and its NUL */

/*
 * Reads a finite decimal number (sign, digits, point, exponent; blanks around
 * it allowed) that fills text[0..len).  False for anything else: hexadecimal,
 * "nan", "inf", a trailing word, a value beyond the range of double.
 */
bool num_parse(const char *text, size_t len, double *value);

/* As num_parse, but "inf", "-inf" and "nan" are values too. */
bool num_parse_any(const char *text, size_t len, double *value);

/* A whole number in [low, high] that fills the NUL-terminated text. */
bool num_parse_long(const char *text, long low, long high, long *value);

/*
 * The shortest of %.{15,16,17}g (double) or %.{6..9}g (float) that reads back
 * to the same value; "inf", "-inf", "nan" for the rest.  Returns the length.
 */
size_t num_format(char out[NUM_SIZE], double value);
size_t num_format_float(char out[NUM_SIZE], float value);

/*
 * The number of `digits` significant decimal digits (1 to 17) that is nearest
 * to the value: num_format writes no more of them.
 */
double num_round(double value, int digits);

/* "" for 1, else "s": "%zu row%s". */
const char *plural(size_t n);

#endif
