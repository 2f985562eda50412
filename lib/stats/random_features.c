#include "stats/random_features.h"

#include <gsl/gsl_sort.h>
#include <math.h>
#include <stdlib.h>

#include "base/mem.h"
#include "base/rng.h"

enum { PAIRS = 1000 };

struct random_features {
    size_t width, features;
    float *direction; /* [features][width] */
    float *phase;     /* [features] */
};

static double median_distance(const float *x, size_t n, size_t width,
                              struct rng *rng)
{
    double distance[PAIRS];

    for (size_t i = 0; i < PAIRS; i++) {
        const float *a = x + rng_below(rng, n) * width;
        const float *b = x + rng_below(rng, n) * width;
        double sum = 0;
        for (size_t c = 0; c < width; c++) {
            double d = (double)a[c] - (double)b[c];
            sum += d * d;
        }
        distance[i] = sqrt(sum);
    }
    gsl_sort(distance, 1, PAIRS);
    return distance[PAIRS / 2];
}

struct random_features *random_features_new(const float *x, size_t n,
                                            size_t width, size_t features,
                                            uint64_t seed)
{
    static const double TAU = 6.283185307179586;
    struct random_features *m = mem_zalloc(1, sizeof(*m));
    struct rng rng;
    double scale;

    rng_init(&rng, seed, RNG_FEATURES);
    scale = median_distance(x, n, width, &rng) / 2;
    scale = scale > 0 ? 1 / scale : 1;
    *m = (struct random_features){.width = width, .features = features};
    m->direction = mem_alloc(features * width, sizeof(*m->direction));
    m->phase = mem_alloc(features, sizeof(*m->phase));
    for (size_t i = 0; i < features * width; i++)
        m->direction[i] = (float)(scale * rng_normal(&rng));
    for (size_t i = 0; i < features; i++)
        m->phase[i] = (float)(TAU * rng_uniform(&rng));
    return m;
}

void random_features_free(struct random_features *m)
{
    if (!m)
        return;
    free(m->direction);
    free(m->phase);
    free(m);
}

void random_features_of(const struct random_features *m, const float *x,
                        float *out)
{
    for (size_t i = 0; i < m->features; i++) {
        const float *w = m->direction + i * m->width;
        float sum = m->phase[i];
        for (size_t c = 0; c < m->width; c++)
            sum += w[c] * x[c];
        out[i] = cosf(sum);
    }
}
