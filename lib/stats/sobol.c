#include "stats/sobol.h"

#include <gsl/gsl_qrng.h>
#include <stdlib.h>
#include <string.h>

#include "base/mem.h"

enum { BITS = 30 }; /* of GSL's points */
static const double UNIT = 1. / (1u << BITS);

/* Digit b of a coordinate, counted from the lowest. */
struct scramble {
    uint32_t row[BITS]; /* the digits that digit b is the sum of */
    uint32_t shift;
};

struct sobol {
    size_t width, even; /* coordinates, those that are Sobol's */
    uint64_t seed;      /* of the coordinates that are not */
    gsl_qrng *points;
    size_t next; /* index of the next one of points */
    struct scramble scramble[SOBOL_MOST];
};

static void draw_scramble(struct scramble *s, struct rng *rng)
{
    const uint32_t all = (1u << BITS) - 1;

    for (int b = 0; b < BITS; b++) {
        uint32_t above = all & ~((2u << b) - 1);
        s->row[b] = ((uint32_t)rng_next(rng) & above) | 1u << b;
    }
    s->shift = (uint32_t)rng_next(rng) & all;
}

struct sobol *sobol_new(size_t width, struct rng *rng)
{
    struct sobol *s = mem_zalloc(1, sizeof(*s));

    s->width = width;
    s->even = width < SOBOL_MOST ? width : SOBOL_MOST;
    if (s->even) {
        s->points = gsl_qrng_alloc(gsl_qrng_sobol, (unsigned)s->even);
        if (!s->points)
            mem_exhausted();
    }
    for (size_t j = 0; j < s->even; j++)
        draw_scramble(&s->scramble[j], rng);
    s->seed = rng_next(rng);
    return s;
}

void sobol_free(struct sobol *s)
{
    if (s && s->points)
        gsl_qrng_free(s->points);
    free(s);
}

/* GSL leaves the point at zero out: its first one has index 1. */
static void plain_point(struct sobol *s, size_t index, double *out)
{
    if (index < s->next || s->next == 0) {
        gsl_qrng_init(s->points);
        s->next = 1;
    }
    memset(out, 0, s->even * sizeof(*out));
    for (; s->next <= index; s->next++)
        gsl_qrng_get(s->points, out);
}

static double scrambled(const struct scramble *s, double x)
{
    uint32_t digits = (uint32_t)(x / UNIT), y = s->shift;

    for (int b = 0; b < BITS; b++)
        y ^= (uint32_t)__builtin_parity(s->row[b] & digits) << b;
    return (y + .5) * UNIT;
}

void sobol_point(struct sobol *s, size_t index, double *out)
{
    struct rng rng;

    if (s->even)
        plain_point(s, index, out);
    for (size_t j = 0; j < s->even; j++)
        out[j] = scrambled(&s->scramble[j], out[j]);
    if (s->width == s->even)
        return;
    rng_init(&rng, s->seed, index);
    for (size_t j = s->even; j < s->width; j++)
        out[j] = rng_uniform(&rng);
}
