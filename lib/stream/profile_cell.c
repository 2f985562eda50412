#include "stream/profile_cell.h"

#include <errno.h>
#include <float.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "base/num.h"

static int not_a(const char *what, const char *text, size_t len,
                 struct err *err)
{
    char quoted[ERR_QUOTE_SIZE];

    return err_set(err, ERR_DATA, "not %s: %s", what,
                   err_quote(quoted, sizeof(quoted), text, len));
}

int profile_cell_not(const char *what, const char *text, struct err *err)
{
    return not_a(what, text, strlen(text), err);
}

int profile_cell_next(const char **text, double *value, struct err *err)
{
    const char *begin = *text;
    size_t len = strcspn(begin, " ");

    if (!*begin)
        return 0;
    if (!num_parse(begin, len, value))
        return not_a("a number", begin, len, err);
    *text = begin + len;
    if (**text == ' ' && !*++*text)
        return not_a("a number", "", 0, err);
    return 1;
}

int profile_cell_numbers(const char *text, double *values, size_t n,
                         struct err *err)
{
    size_t found = 0;
    double value;
    int got;

    for (; (got = profile_cell_next(&text, &value, err)) == 1; found++)
        if (found < n)
            values[found] = value;
    if (got < 0)
        return -1;
    return found == n ? 0
                      : err_set(err, ERR_DATA, "%zu number%s, not %zu", found,
                                plural(found), n);
}

int profile_cell_floats(const char *text, float *values, size_t n,
                        struct err *err)
{
    const char *at = text;
    double value;

    for (size_t i = 0; i < n; i++) {
        int got = profile_cell_next(&at, &value, err);
        if (got < 0)
            return -1;
        if (!got || fabs(value) > (double)FLT_MAX)
            break;
        values[i] = (float)value;
        if (i + 1 == n && !*at)
            return 0;
    }
    return err_set(err, ERR_DATA, "not %zu number%s a float can hold", n,
                   plural(n));
}

int profile_cell_count(const char *text, double most, double *value,
                       struct err *err)
{
    if (num_parse(text, strlen(text), value) && *value >= 0 && *value <= most &&
        floor(*value) == *value)
        return 0;
    return profile_cell_not("a whole number", text, err);
}

int profile_cell_bits(const char *text, int base, uint64_t *value,
                      struct err *err)
{
    const char *digits = base == 16 ? "0123456789abcdef" : "0123456789";
    size_t len = strlen(text);

    errno = 0;
    *value = strtoull(text, NULL, base);
    if (!errno && len && strspn(text, digits) == len &&
        (base != 16 || len == 16))
        return 0;
    return profile_cell_not(
        base == 16 ? "a key of 16 digits" : "a whole number", text, err);
}
