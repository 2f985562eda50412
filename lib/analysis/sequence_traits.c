#include "analysis/sequence_traits.h"

#include <math.h>
#include <string.h>

void sequence_traits(const float *const *step, size_t steps, size_t c,
                     double out[SEQUENCE_TRAITS])
{
    double n = (double)steps, mean = 0;

    memset(out, 0, SEQUENCE_TRAITS * sizeof(*out));
    for (size_t s = 0; s < steps; s++)
        mean += (double)step[s][c] / n;
    for (size_t s = 0; s < steps; s++) {
        double x = (double)step[s][c] - mean;
        double last = s ? (double)step[s - 1][c] - mean : 0;
        out[TRAIT_SPREAD] += x * x / n;
        out[TRAIT_DRIFT] += x * ((2 * (double)s + 1) / n - 1) / n;
        if (s) {
            out[TRAIT_STEP] += fabs(x - last) / (n - 1);
            out[TRAIT_ECHO] += x * last / (n - 1);
        }
    }
    out[TRAIT_MEAN] = mean;
    out[TRAIT_SPREAD] = sqrt(out[TRAIT_SPREAD]);
    out[TRAIT_FIRST] = (double)step[0][c];
    out[TRAIT_LAST] = (double)step[steps - 1][c];
}
