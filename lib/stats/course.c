#include "stats/course.h"

#include <math.h>
#include <stdbool.h>

static const double SMALL = .05, LARGE = 10, SWING = .2, SWING_LEAST = .02,
                    HIGHER = .05, NOISES = 3, MOVES = .01, SURE = .01,
                    SWINGS = .1;
enum { LAST = 3, MANY_SWINGS = 3 };

static const char *const names[] = {"undecided",  "falls", "plateaus",
                                    "oscillates", "up",    "explodes"};

const char *course_name(enum course_kind kind)
{
    return names[kind];
}

static double level_at_end(const double *loss, size_t n)
{
    size_t last = n / 10 > LAST ? n / 10 : LAST;

    return n < last ? trend_median(loss, n)
                    : trend_median(loss + n - last, last);
}

static void count_swings(struct course *c, const double *loss)
{
    int last = 0;

    for (size_t i = 1; i < c->n; i++) {
        double change = loss[i] - loss[i - 1];
        double large = fmax(SWING * (fabs(loss[i]) + fabs(loss[i - 1])) / 2,
                            SWING_LEAST * c->scale);
        int way = (change >= large) - (change <= -large);
        c->ups += way > 0;
        c->downs += way < 0;
        c->turns += way && last == -way;
        last = way ? way : last;
    }
}

/* Where the second half begins; the first of few losses is no trend. */
static size_t half_of(size_t n)
{
    return n - n / 2 >= COURSE_LEAST ? n / 2
           : n > COURSE_LEAST        ? n - COURSE_LEAST
                                     : 0;
}

static void measure(struct course *c, const double *loss)
{
    size_t n = c->n, half = half_of(n);

    if (isnan(c->scale))
        c->scale = fabs(loss[0]);
    for (size_t i = 1; i < n; i++)
        if (loss[i] < loss[c->best])
            c->best = i;
    c->first = loss[0];
    c->last = level_at_end(loss, n);
    c->least = loss[c->best];
    c->fallen = (c->first - c->last) / fabs(c->first);
    c->left = c->last / c->scale;
    c->noise = trend_noise(loss, n);
    c->all = trend_of(loss, n);
    c->late = trend_of(loss + half, n - half);
    c->since = trend_of(loss + c->best + 1, n - c->best - 1);
    count_swings(c, loss);
}

static bool explodes(const struct course *c)
{
    return c->last > LARGE * fmax(c->scale, fabs(c->first));
}

static bool goes_up(const struct course *c)
{
    return c->last > c->first + HIGHER * fabs(c->first) &&
           c->last > c->first + NOISES * c->noise && c->since.rises < SURE;
}

static bool oscillates(const struct course *c)
{
    double enough = fmax(MANY_SWINGS, SWINGS * (double)(c->n - 1));

    return c->left > SMALL && (double)c->ups >= enough &&
           (double)c->downs >= enough && c->turns >= MANY_SWINGS;
}

static bool falls(const struct course *c)
{
    double fall = -c->late.slope * (double)(c->n - half_of(c->n));

    return c->left <= SMALL ||
           (c->late.falls < SURE && fall > MOVES * fabs(c->last));
}

static enum course_kind kind_of(const struct course *c)
{
    if (c->n < COURSE_LEAST)
        return COURSE_UNDECIDED;
    if (explodes(c))
        return COURSE_EXPLODES;
    if (goes_up(c))
        return COURSE_UP;
    if (oscillates(c))
        return COURSE_OSCILLATES;
    return falls(c) ? COURSE_FALLS : COURSE_PLATEAUS;
}

struct course course_read(const double *loss, size_t n, double guess)
{
    struct course c = {.broken = n,
                       .scale = guess,
                       .first = NAN,
                       .last = NAN,
                       .least = NAN,
                       .fallen = NAN,
                       .left = NAN,
                       .noise = NAN};

    while (c.n < n && isfinite(loss[c.n]))
        c.n++;
    c.broken = c.n;
    if (c.n)
        measure(&c, loss);
    c.kind = c.broken < n ? COURSE_EXPLODES : kind_of(&c);
    return c;
}
