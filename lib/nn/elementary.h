/*
 * elementary: exponentials free of branches and calls, so that a loop of them
 * becomes vectors (base/simd.h).  In a double-precision build they are the C
 * library's.
 *
 * Largest errors over all finite x, in units of the last place (tested):
 *     exp_of  2 (for results below 2^-126: 2^-126)
 *     expm1_of, tanh_of, sigmoid_of  3
 *     normal_cdf_of  an absolute 4e-7
 */
#ifndef NN_ELEMENTARY_H
#define NN_ELEMENTARY_H

#include <math.h>
#include <stdint.h>
#include <string.h>

#include "nn/real.h"

#ifdef NN_DOUBLE

static inline real exp_of(real x)
{
    return exp(x);
}

static inline real expm1_of(real x)
{
    return expm1(x);
}

static inline real tanh_of(real x)
{
    return tanh(x);
}

static inline real sigmoid_of(real x)
{
    return 1 / (1 + exp(-x));
}

static inline real normal_cdf_of(real x)
{
    return .5 * erfc(-x * M_SQRT1_2);
}

#else

/*
 * e^x = power (1 + rest): x = k ln 2 + r, |r| <= ln 2 / 2, and Taylor's series
 * for e^r - 1.  x is brought into the range in which power is an ordinary
 * number.
 */
static inline void exp_split(float x, float *power, float *rest)
{
    const float round = 0x1.8p23f; /* adding it leaves k in the low bits */
    float limited = x > 88.3f    ? 88.3f
                    : x < -87.3f ? -87.3f
                                 : x,
          shifted = limited * (float)M_LOG2E + round, r, p;
    uint32_t bits;

    memcpy(&bits, &shifted, sizeof(bits));
    bits = (bits + 127) << 23;
    memcpy(power, &bits, sizeof(*power)); /* 2^k */
    shifted -= round;
    r = limited - shifted * 0x1.63p-1f + shifted * 2.12194440e-4f; /* ln 2 */
    p = 1.f / 5040;
    p = p * r + 1.f / 720;
    p = p * r + 1.f / 120;
    p = p * r + 1.f / 24;
    p = p * r + 1.f / 6;
    p = p * r + .5f;
    *rest = p * r * r + r;
}

/* Above 88.3 it stays what it is there, 2.2e38. */
static inline float exp_of(float x)
{
    float power, rest;

    exp_split(x, &power, &rest);
    return power + power * rest;
}

static inline float expm1_of(float x)
{
    float power, rest;

    exp_split(x, &power, &rest);
    return (power - 1) + power * rest;
}

static inline float tanh_of(float x)
{
    float e = expm1_of(2 * x);

    return e / (e + 2);
}

static inline float sigmoid_of(float x)
{
    return 1 / (1 + exp_of(-x));
}

/* Abramowitz & Stegun 1964, 7.1.26. */
static inline float normal_cdf_of(float x)
{
    float z = fabsf(x) * (float)M_SQRT1_2, t = 1 / (1 + .3275911f * z), p, tail;

    p = 1.061405429f;
    p = p * t - 1.453152027f;
    p = p * t + 1.421413741f;
    p = p * t - .284496736f;
    p = p * t + .254829592f;
    tail = .5f * p * t * exp_of(-z * z);
    return x > 0 ? 1 - tail : tail;
}

#endif

#endif
