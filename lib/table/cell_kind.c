#include "table/cell_kind.h"

#include <stdbool.h>
#include <stdint.h>
#include <string.h>

#include "base/date.h"

enum { LONGEST = 40, SUFFIX = 8, SIGNS = 4, THOUSANDS = 3 };

/* What is left of a cell; at its end *s is NUL. */
struct rest {
    const char *s, *end;
};

static bool is_digit(char c)
{
    return c >= '0' && c <= '9';
}

static bool is_letter(char c)
{
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/* Part of a character that is not ASCII: a letter, or a sign such as a euro. */
static bool is_beyond(char c)
{
    return (unsigned char)c >= 0x80;
}

static size_t digits_at(struct rest r)
{
    size_t n = 0;

    while (r.s + n < r.end && is_digit(r.s[n]))
        n++;
    return n;
}

static size_t letters_at(struct rest r)
{
    size_t n = 0;

    while (r.s + n < r.end && is_letter(r.s[n]))
        n++;
    return n;
}

static void skip_blanks(struct rest *r)
{
    while (r->s < r->end && *r->s == ' ')
        r->s++;
}

/* ---- numbers with something around them ---- */

/* "c. ", "EUR ", "$", a minus. */
static bool skip_prefix(struct rest *r)
{
    size_t letters = letters_at(*r), signs = 0;

    if (letters) {
        char next = r->s[letters];
        if (!(letters <= 2 && next == '.') && !(letters == 3 && next == ' '))
            return false;
        for (size_t i = 0; i < letters && next == ' '; i++)
            if (r->s[i] > 'Z')
                return false;
        r->s += letters + 1;
    }
    while (r->s < r->end && (is_beyond(*r->s) || strchr("$<>~+#", *r->s))) {
        r->s++;
        signs++;
    }
    skip_blanks(r);
    if (r->s < r->end && *r->s == '-')
        r->s++;
    return signs <= SIGNS;
}

/* Digits, groups of thousands, a fraction. */
static bool skip_number(struct rest *r)
{
    size_t n = digits_at(*r);

    if (!n)
        return false;
    r->s += n;
    while (r->s + 1 < r->end && strchr(".,' ", *r->s) && is_digit(r->s[1])) {
        struct rest behind = {r->s + 1, r->end};
        n = digits_at(behind);
        if (n != THOUSANDS && strchr("' ", *r->s))
            break;
        r->s += n + 1;
        if (n != THOUSANDS)
            break;
    }
    return true;
}

static bool is_suffix(struct rest r)
{
    bool attached = r.s < r.end && *r.s != ' ';

    skip_blanks(&r);
    if (r.end - r.s > SUFFIX)
        return false;
    if (attached && r.end - r.s == 1 && is_letter(*r.s))
        return strchr("mglhskKMFCVW", *r.s) != NULL;
    for (; r.s < r.end; r.s++)
        if (!is_letter(*r.s) && !is_beyond(*r.s) && !strchr("%./?\"'", *r.s))
            return false;
    return true;
}

static bool is_measure(struct rest r)
{
    return skip_prefix(&r) && skip_number(&r) && is_suffix(r);
}

/* ---- dates, ranges ---- */

static bool is_other_date(struct rest r)
{
    size_t day = digits_at(r), month, year;
    char mark;

    if (day < 1 || day > 2 || r.s + day == r.end)
        return false;
    mark = r.s[day];
    r.s += day + 1;
    month = digits_at(r);
    if (!strchr("/.-", mark) || month < 1 || month > 2 ||
        r.s + month == r.end || r.s[month] != mark)
        return false;
    r.s += month + 1;
    year = digits_at(r);
    return (year == 2 || year == 4) &&
           (r.s + year == r.end || r.s[year] == ' ');
}

/* Behind a prefix, such as c. */
static bool is_range(struct rest r)
{
    static const char dash[] = "\xe2\x80\x93";
    size_t marks = 0;

    if (!digits_at(r) && !strchr("-[", *r.s) && !skip_prefix(&r))
        return false;
    while (r.s < r.end) {
        bool mark = strchr("-/:?[]", *r.s) != NULL;
        if (is_digit(*r.s) || *r.s == ' ' || mark)
            r.s++;
        else if (r.end - r.s >= 3 && memcmp(r.s, dash, 3) == 0)
            r.s += 3;
        else
            return false;
        marks += mark || is_beyond(r.s[-1]);
    }
    return marks > 0;
}

enum cell_kind cell_kind(const char *text, size_t len)
{
    struct rest r = {text, text + len};
    bool digits = false;
    uint64_t time;

    if (len > LONGEST)
        return CELL_OTHER;
    for (size_t i = 0; i < len && !digits; i++)
        digits = is_digit(text[i]);
    if (!digits)
        return CELL_OTHER;
    if (date_parse(text, len, &time))
        return CELL_ISO_DATE;
    if (is_other_date(r))
        return CELL_OTHER_DATE;
    if (is_range(r))
        return CELL_RANGE;
    return is_measure(r) ? CELL_MEASURE : CELL_OTHER;
}
