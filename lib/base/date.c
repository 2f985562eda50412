#include "base/date.h"

/* What is left to read of a text. */
struct rest {
    const char *at, *end;
};

static bool is_next(struct rest *r, char sign)
{
    if (r->at == r->end || *r->at != sign)
        return false;
    r->at++;
    return true;
}

/* A number of exactly so many digits, in [low, high]. */
static bool read_number(struct rest *r, int digits, int low, int high,
                        int *value)
{
    *value = 0;
    for (; digits > 0; digits--, r->at++) {
        if (r->at == r->end || *r->at < '0' || *r->at > '9')
            return false;
        *value = *value * 10 + (*r->at - '0');
    }
    return *value >= low && *value <= high;
}

/* ---- days ---- */

/* Days since 1 March of year 0. */
static int64_t days_of(int year, int month, int day)
{
    int y = month > 2 ? year : year - 1, m = (month + 9) % 12;

    return 365 * y + y / 4 - y / 100 + y / 400 + (153 * m + 2) / 5 + day - 1;
}

static int days_in(int year, int month)
{
    return (int)(month < 12
                     ? days_of(year, month + 1, 1) - days_of(year, month, 1)
                     : 31);
}

static bool read_day(struct rest *r, int64_t *days, bool *whole)
{
    int year, month, day = 1;

    if (!read_number(r, 4, 1, 9999, &year) || !is_next(r, '-') ||
        !read_number(r, 2, 1, 12, &month))
        return false;
    *whole = is_next(r, '-');
    if (*whole && !read_number(r, 2, 1, days_in(year, month), &day))
        return false;
    *days = days_of(year, month, day);
    return true;
}

/* ---- times of day ---- */

/* What stands behind the point, in microseconds; further digits are cut. */
static bool read_fraction(struct rest *r, int64_t *micros)
{
    const char *first = r->at;
    int64_t unit = 100000;

    *micros = 0;
    for (; r->at < r->end && *r->at >= '0' && *r->at <= '9'; r->at++) {
        *micros += (*r->at - '0') * unit;
        unit /= 10;
    }
    return r->at > first;
}

/* Z, +HH:MM, -HH:MM or nothing: minutes that the clock is ahead. */
static bool read_zone(struct rest *r, int *minutes)
{
    bool behind = r->at < r->end && *r->at == '-';
    int hours;

    *minutes = 0;
    if (is_next(r, 'Z') || r->at == r->end)
        return true;
    if (!is_next(r, behind ? '-' : '+') || !read_number(r, 2, 0, 23, &hours) ||
        !is_next(r, ':') || !read_number(r, 2, 0, 59, minutes))
        return false;
    *minutes = (behind ? -1 : 1) * (*minutes + 60 * hours);
    return true;
}

static bool read_time(struct rest *r, int64_t *micros)
{
    int hour, minute, second = 0, ahead;
    int64_t fraction = 0;

    if (!read_number(r, 2, 0, 23, &hour) || !is_next(r, ':') ||
        !read_number(r, 2, 0, 59, &minute))
        return false;
    if (is_next(r, ':')) {
        if (!read_number(r, 2, 0, 60, &second)) /* 60: a leap second */
            return false;
        if (is_next(r, '.') && !read_fraction(r, &fraction))
            return false;
    }
    if (!read_zone(r, &ahead))
        return false;
    *micros = ((hour * 60 + minute - ahead) * INT64_C(60) + second) * 1000000 +
              fraction;
    return true;
}

bool date_parse(const char *text, size_t len, uint64_t *time)
{
    struct rest r = {text, text + len};
    int64_t days, micros = 0;
    bool whole;

    while (r.at < r.end && *r.at == ' ')
        r.at++;
    while (r.end > r.at && r.end[-1] == ' ')
        r.end--;
    if (!read_day(&r, &days, &whole))
        return false;
    if (whole && (is_next(&r, 'T') || is_next(&r, ' ')) &&
        !read_time(&r, &micros))
        return false;
    *time = (uint64_t)(days * (int64_t)DATE_DAY + micros);
    return r.at == r.end;
}
