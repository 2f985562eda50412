#include "nn/initialise.h"

#include <math.h>

static double deviation_of(const struct weight_init *w, enum init init,
                           size_t fan_in, size_t fan_out)
{
    double in = (double)(fan_in ? fan_in : 1), both = in + (double)fan_out;

    if (init == INIT_GLOROT_NORMAL || init == INIT_GLOROT_UNIFORM)
        return sqrt(2 / both);
    return w->gain / sqrt(in);
}

void initialise(real *w, size_t rows, size_t cols, size_t stride, size_t fan_in,
                size_t fan_out, const struct weight_init *how, struct rng *rng)
{
    enum init init = how->init;
    double deviation, uniform;

    if (init == INIT_AUTO)
        init = how->gain > 1 ? INIT_HE_NORMAL : INIT_GLOROT_NORMAL;
    deviation = deviation_of(how, init, fan_in, fan_out);
    uniform = deviation * sqrt(3);
    for (size_t i = 0; i < rows; i++)
        for (size_t j = 0; j < cols; j++)
            switch (init) {
            case INIT_HE_NORMAL:
            case INIT_GLOROT_NORMAL:
                w[i * stride + j] = (real)(deviation * rng_normal(rng));
                break;
            case INIT_HE_UNIFORM:
            case INIT_GLOROT_UNIFORM:
                w[i * stride + j] =
                    (real)(uniform * (2 * rng_uniform(rng) - 1));
                break;
            default:
                w[i * stride + j] = 0;
            }
}
