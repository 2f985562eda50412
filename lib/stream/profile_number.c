#include "stream/profile_number.h"

#include <math.h>
#include <stdbool.h>

#include "base/num.h"

/* Up to this power, 10^k is exact; so are whole numbers up to 2^53. */
enum { POWERS = 22 };
static const double MOST_WHOLE = 9007199254740992.;

static const double power[POWERS + 1] = {
    1e0,  1e1,  1e2,  1e3,  1e4,  1e5,  1e6,  1e7,  1e8,  1e9,  1e10, 1e11,
    1e12, 1e13, 1e14, 1e15, 1e16, 1e17, 1e18, 1e19, 1e20, 1e21, 1e22};

/* The multiple of 10^k next to v, if v's float comes out of it. */
static bool round_to(double v, int k, float x, double shift, double *rounded)
{
    double whole = nearbyint(k < 0 ? v * power[-k] : v / power[k]);

    if (fabs(whole) > MOST_WHOLE)
        return false;
    *rounded = k < 0 ? whole / power[-k] : whole * power[k];
    return (float)(*rounded - shift) == x;
}

/* v itself, which rounding may have moved off the float by one place. */
static double as_it_is(double v, float x, double shift)
{
    float got = (float)(v - shift);
    double other = nextafter(v, got < x ? INFINITY : -INFINITY);

    return got != x && (float)(other - shift) == x ? other : v;
}

/* Beyond the powers above, as small probabilities are. */
static double by_text(float x)
{
    char text[NUM_SIZE];
    size_t len = num_format_float(text, x);
    double value;

    return num_parse(text, len, &value) && (float)value == x ? value
                                                             : (double)x;
}

double profile_number(float x, double shift)
{
    double v = (double)x + shift, best, rounded,
           width = (double)(nextafterf(fabsf(x), INFINITY) - fabsf(x));
    int k = isfinite(width) ? (int)floor(log10(width)) : POWERS;

    if (x == 0)
        return shift;
    if (k < -POWERS || k >= POWERS)
        return shift == 0 ? by_text(x) : as_it_is(v, x, shift);
    /* Where 10^k has a multiple among them, so have lower powers. */
    if (!round_to(v, k, x, shift, &rounded) &&
        !round_to(v, --k, x, shift, &rounded))
        return as_it_is(v, x, shift);
    do
        best = rounded;
    while (++k <= POWERS && round_to(v, k, x, shift, &rounded));
    return best;
}
