#include "base/num.h"

#include <errno.h>
#include <locale.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/decimal.h"

enum { LONGEST_NUMBER = 400 };

static void trim(const char **text, size_t *len)
{
    while (*len && (**text == ' ' || **text == '\t')) {
        (*text)++;
        (*len)--;
    }
    while (*len && ((*text)[*len - 1] == ' ' || (*text)[*len - 1] == '\t'))
        (*len)--;
}

/* strtod accepts more than we do: hexadecimal, words, leading blanks. */
static bool decimal_alphabet(const char *text, size_t len)
{
    for (size_t i = 0; i < len; i++) {
        char c = text[i];
        if (!(c >= '0' && c <= '9') && c != '.' && c != '-' && c != '+' &&
            c != 'e' && c != 'E')
            return false;
    }
    return len > 0;
}

/* Numbers are written with a point whatever the program's locale says. */
static locale_t c_locale(void)
{
    static locale_t locale;

    if (!locale)
        locale = newlocale(LC_ALL_MASK, "C", NULL);
    return locale;
}

bool num_parse(const char *text, size_t len, double *value)
{
    char copy[LONGEST_NUMBER];
    char *end;
    double parsed;

    if (decimal_parse(text, len, value))
        return true;
    trim(&text, &len);
    if (decimal_parse(text, len, value))
        return true;
    if (len >= sizeof(copy) || !decimal_alphabet(text, len))
        return false;
    memcpy(copy, text, len);
    copy[len] = '\0';
    parsed = strtod_l(copy, &end, c_locale());
    if (end != copy + len || !isfinite(parsed))
        return false;
    *value = parsed;
    return true;
}

static bool is_word(const char *text, size_t len, const char *word)
{
    return len == strlen(word) && memcmp(text, word, len) == 0;
}

bool num_parse_any(const char *text, size_t len, double *value)
{
    if (num_parse(text, len, value))
        return true;
    trim(&text, &len);
    if (is_word(text, len, "inf"))
        *value = INFINITY;
    else if (is_word(text, len, "-inf"))
        *value = -INFINITY;
    else if (is_word(text, len, "nan"))
        *value = NAN;
    else
        return false;
    return true;
}

bool num_parse_long(const char *text, long low, long high, long *value)
{
    char *end;
    long parsed;

    if (*text != '-' && !(*text >= '0' && *text <= '9'))
        return false;
    errno = 0;
    parsed = strtol(text, &end, 10);
    if (end == text || *end || errno || parsed < low || parsed > high)
        return false;
    *value = parsed;
    return true;
}

static size_t format_special(char out[NUM_SIZE], double value)
{
    const char *word = isnan(value) ? "nan" : value > 0 ? "inf" : "-inf";

    return (size_t)snprintf(out, NUM_SIZE, "%s", word);
}

static void write_point(char *text)
{
    text += strspn(text, "+-0123456789");
    if (*text && *text != 'e')
        *text = '.';
}

size_t num_format(char out[NUM_SIZE], double value)
{
    size_t len = 0;

    if (!isfinite(value))
        return format_special(out, value);
    for (int digits = 15; digits <= 17; digits++) {
        len = (size_t)snprintf(out, NUM_SIZE, "%.*g", digits, value);
        if (strtod(out, NULL) == value)
            break;
    }
    write_point(out);
    return len;
}

size_t num_format_float(char out[NUM_SIZE], float value)
{
    size_t len = 0;

    if (!isfinite(value))
        return format_special(out, (double)value);
    for (int digits = 6; digits <= 9; digits++) {
        len = (size_t)snprintf(out, NUM_SIZE, "%.*g", digits, (double)value);
        if (strtof(out, NULL) == value)
            break;
    }
    write_point(out);
    return len;
}

/* By way of its decimal form: powers of ten are not exact. */
double num_round(double value, int digits)
{
    char text[NUM_SIZE];

    if (!isfinite(value))
        return value;
    snprintf(text, sizeof(text), "%.*e", digits - 1, value);
    return strtod(text, NULL);
}

const char *plural(size_t n)
{
    return n == 1 ? "" : "s";
}
