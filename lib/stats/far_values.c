#include "stats/far_values.h"

#include <math.h>
#include <stdint.h>

enum { LEAST = 20, SHARE = 20, REPEATED = 3, STEPS = 5 };

static const double GAP = 4, GAP_IN_U = .8, FEW = 30, LEAST_REACH = 2,
                    CODE_GAP = 3, WORD_GAP = 1, SPIKE_GAP = .4,
                    SPIKE_WINDOW = .25;

/*
 * Numbers in rising order, seen from one end: `sign` -1 turns them round, so
 * that the far end is always the high one.
 */
struct view {
    const float *value;
    size_t n;
    double sign, middle, scale;
};

static double at(const struct view *v, size_t i)
{
    return v->sign *
           (double)(v->sign > 0 ? v->value[i] : v->value[v->n - 1 - i]);
}

/* The median distance from the middle of those that are not equal to it. */
static double find_scale(const float *value, size_t n, double middle)
{
    size_t low = 0, high, left;
    double distance = 0;

    while (low < n && (double)value[low] < middle)
        low++;
    high = low;
    while (high < n && (double)value[high] <= middle)
        high++;
    left = (low + n - high + 1) / 2;
    while (left--) {
        double below = low > 0 ? middle - (double)value[low - 1] : INFINITY,
               above = high < n ? (double)value[high] - middle : INFINITY;
        distance = fmin(below, above);
        if (below <= above)
            low--;
        else
            high++;
    }
    return distance;
}

static struct view view_of(const float *value, size_t n, double sign)
{
    double middle = n ? (double)value[n / 2] : 0;

    return (struct view){value, n, sign, sign * middle,
                         find_scale(value, n, middle)};
}

static double reach_of(const struct view *v, double edge)
{
    return fmax(edge - v->middle, LEAST_REACH * v->scale);
}

/* The largest set that is far, by its gap. */
static void find_set(const struct view *v, struct far_end *out)
{
    for (size_t i = 1; i <= v->n / SHARE; i++) {
        double nearest = at(v, v->n - i), edge = at(v, v->n - i - 1),
               reach = reach_of(v, edge), gap = nearest - edge, u;
        if (!(gap >= GAP * reach) || !(v->scale > 0))
            continue;
        u = asinh((edge - v->middle) / v->scale);
        if (asinh((nearest - v->middle) / v->scale) - u <
            (GAP_IN_U + FEW / (double)v->n) * fmax(u, asinh(LEAST_REACH)))
            continue;
        *out = (struct far_end){.n = i,
                                .value = at(v, v->n - 1),
                                .nearest = nearest,
                                .edge = edge,
                                .reach = gap / reach};
    }
}

/* ---- codes ---- */

/* As exact as the float of x - shift is. */
static bool is_number(double x, double shift, double number)
{
    return fabs(x - number) <= 1e-6 * (fabs(shift) + fabs(number)) + 1e-9;
}

static bool is_code_word(double x, double shift)
{
    static const double words[] = {-1,     -9,         65535,        32767,
                                   -32768, 2147483647, -2147483648.0};

    for (double nines = 99; nines < 1e12; nines = 10 * nines + 9)
        if (is_number(x, shift, nines) || is_number(x, shift, -nines))
            return true;
    for (size_t i = 0; i < sizeof(words) / sizeof(*words); i++)
        if (is_number(x, shift, words[i]))
            return true;
    return false;
}

/* The median step from one number to the next, at the end of the others: of
 * up to 100 different ones, the mean. */
static double usual_step(const struct view *v, size_t n)
{
    double last = at(v, n - 1);
    size_t steps = 0;

    for (size_t i = n - 1; i-- > 0 && steps < 100;)
        if (at(v, i) < last) {
            last = at(v, i);
            steps++;
        }
    return steps ? (at(v, n - 1) - last) / (double)steps : 0;
}

static bool is_spike(const struct view *rest, size_t rows, double gap)
{
    double edge = at(rest, rest->n - 1), from = edge - SPIKE_WINDOW * gap;
    size_t near = 0;

    while (near < rest->n && near <= rows &&
           at(rest, rest->n - 1 - near) >= from)
        near++;
    return near < rows && gap >= STEPS * usual_step(rest, rest->n);
}

static void find_code(const struct view *v, double shift, struct far_end *out)
{
    double code = at(v, v->n - 1), x = v->sign * code + shift, edge, gap, reach;
    struct view rest;
    bool word = is_code_word(x, shift), zero;
    size_t n = 0;

    while (n < v->n && at(v, v->n - 1 - n) >= code)
        n++;
    if (n < REPEATED || v->n - n < LEAST)
        return;
    rest = view_of(v->sign > 0 ? v->value : v->value + n, v->n - n, v->sign);
    edge = at(&rest, rest.n - 1);
    gap = code - edge;
    reach = reach_of(&rest, edge);
    zero = v->sign < 0 && is_number(x, shift, 0);
    if (!(rest.scale > 0) ||
        !(gap >= CODE_GAP * reach || (word && gap >= WORD_GAP * reach) ||
          ((word || zero) && gap >= SPIKE_GAP * reach &&
           is_spike(&rest, n, gap))))
        return;
    *out = (struct far_end){.n = n,
                            .value = code,
                            .nearest = code,
                            .edge = edge,
                            .reach = gap / reach,
                            .code = true};
}

/* ---- both ends ---- */

static struct far_end find_end(const struct view *v, double shift)
{
    struct far_end out = {0};

    find_set(v, &out);
    if (!out.n)
        find_code(v, shift, &out);
    else
        out.code = out.n >= REPEATED && !(out.value > out.nearest);
    out.value *= v->sign;
    out.nearest *= v->sign;
    out.edge *= v->sign;
    return out;
}

static double deviation(const float *value, size_t n)
{
    double mean = 0, m2 = 0;

    for (size_t i = 0; i < n; i++) {
        double d = (double)value[i] - mean;
        mean += d / (double)(i + 1);
        m2 += d * ((double)value[i] - mean);
    }
    return n ? sqrt(m2 / (double)n) : 0;
}

struct far_values far_values_find(const float *value, size_t n, double shift)
{
    struct far_values out = {.squeeze = 1};
    struct view high = view_of(value, n, 1), low = view_of(value, n, -1);

    if (n < LEAST)
        return out;
    out.high = find_end(&high, shift);
    out.low = find_end(&low, shift);
    if (out.low.n + out.high.n)
        out.squeeze = deviation(value + out.low.n, n - out.low.n - out.high.n) /
                      deviation(value, n);
    return out;
}
